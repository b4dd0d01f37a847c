// One process at a time, by an advisory lock of Postgres that a connection holds. Two forms: `createLeadership` for as long as the
// connection lives, `runExclusively` for the length of one piece of work. A leader whose connection hangs may overlap with the next one:
// what a leader does must be harmless when it is done twice.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Pool, PoolClient } from './database.ts';
import { quotedSchema } from './schema-names.ts';

/** The key of a lock: one number, or a class of locks and a name within it. */
export type LockKey = number | readonly [lockClass: number, name: string];

/** The key as the arguments of Postgres's lock functions. */
const argumentsOf = (key: LockKey) =>
  typeof key === 'number' ? { sql: '$1', values: [key] } : { sql: '$1::int, hashtext($2)', values: [...key] };

export interface LeadershipOptions {
  /** One of its connections is kept while this process leads or waits for the lead. */
  readonly pool: Pool;
  readonly key: LockKey;
  /** What the leader is, for the log: `now the <role>`. */
  readonly role: string;
  /** More facts for the log. @default none */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** A channel of NOTIFY that the leader listens to. */
  readonly channel: string;
  /** Called for each notification, when this process begins to lead, and when its connection breaks. */
  readonly onNews: () => void;
  readonly log: Logger;
  /** Longest wait of one `lead()`; shorter than the pool's limit of a statement. @default 8_000 */
  readonly lockWaitMs?: number;
}

export interface Leadership {
  /** The leader's connection, waited for; undefined when another process still leads after a while, or the database is away. */
  lead(): Promise<PoolClient | undefined>;
  /** As `lead()`, and while this process leads asks its connection whether it still lives. */
  confirm(): Promise<boolean>;
  /** Stops waiting to become leader. */
  waitNoMore(): void;
  /** Gives the lead back. With an error the connection counts as broken. */
  resign(error?: unknown): Promise<void>;
}

/** Takes part in the election of the one leader of a key; nothing is asked of the database before `lead()`. */
export const createLeadership = (options: LeadershipOptions): Leadership => new LockHolder(options);

const LOCK_WAIT_MS = 8_000;
/** After a failure whose cause may last. */
const UNKNOWN_PAUSE_MS = 1_000;
/** SQLSTATE lock_not_available. */
const STILL_LOCKED = '55P03';

class LockHolder implements Leadership {
  private readonly options: LeadershipOptions;
  private leader: PoolClient | undefined;
  /** The connection that waits for the lock. */
  private waiting: PoolClient | undefined;
  private isOver = false;

  constructor(options: LeadershipOptions) {
    this.options = options;
  }

  async lead(): Promise<PoolClient | undefined> {
    if (this.leader || this.isOver) return this.leader;
    const { log, role, facts, onNews } = this.options;
    try {
      this.leader = await this.take();
    } catch (error) {
      if (this.isOver) return undefined;
      log.warn({ ...facts, role, reason: messageOf(error) }, 'leadership unknown');
      await sleep(UNKNOWN_PAUSE_MS);
    }
    if (!this.leader) return undefined;
    log.info({ ...facts }, `now the ${role}`);
    // Notifications may have been missed until now.
    onNews();
    return this.leader;
  }

  async confirm(): Promise<boolean> {
    const leader = await this.lead();
    try {
      await leader?.query('SELECT 1');
    } catch (error) {
      this.options.log.warn({ ...this.options.facts, reason: messageOf(error) }, 'leadership unknown');
      await this.resign(error);
    }
    return this.leader !== undefined;
  }

  waitNoMore(): void {
    this.isOver = true;
    // Destroyed: the server is still at work on its query.
    this.waiting?.release(true);
    this.waiting = undefined;
  }

  async resign(error?: unknown): Promise<void> {
    const { log, role, facts, onNews } = this.options;
    const client = this.leader;
    this.leader = undefined;
    if (!client) return;
    log.info({ ...facts }, `no longer the ${role}`);
    client.off('notification', onNews);
    client.off('error', onNews);
    if (error === undefined) await unlockAll(client);
    // The connection is never used again: it still listens, and a lock that is left ends with it.
    client.release(true);
  }

  /** A connection that holds the lock and listens; undefined while another one holds it. */
  private async take(): Promise<PoolClient | undefined> {
    const { pool, key, channel, onNews, lockWaitMs = LOCK_WAIT_MS } = this.options;
    const client = await pool.connect();
    if (this.isOver) {
      client.release();
      return undefined;
    }
    this.waiting = client;
    try {
      if (!(await lockWithin(client, key, lockWaitMs))) {
        client.release();
        return undefined;
      }
      client.on('notification', onNews);
      // Its listener must notice that no more notifications will come.
      client.on('error', onNews);
      await client.query(`LISTEN ${quotedSchema(channel)}`);
      return client;
    } catch (error) {
      // `waitNoMore` has released it already where it ended the waiting.
      if (this.waiting) client.release(error as Error);
      throw error;
    } finally {
      this.waiting = undefined;
    }
  }
}

/**
 * Whether the lock is the connection's now, for as long as it lives. A process on stand-by waits in the database and does not ask again
 * and again: so it leads the moment the leader is gone.
 */
async function lockWithin(client: PoolClient, key: LockKey, waitMs: number): Promise<boolean> {
  const { sql, values } = argumentsOf(key);
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${waitMs}`);
    await client.query(`SELECT pg_advisory_lock(${sql})`, values);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== STILL_LOCKED) throw error;
    await client.query('ROLLBACK');
    return false;
  }
}

/** A connection that is destroyed frees its lock only when the server notices; asked for, it is free at once. */
async function unlockAll(client: PoolClient): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_unlock_all()');
  } catch {
    // The connection is broken: the lock is gone, or ends with it.
  }
}

/**
 * Does the work while no other process holds the lock; undefined, at once and without the work, where one does. The lock is a
 * transaction's, so a connection that is lost frees it; the work uses other connections.
 */
export async function runExclusively<Result>(
  pool: Pool,
  key: LockKey,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  const { sql, values } = argumentsOf(key);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // The pool's own limit is for requests that wait, not for a lock that is held through a long run.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    const { rows } = await client.query<{ isOurs: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${sql}) AS "isOurs"`,
      values,
    );
    return rows[0]?.isOurs ? { result: await work() } : undefined;
  } finally {
    // Also when the work failed, so that the lock is free at once; a connection that fails here is broken, and the lock ends with it.
    await client.query('ROLLBACK').then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
  }
}

/** `runExclusively` of a database, for callers that need not know of the database. */
export type ExclusiveRunner = <Result>(
  key: LockKey,
  work: () => Promise<Result>,
) => Promise<{ readonly result: Result } | undefined>;

export const exclusiveRunner =
  (pool: Pool): ExclusiveRunner =>
  (key, work) =>
    runExclusively(pool, key, work);
