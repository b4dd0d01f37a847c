import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '../test/fresh.ts';
import { purgeJob, startJobs } from './jobs.ts';
import { createLogger } from './log.ts';
import { createRegistry } from './metrics.ts';
import { createPool, type Pool } from './postgres/database.ts';
import { exclusiveRunner } from './postgres/leadership.ts';

const HOUR_MS = 3_600_000;
const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
  await pool.query('CREATE TABLE mark (n int PRIMARY KEY, is_old boolean NOT NULL)');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('a purge', () => {
  const STEP = 10;
  const countOf = async (isOld: boolean) =>
    (await pool.query('SELECT 1 FROM mark WHERE is_old = $1', [isOld])).rowCount;

  it('removes step by step until nothing old is left, long before its next turn', async () => {
    await pool.query('INSERT INTO mark SELECT n, n <= 55 FROM generate_series(1, 60) AS n');
    const steps: number[] = [];
    const step = async () => {
      const { rowCount } = await pool.query(
        `DELETE FROM mark WHERE n IN (SELECT n FROM mark WHERE is_old LIMIT ${STEP})`,
      );
      steps.push(rowCount ?? 0);
      return rowCount === STEP;
    };
    const jobs = [purgeJob('spec', HOUR_MS, step)];
    const stop = startJobs(jobs, {
      runExclusively: exclusiveRunner(pool),
      schema: 'spec',
      log,
      registry: createRegistry('spec'),
    });
    while ((await countOf(true)) !== 0) await sleep(10);
    await stop();
    expect(await countOf(false)).toBe(5);
    expect(steps).toEqual([10, 10, 10, 10, 10, 5]);
  });
});
