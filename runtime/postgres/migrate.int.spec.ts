import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '../../test/fresh.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createPool, type Pool } from './database.ts';
import { migrate, migrateService } from './migrate.ts';

const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let pool: Pool;
beforeEach(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

const write = (name: string, sql: string) => writeFile(join(folder, name), sql);
const run = (through = pool) => migrate(through, 'shop', folder, log);
const applied = async (): Promise<string[]> =>
  (await pool.query('SELECT name FROM shop.migration ORDER BY name')).rows.map(({ name }) => name);

describe('migrations', () => {
  it('are applied in the order of their numbers, each once', async () => {
    await write('0002-fill.sql', 'INSERT INTO shop.entry VALUES (1)');
    await write('0001-entry.sql', 'CREATE TABLE shop.entry (id int)');
    await run();
    await run();
    expect(await applied()).toEqual(['0001-entry.sql', '0002-fill.sql']);
    expect((await pool.query('SELECT id FROM shop.entry')).rows).toEqual([{ id: 1 }]);
  });

  it('that come later are added to those applied before', async () => {
    await write('0001-entry.sql', 'CREATE TABLE shop.entry (id int)');
    await run();
    await write('0002-name.sql', 'ALTER TABLE shop.entry ADD name text');
    await run();
    expect(await applied()).toEqual(['0001-entry.sql', '0002-name.sql']);
  });

  it('are refused when an applied file was edited, and nothing newer is applied', async () => {
    await write('0001-entry.sql', 'CREATE TABLE shop.entry (id int)');
    await run();
    await write('0001-entry.sql', 'CREATE TABLE shop.entry (id bigint)');
    await write('0002-other.sql', 'CREATE TABLE shop.other (id int)');
    await expect(run()).rejects.toMatchObject({ code: 'migration-changed' } satisfies Partial<AppError>);
    expect(await applied()).toEqual(['0001-entry.sql']);
  });

  it('that fail leave nothing of the whole step', async () => {
    await write('0001-entry.sql', 'CREATE TABLE shop.entry (id int)');
    await write('0002-broken.sql', 'CREATE TABLE shop.broken (id nonsense)');
    await expect(run()).rejects.toThrow('nonsense');
    expect((await pool.query(`SELECT to_regclass('shop.entry') AS found`)).rows).toEqual([{ found: null }]);
  });

  it('are applied once when several processes start together', async () => {
    await write('0001-entry.sql', 'CREATE TABLE shop.entry (id int); SELECT pg_sleep(0.2);');
    await write('0002-fill.sql', 'INSERT INTO shop.entry VALUES (1)');
    const others = [1, 2, 3].map(() =>
      createPool({ connectionString: database.url, applicationName: 'spec', log }),
    );
    try {
      await Promise.all([pool, ...others].map((one) => run(one)));
    } finally {
      await Promise.all(others.map((one) => one.end()));
    }
    expect((await pool.query('SELECT id FROM shop.entry')).rows).toEqual([{ id: 1 }]);
  });

  it('leave files of other names alone', async () => {
    await write('README.md', 'not SQL');
    await write('1-short.sql', 'nonsense');
    await run();
    expect(await applied()).toEqual([]);
  });
});

describe('the migrations of a service', () => {
  const migrateOrder = () => migrateService(pool, 'order', folder, log);
  const tables = async (schema: string): Promise<string[]> =>
    (
      await pool.query('SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename', [schema])
    ).rows.map(({ tablename }) => tablename);

  it('bring the tables that every service has, then its own by plain names, in a schema named by a word of SQL', async () => {
    await write('0001-orders.sql', 'CREATE TABLE orders (id int REFERENCES outbox)');
    await migrateOrder();
    await migrateOrder();
    expect(await tables('order')).toEqual([
      'idempotency',
      'inbox',
      'migration',
      'orders',
      'outbox',
      'outbox_dead',
    ]);
    expect(await tables('public')).toEqual([]);
  });

  it('leave the search path of the connections as it was', async () => {
    await migrateOrder();
    expect((await pool.query('SHOW search_path')).rows).toEqual([{ search_path: '"$user", public' }]);
  });

  it('keep two services of one database apart', async () => {
    await migrateOrder();
    await migrateService(pool, 'user', folder, log);
    await pool.query(`INSERT INTO "order".inbox (group_name, event_id) VALUES ('g', 'e')`);
    expect((await pool.query('SELECT * FROM "user".inbox')).rows).toEqual([]);
  });
});
