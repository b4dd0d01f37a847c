// A Postgres pool whose every wait is bounded: a hung server becomes an error, never a hung process.
import pg from 'pg';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type RdsLogin, rdsConnection } from './rds-login.ts';
import { TracedPool } from './traced-pool.ts';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export const postgresConfig = {
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database')
    .describe('the Postgres that keeps the state'),
  DATABASE_AUTH: z
    .enum(['url', 'rds-iam'])
    .default('url')
    .describe('how to sign in: by what DATABASE_URL says, or rds-iam (TLS and tokens of the AWS role)'),
  DATABASE_AWS_REGION: z.string().default('eu-central-1').describe('region of the RDS instance'),
};
export type PostgresConfig = z.infer<z.ZodObject<typeof postgresConfig>>;

/** A database and how to get into it. */
interface Database {
  readonly connectionString: string;
  /** Signs in by IAM, with the user, host and database of the connection string. @default by what that string says */
  readonly rds?: RdsLogin;
  /** How else to get in, made by its caller. @default by one of the above */
  readonly connection?: pg.ClientConfig;
}

/** The database that the settings name. */
export const databaseOf = (config: PostgresConfig): Database => ({
  connectionString: config.DATABASE_URL,
  ...(config.DATABASE_AUTH === 'rds-iam' ? { rds: { region: config.DATABASE_AWS_REGION } } : {}),
});

export interface PoolOptions extends Database {
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
  const { connectionString, rds, connection } = options;
  const waitMsMax = options.waitMsMax ?? 10_000;
  const pool = new TracedPool({
    ...(connection ?? (rds ? rdsConnection(connectionString, rds) : { connectionString })),
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
