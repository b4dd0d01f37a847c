// What ends a run: nothing that is half written, and nothing that could not be counted again.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import {
  openAnalyticsDatabase,
  writeDeadLetter,
  writeProgress,
  writeTotals,
} from '../../../test/engines/staging-writes.ts';
import { publishClosedWindows } from '../../export/publish.ts';
import { purge } from '../../export/purge.ts';
import { abandonRun } from './abandon.ts';
import { beginRun } from './begin.ts';
import { readCuts } from './cut.ts';
import { endRun } from './end.ts';
import type { Run } from './run.ts';
import { readStatus, renderStatus } from './status.ts';

const MINUTE_MS = 60_000;
const log = createLogger('spec', 'fatal');
/** Nothing is read: the log of these runs holds none of their records. */
const client = { nameOf: (name: string) => name } as KafkaClient;

describe('a run', () => {
  let pool: Pool;
  let close: () => Promise<void>;
  let topics = 0;
  let run: Run;

  beforeAll(async () => {
    ({ pool, close } = await openAnalyticsDatabase());
  }, 60_000);
  afterAll(() => close(), 60_000);
  beforeEach(async () => {
    topics += 1;
    const topic = `images-${topics}`;
    const ends = new Map([[0, { earliest: 0, end: 100 }]]);
    run = await beginRun({ pool, topic, topicId: topic, ends, seenIdsMax: 10 });
  });

  const totals = (label: string, events: number, lastOffset: number, minute = 1) =>
    writeTotals(pool, [run.runId, 0, minute * MINUTE_MS, label], {
      events,
      bytes: events * 100,
      lateEvents: 0,
      lateBytes: 0,
      lastOffset,
    });
  const progress = (nextOffset: number, events: number, deadLetters = 0) =>
    writeProgress(pool, run.runId, 0, { nextOffset, maxTimeMs: MINUTE_MS, events, deadLetters, repeats: 0 });
  const letter = (offset: number) => writeDeadLetter(pool, run.runId, 0, { offset, reason: 'x', raw: null });
  /** Of a log that no longer has what the run counted, and need not. */
  const ends = new Map([[0, { earliest: 90, end: 100 }]]);
  const end = () => endRun({ pool, client, topic: run.topic, ends, seenIdsMax: 10, log });
  const status = () => readStatus(pool, run.topic, new Map([[0, { earliest: 0, end: 100 }]]));

  it('ends where everything is written, once', async () => {
    await totals('small', 2, 2);
    await letter(1);
    await progress(3, 2, 1);
    expect(renderStatus(await status())).toContain('`end` may end the run');
    await end();
    await expect(end()).rejects.toThrow(/no run of Flink holds images-\d+: Node counts it/);
    expect(renderStatus(await status())).toMatch(
      /counted by Node workers\n {2}partition 0 {2}next offset 3, 97 behind/,
    );
  });

  it.each<[string, () => Promise<unknown>]>([
    ['totals are behind', async () => [await totals('small', 1, 0), await progress(2, 2)]],
    ['totals are ahead', async () => [await totals('small', 2, 1), await progress(1, 1)]],
    [
      'one is behind and one ahead, so that their sum is right',
      async () => [await totals('small', 1, 0), await totals('large', 1, 3), await progress(3, 2)],
    ],
    ['a dead letter is missing', async () => [await letter(0), await progress(2, 0, 2)]],
    ['a dead letter is ahead', async () => [await letter(5), await progress(1, 0, 1)]],
  ])('does not end while %s', async (_, write) => {
    await write();
    await expect(end()).rejects.toThrow(/has not written everything[^]*\npartition 0: progress below offset/);
    expect((await status()).engine).toBe('flink');
  });

  it('that is abandoned leaves everything as it was at its begin, and corrections to publish', async () => {
    await pool.query(
      `INSERT INTO analytics.window_part VALUES (to_timestamp(60), 'small', $1, 0, 5, 500, 1, 100, true)`,
      [run.topicId],
    );
    const state = async () =>
      (
        await pool.query(
          `SELECT first_offset, next_offset, max_ts, events, dead_letters, repeats, absent FROM analytics.part_state WHERE topic_id = $1`,
          [run.topicId],
        )
      ).rows[0];
    const before = await state();
    await totals('small', 2, 3);
    await totals('large', 1, 2);
    await letter(1);
    await progress(7, 3, 1);
    await abandonRun({ pool, topic: run.topic, ends: new Map([[0, { earliest: 0, end: 100 }]]) });
    expect(await state()).toEqual(before);
    const recount = 'SELECT recount_to FROM analytics.part_state WHERE topic_id = $1';
    expect((await pool.query(recount, [run.topicId])).rows).toEqual([{ recount_to: 7 }]);
    const { rows } = await pool.query(
      `SELECT size_label AS label, events, bytes, late_events AS late, published FROM analytics.window_part
       WHERE topic_id = $1 ORDER BY size_label`,
      [run.topicId],
    );
    expect(rows).toEqual([
      { label: 'large', events: 0, bytes: '0', late: 0, published: false },
      { label: 'small', events: 5, bytes: '500', late: 1, published: false },
    ]);
    await expect(totals('small', 9, 9)).rejects.toThrow(/is abandoned: its job must be stopped/);
  });

  it('is not abandoned when the log has lost what it counted', async () => {
    await progress(1, 0);
    await expect(abandonRun({ pool, topic: run.topic, ends })).rejects.toThrow(
      /cannot be counted anew: it counted partition 0 from 0 on, and the log begins at 90/,
    );
    expect((await status()).engine).toBe('flink');
  });

  it('whose windows are purged still ends, and leaves nothing behind once it has', async () => {
    await totals('small', 2, 1);
    await totals('small', 1, 2, Math.floor(Date.now() / MINUTE_MS));
    await letter(3);
    await progress(4, 3, 1);
    const rows = async (table: string, of: string) =>
      (
        await pool.query(`SELECT events, bytes FROM analytics.${table} WHERE ${of} = $1`, [
          of === 'run_id' ? run.runId : run.topicId,
        ])
      ).rows;
    await pool.query('UPDATE analytics.window_part SET published = true');
    await pool.query(`UPDATE analytics.dlq SET published = true, recorded_at = now() - interval '401 days'`);
    await purge({ pool, retentionDays: 400, seenIdsMax: 10 });
    expect([await rows('window_part', 'topic_id'), await rows('flink_totals', 'run_id')]).toEqual([
      [{ events: 1, bytes: '100' }],
      [{ events: 1, bytes: '100' }],
    ]);
    // The letters that the run is still to be held against stay.
    expect((await readCuts(pool, run.runId))[0]).toMatchObject({ eventsWritten: 3, deadLettersWritten: 1 });
    await end();
    await purge({ pool, retentionDays: 400, seenIdsMax: 10 });
    expect([
      await rows('flink_totals', 'run_id'),
      (await pool.query('SELECT FROM analytics.dlq WHERE topic_id = $1', [run.topicId])).rowCount,
    ]).toEqual([[], 0]);
  });

  it('and a publisher do not deadlock, in any order in which Flink writes', async () => {
    const publish = () =>
      publishClosedWindows(
        {
          pool,
          topic: run.topic,
          outOfOrderBoundMs: 0,
          latenessMs: 0,
          partitionIdleMs: 0,
          revisionDebounceMs: 0,
        },
        ['gcs'],
      );
    await totals('large', 1, 0);
    await totals('small', 1, 1);
    // Far ahead: both windows are closed.
    await writeProgress(pool, run.runId, 0, {
      nextOffset: 2,
      maxTimeMs: 4_102_444_800_000,
      events: 2,
      deadLetters: 0,
      repeats: 0,
    });
    const flink = await pool.connect();
    await flink.query('BEGIN');
    const write = (label: string, lastOffset: number) =>
      writeTotals(flink, [run.runId, 0, MINUTE_MS, label], {
        events: 2,
        bytes: 200,
        lateEvents: 0,
        lateBytes: 0,
        lastOffset,
      });
    await write('small', 2);
    const publishing = publish();
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await pool.query(waiting)).rowCount === 0);
    await write('large', 3);
    await flink.query('COMMIT');
    flink.release();
    expect(await publishing).toBe(2);
  });
});
