// One relay per schema: an advisory lock on a connection of its own, which also hears the notifications of new rows. Two
// relays may overlap when a connection hangs; that publishes twice, and consumers have inboxes.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Pool, PoolClient } from '../postgres/database.ts';
import { quotedSchema } from '../postgres/schema-names.ts';

/** First half of the lock's key; the second is a hash of the schema. */
const LOCK_CLASS = 7_203_003;

export interface RelayLeadership {
  /** The leader's connection, waited for; undefined when another process still leads after a while, or the database is away. */
  lead(): Promise<PoolClient | undefined>;
  /** Ends the waiting for the lead. */
  waitNoMore(): void;
  /** Gives the lead back. With an error the connection is taken for broken. */
  resign(error?: unknown): Promise<void>;
}

/** @param onRows called when a transaction with new rows has committed, in whichever process */
export function createRelayLeadership(
  pool: Pool,
  schema: string,
  log: Logger,
  onRows: () => void,
): RelayLeadership {
  let leader: PoolClient | undefined;
  const waiting: Waiting = { isOver: false };

  return {
    lead: async () => {
      if (leader || waiting.isOver) return leader;
      try {
        leader = await takeLead(pool, schema, onRows, waiting);
        if (leader) log.info({ schema }, 'now the relay of the outbox');
      } catch (error) {
        if (waiting.isOver) return undefined;
        log.warn({ schema, reason: messageOf(error) }, 'relay leadership unknown');
        await sleep(UNKNOWN_PAUSE_MS);
      }
      return leader;
    },
    waitNoMore: () => {
      waiting.isOver = true;
      // Destroyed: the server is still at work on its query.
      waiting.client?.release(true);
      delete waiting.client;
    },
    resign: async (error) => {
      const client = leader;
      leader = undefined;
      if (!client) return;
      log.info({ schema }, 'no longer the relay of the outbox');
      client.off('notification', onRows);
      if (error === undefined) await unlock(client);
      // Never reused: it still listens, and what is left of a lock goes with the connection.
      client.release(true);
    },
  };
}

/** A connection that waits for the lock. */
interface Waiting {
  client?: PoolClient;
  isOver: boolean;
}

/** Who stands by waits in the database, not by asking again and again: it leads the moment the leader is gone. */
const LOCK_WAIT_MS = 8_000;
const UNKNOWN_PAUSE_MS = 1_000;
/** SQLSTATE lock_not_available. */
const STILL_LOCKED = '55P03';

/** A connection that holds the lock and listens; undefined while another one holds it. */
async function takeLead(
  pool: Pool,
  schema: string,
  onRows: () => void,
  waiting: Waiting,
): Promise<PoolClient | undefined> {
  const client = await pool.connect();
  waiting.client = client;
  try {
    if (!(await lockWithin(client, schema))) {
      client.release();
      return undefined;
    }
    client.on('notification', onRows);
    // Whoever waits for rows learns that nothing tells of them any more.
    client.on('error', onRows);
    await client.query(`LISTEN ${quotedSchema(`outbox_${schema}`)}`);
    return client;
  } catch (error) {
    // Released already, where the waiting was ended.
    if (waiting.client) client.release(error as Error);
    throw error;
  } finally {
    delete waiting.client;
  }
}

/** Whether the lock is the connection's, for as long as it lives. */
async function lockWithin(client: PoolClient, schema: string): Promise<boolean> {
  await client.query('BEGIN');
  try {
    // Shorter than the pool's limit of a statement, which takes a connection for broken.
    await client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
    await client.query('SELECT pg_advisory_lock($1, hashtext($2))', [LOCK_CLASS, schema]);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== STILL_LOCKED) throw error;
    await client.query('ROLLBACK');
    return false;
  }
}

/** A connection that is destroyed frees its lock only when the server notices; asked for, it is free at once. */
async function unlock(client: PoolClient): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_unlock_all()');
  } catch {
    // Broken: then the lock is gone or goes with it.
  }
}
