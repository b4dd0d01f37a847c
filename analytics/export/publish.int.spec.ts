// Two exporters at the same window, held at the very instant at which both have read that it changed.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { freshAnalyticsDatabase } from '../../test/fresh.ts';
import { publishClosedWindows } from './publish.ts';

const OPTIONS = {
  topic: 'images',
  outOfOrderBoundMs: 0,
  latenessMs: 0,
  partitionIdleMs: 0,
  revisionDebounceMs: 0,
};
const SINKS = ['firestore', 'gcs', 'results-topic'];
const log = createLogger('spec', 'fatal');

describe('two exporters that publish at the same time', () => {
  let pool: Pool;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await freshAnalyticsDatabase();
    drop = database.drop;
    pool = createPool({ connectionString: database.url, applicationName: 'publish-spec', log });
    await migrate(pool, 'analytics', join(import.meta.dirname, '../migrations'), log);
    // Far ahead: the window is closed.
    await pool.query(`INSERT INTO analytics.part_state (topic_id, part, topic, first_offset, next_offset, epoch, owner, max_ts)
      VALUES ('t', 0, 'images', 0, 5, 1, 'spec', 4102444800000),
             -- Of another topic, and without a record: it holds no window open.
             ('o', 0, 'orders', 0, 0, 1, 'spec', NULL)`);
  }, 60_000);

  afterAll(async () => {
    await pool.end();
    await drop();
  }, 60_000);

  const publish = () => publishClosedWindows({ pool, ...OPTIONS }, SINKS);
  const revisions = async () =>
    (await pool.query('SELECT revision, events FROM analytics.window_out ORDER BY revision')).rows;

  /** Holds the rows until both exporters wait for them, then lets both go on. */
  async function publishTwiceAtOnce(): Promise<number[]> {
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM analytics.window_part FOR UPDATE');
    const both = Promise.all([publish(), publish()]);
    const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE application_name = 'publish-spec' AND datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await pool.query<{ n: number }>(waiting)).rows[0]!.n < 2) await sleep(20);
    await holder.query('ROLLBACK');
    holder.release();
    return both;
  }

  it('make one revision of one change', async () => {
    await pool.query(`INSERT INTO analytics.window_part
      VALUES ('2026-01-01T00:00Z', 'small', 't', 0, 3, 300, 0, 0)`);
    expect((await publishTwiceAtOnce()).toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(await revisions()).toEqual([{ revision: 1, events: 3 }]);
  }, 60_000);

  it('make the next one when it has changed since', async () => {
    await pool.query('UPDATE analytics.window_part SET events = 5, bytes = 500, published = false');
    expect((await publishTwiceAtOnce()).toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(await revisions()).toEqual([
      { revision: 1, events: 3 },
      { revision: 2, events: 5 },
    ]);
    const { rows } = await pool.query('SELECT count(*)::int AS n FROM analytics.delivery');
    expect(rows).toEqual([{ n: 2 * SINKS.length }]);
  }, 60_000);

  it('make none of rows that were counted again and are as they were', async () => {
    await pool.query('UPDATE analytics.window_part SET published = false');
    expect(await publish()).toBe(0);
    expect(await revisions()).toHaveLength(2);
    expect((await pool.query('SELECT FROM analytics.window_part WHERE NOT published')).rowCount).toBe(0);
  }, 60_000);

  it('make none while a partition is counted again, and then one', async () => {
    await pool.query('UPDATE analytics.window_part SET events = 4, bytes = 400, published = false');
    await pool.query(`UPDATE analytics.part_state SET recount_to = 6 WHERE topic = 'images'`);
    expect(await publish()).toBe(0);
    await pool.query(`UPDATE analytics.part_state SET next_offset = 6 WHERE topic = 'images'`);
    await pool.query('UPDATE analytics.window_part SET events = 6, bytes = 600');
    expect(await publish()).toBe(1);
    expect(await revisions()).toContainEqual({ revision: 3, events: 6 });
  }, 60_000);
});
