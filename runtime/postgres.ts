// A Postgres pool whose every wait is bounded: a hung server becomes an error, never a hung process.
import pg from 'pg';
import { z } from 'zod';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export const postgresConfig = {
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database')
    .describe('the Postgres that keeps the state'),
};

export interface PoolOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  /** Where tables without a schema of their own are looked for. @default Postgres's own */
  readonly schema?: string;
  readonly log: Logger;
  /** @default 10 */
  readonly connectionsMax?: number;
  /** Longest wait for an answer, and for a connection. @default 10 s */
  readonly waitMsMax?: number;
}

// int8 as number: our own columns of that type (offsets, counts, milliseconds) stay below 2^53. Sums are numeric: strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** A pool; connections that break, idle or in use, are logged and replaced, they do not end the process. */
export function createPool(options: PoolOptions): Pool {
  const waitMsMax = options.waitMsMax ?? 10_000;
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    ...(options.schema ? { options: `-c search_path=${options.schema}` } : {}),
    max: options.connectionsMax ?? 10,
    connectionTimeoutMillis: waitMsMax,
    query_timeout: waitMsMax,
    statement_timeout: waitMsMax,
    idle_in_transaction_session_timeout: waitMsMax,
    keepAlive: true,
  });
  // The pool listens to its idle connections only: one that breaks in use, between two statements, would end the process.
  pool.on('connect', (client) => {
    client.on('error', (error) => options.log.warn({ reason: error.message }, 'database connection lost'));
  });
  pool.on('error', () => {});
  return pool;
}

/**
 * Runs work in one transaction. When COMMIT itself fails the outcome is unknown: the caller must read the state again.
 * The connection is destroyed after any error, since a client that timed out may still be mid-answer.
 * @throws AppError `transaction-rolled-back` when the work swallowed the error of a statement.
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    // Postgres answers COMMIT with ROLLBACK, and no error, when a statement failed and the work went on regardless.
    if (command !== 'COMMIT') {
      throw new AppError('transaction-rolled-back', 'a statement of the transaction failed unnoticed');
    }
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // Destroying the connection also rolls back, whatever state it is in.
    client.release(failure);
  }
}
