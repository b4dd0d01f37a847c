// Numbered SQL files, each applied once, in order, in a transaction, under an advisory lock.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';
import { inTransaction, type Pool } from './postgres.ts';

const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** Any constant of ours: two processes that start together must not migrate together. */
const LOCK_KEY = 7_203_001;

/**
 * Brings a schema up to date.
 * @throws AppError `migration-changed` when an applied file was edited: write a new file instead.
 */
export async function migrate(pool: Pool, schema: string, folder: string, log: Logger): Promise<void> {
  const files = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migration (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await client.query<{ name: string; sha256: string }>(
      `SELECT name, sha256 FROM ${schema}.migration`,
    );
    const applied = new Map(rows.map((row) => [row.name, row.sha256]));
    for (const name of files) {
      const sql = await readFile(join(folder, name), 'utf8');
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
      await client.query(`INSERT INTO ${schema}.migration (name, sha256) VALUES ($1, $2)`, [name, sha256]);
      log.info({ schema, name }, 'migrated');
    }
  });
}
