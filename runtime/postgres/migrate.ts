// Numbered SQL files, each applied once, in order, in a transaction, under an advisory lock.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { inTransaction, type Pool, type PoolClient } from './database.ts';
import { quotedSchema, tableOf } from './schema-names.ts';

const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** Any constant of ours: two processes that start together must not migrate together. */
const LOCK_KEY = 7_203_001;

/** The tables that every service has: outbox, inbox, idempotency. Beside this file, or beside the bundle it ends up in. */
const SERVICE_MIGRATIONS = join(import.meta.dirname, 'service-migrations');

/** One SQL file; the name is what is remembered of it. */
interface Step {
  readonly name: string;
  readonly file: string;
}

/**
 * Brings a schema up to date.
 * @throws AppError `migration-changed` when an applied file was edited: write a new file instead.
 */
export async function migrate(pool: Pool, schema: string, folder: string, log: Logger): Promise<void> {
  const steps = await stepsOf(folder);
  await inTransaction(pool, async (client) => {
    await prepare(client, schema);
    await apply(client, schema, steps, log);
  });
}

/**
 * Brings a service's schema up to date: first the tables that every service has, then its own. Its SQL writes plain table
 * names, since the search path is its schema.
 * @throws AppError `migration-changed` as `migrate` does.
 */
export async function migrateService(pool: Pool, schema: string, folder: string, log: Logger): Promise<void> {
  const steps = [...(await stepsOf(SERVICE_MIGRATIONS, 'runtime/')), ...(await stepsOf(folder))];
  await inTransaction(pool, async (client) => {
    await prepare(client, schema);
    await client.query(`SET LOCAL search_path TO ${quotedSchema(schema)}`);
    await apply(client, schema, steps, log);
  });
}

async function stepsOf(folder: string, prefix = ''): Promise<Step[]> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  return names.map((name) => ({ name: `${prefix}${name}`, file: join(folder, name) }));
}

async function prepare(client: PoolClient, schema: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
  // `IF NOT EXISTS` alone would ask for the right to create schemas, which a service has not where its schema was made for it.
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${quotedSchema(schema)}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${tableOf(schema, 'migration')} (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
}

async function apply(client: PoolClient, schema: string, steps: readonly Step[], log: Logger): Promise<void> {
  const table = tableOf(schema, 'migration');
  const { rows } = await client.query<{ name: string; sha256: string }>(`SELECT name, sha256 FROM ${table}`);
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  for (const { name, file } of steps) {
    const sql = await readFile(file, 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    const before = applied.get(name);
    if (before === sha256) continue;
    if (before) {
      throw new AppError(
        'migration-changed',
        `${schema}/${name} was applied and then edited: undo the edit and add a new file`,
      );
    }
    await client.query(sql);
    await client.query(`INSERT INTO ${table} (name, sha256) VALUES ($1, $2)`, [name, sha256]);
    log.info({ schema, name }, 'migrated');
  }
}
