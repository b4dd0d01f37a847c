// What the console may do in the database where it is deployed: everything that it asks, as the user that the worker admits, and no more.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { cloudSqlStore } from '../console/stores/cloud-sql.ts';
import { readTotals } from '../console/totals.ts';
import { freshAnalyticsDatabase } from '../test/fresh.ts';
import { admitReader } from './totals-reader.ts';

const log = createLogger('spec', 'silent');
/** As Cloud SQL names such users: with a sign that SQL must quote. */
const READER = `console-${randomUUID()}@project.iam`;
const VIEWS = ['totals', 'published', 'deliveries', 'dead letters', 'partitions'];

let database: Awaited<ReturnType<typeof freshAnalyticsDatabase>>;
let owner: Pool;
let reader: Pool;
beforeAll(async () => {
  database = await freshAnalyticsDatabase();
  owner = createPool({ connectionString: database.url, applicationName: 'spec', log });
  await migrate(owner, 'analytics', join(import.meta.dirname, 'migrations'), log);
  await owner.query(`CREATE ROLE "${READER}"`);
  const url = new URL(database.url);
  url.searchParams.set('options', `-c role=${READER}`);
  reader = createPool({ connectionString: url.href, applicationName: 'spec', log });
});
afterAll(async () => {
  await reader.end();
  await owner.query(`DROP OWNED BY "${READER}"`);
  await owner.query(`DROP ROLE "${READER}"`);
  await owner.end();
  await database.drop();
});

const DENIED = { code: '42501' };

describe('the reader of totals', () => {
  it('negative control: reads nothing before the worker admits it', async () => {
    await expect(readTotals(reader, 30)).rejects.toMatchObject(DENIED);
  });

  it('reads all that the console shows, also when it was admitted twice, by two workers at once', async () => {
    await Promise.all([admitReader(owner, READER, log), admitReader(owner, READER, log)]);
    await expect(readTotals(reader, 30)).resolves.toMatchObject({ windows: [] });
    for (const view of VIEWS)
      await expect(cloudSqlStore(reader).read({ view, limit: 25 })).resolves.toMatchObject({ view });
  });

  it.each([
    'INSERT INTO analytics.window_out SELECT * FROM analytics.window_out',
    'UPDATE analytics.part_state SET next_offset = 0',
    'DELETE FROM analytics.dlq',
    'TRUNCATE analytics.delivery',
    'CREATE TABLE analytics.mine (id int)',
    'SELECT * FROM analytics.seen_ids',
    'SELECT * FROM analytics.activity',
  ])('may not %s', async (sql) => {
    await expect(reader.query(sql)).rejects.toMatchObject(DENIED);
  });

  it('is no reason not to count where it does not exist', async () => {
    await expect(admitReader(owner, 'nobody@project.iam', log)).resolves.toBeUndefined();
  });
});
