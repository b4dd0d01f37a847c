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

/** Leads while its connection lives. */
export const createLeadership = (connectionString: string, log: Logger): Leadership =>
  new LockOfConnection(connectionString, log);

class LockOfConnection implements Leadership {
  private readonly connectionString: string;
  private readonly log: Logger;
  private client: pg.Client | undefined;
  private isLeader = false;
  private listener = (): void => {};

  constructor(connectionString: string, log: Logger) {
    this.connectionString = connectionString;
    this.log = log;
  }

  async check(): Promise<boolean> {
    try {
      this.client ??= await this.connect();
      // Asked again while leading, this only proves that the connection, and so the lock, still lives.
      const { rows } = await this.client.query<{ leads: boolean }>(
        this.isLeader ? 'SELECT true AS leads' : `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS leads`,
      );
      if (rows[0]!.leads && !this.isLeader) this.log.info('now the exporter');
      this.isLeader = rows[0]!.leads;
    } catch (error) {
      this.log.warn({ reason: messageOf(error) }, 'leadership unknown');
      await this.resign();
    }
    return this.isLeader;
  }

  onWork(listener: () => void): void {
    this.listener = listener;
  }

  async resign(): Promise<void> {
    const lost = this.client;
    this.client = undefined;
    if (this.isLeader) this.log.info('no longer the exporter');
    this.isLeader = false;
    await lost?.end().catch(() => {});
  }

  private async connect(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString: this.connectionString,
      application_name: 'analytics-leader',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    fresh.on('error', (error) => {
      this.log.warn({ reason: messageOf(error) }, 'leader connection lost');
      if (this.client === fresh) void this.resign();
      this.listener();
    });
    await fresh.connect();
    fresh.on('notification', () => this.listener());
    await fresh.query(`LISTEN ${WORK_CHANNEL}`);
    // Notifications may have been missed until now.
    this.listener();
    return fresh;
  }
}
