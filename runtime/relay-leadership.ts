// One relay per schema: an advisory lock on a connection of its own, which also hears the notifications of new rows. Two
// relays may overlap when a connection hangs; that publishes twice, and consumers have inboxes.
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import type { Pool, PoolClient } from './postgres.ts';
import { quotedSchema } from './schema-names.ts';

/** First half of the lock's key; the second is a hash of the schema. */
const LOCK_CLASS = 7_203_003;

export interface RelayLeadership {
  /** The leader's connection, or undefined while another process leads or the database is away. */
  lead(): Promise<PoolClient | undefined>;
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

  return {
    lead: async () => {
      if (leader) return leader;
      try {
        leader = await takeLead(pool, schema, onRows);
        if (leader) log.info({ schema }, 'now the relay of the outbox');
      } catch (error) {
        log.warn({ schema, reason: messageOf(error) }, 'relay leadership unknown');
      }
      return leader;
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

/** A connection that holds the lock and listens; undefined while another one holds it. */
async function takeLead(pool: Pool, schema: string, onRows: () => void): Promise<PoolClient | undefined> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ leads: boolean }>(
      'SELECT pg_try_advisory_lock($1, hashtext($2)) AS leads',
      [LOCK_CLASS, schema],
    );
    if (!rows[0]?.leads) {
      client.release();
      return undefined;
    }
    client.on('notification', onRows);
    await client.query(`LISTEN ${quotedSchema(`outbox_${schema}`)}`);
    return client;
  } catch (error) {
    client.release(error as Error);
    throw error;
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
