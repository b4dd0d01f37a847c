// One exporter at a time: an advisory lock on a connection of its own. A leader that hangs may overlap with the next one;
// that is harmless, since every write of an exporter may be repeated and none takes a revision back.
import pg from 'pg';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import { WORK_CHANNEL } from '../state.sql.ts';

const LOCK_KEY = 7_203_002;

export interface Leadership {
  /** Whether this process leads now; takes the lead when it is free. */
  check(): Promise<boolean>;
  /** Calls back when a worker has committed, and when that may have been missed. One listener. */
  onWork(listener: () => void): void;
  resign(): Promise<void>;
}

export function createLeadership(connectionString: string, log: Logger): Leadership {
  let client: pg.Client | undefined;
  let isLeader = false;
  let onWork = (): void => {};

  const forget = async (): Promise<void> => {
    const lost = client;
    client = undefined;
    if (isLeader) log.info('no longer the exporter');
    isLeader = false;
    await lost?.end().catch(() => {});
  };

  const connect = async (): Promise<pg.Client> => {
    const fresh = new pg.Client({
      connectionString,
      application_name: 'analytics-leader',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    fresh.on('error', (error) => {
      log.warn({ reason: messageOf(error) }, 'leader connection lost');
      if (client === fresh) void forget();
      onWork();
    });
    await fresh.connect();
    fresh.on('notification', () => onWork());
    await fresh.query(`LISTEN ${WORK_CHANNEL}`);
    onWork();
    return fresh;
  };

  return {
    check: async () => {
      try {
        client ??= await connect();
        // Asked again while leading, this only proves that the connection, and so the lock, still lives.
        const { rows } = await client.query<{ leads: boolean }>(
          isLeader ? 'SELECT true AS leads' : `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS leads`,
        );
        if (rows[0]!.leads && !isLeader) log.info('now the exporter');
        isLeader = rows[0]!.leads;
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'leadership unknown');
        await forget();
      }
      return isLeader;
    },
    onWork: (listener) => {
      onWork = listener;
    },
    resign: forget,
  };
}
