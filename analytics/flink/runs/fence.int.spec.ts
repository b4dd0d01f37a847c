// Node workers and a run of Flink at the same topic: the one that does not hold it is refused, in both directions.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import { openAnalyticsDatabase, writeProgress, writeTotals } from '../../../test/engines/staging-writes.ts';
import type { FoldedBatch } from '../../fold.ts';
import { imageBytesCounting } from '../../image-bytes.ts';
import { PackedIds } from '../../seen-ids.ts';
import { type Fence, PartitionState } from '../../state.ts';
import type { WindowDelta } from '../../windows.ts';
import { beginRun } from './begin.ts';
import { closeRun } from './end.ts';
import type { Run } from './run.ts';

const MINUTE_MS = 60_000;
const { saveRows } = imageBytesCounting({ outOfOrderBoundMs: 0, latenessMs: 0 });

describe('a topic', () => {
  let pool: Pool;
  let close: () => Promise<void>;
  let topics = 0;
  let topic: string;

  beforeAll(async () => {
    ({ pool, close } = await openAnalyticsDatabase());
  }, 60_000);
  afterAll(() => close(), 60_000);
  beforeEach(() => {
    topics += 1;
    topic = `images-${topics}`;
  });

  const worker = (fence?: Fence) =>
    new PartitionState<readonly WindowDelta[]>({
      pool,
      topic,
      owner: 'worker',
      seenIdsMax: 10,
      saveRows,
      ...(fence ? { fence } : {}),
    });
  const begin = (): Promise<Run> => {
    const ends = new Map([[0, { earliest: 0, end: 100 }]]);
    return beginRun({ pool, topic, topicId: topic, ends, seenIdsMax: 10 });
  };
  const over = (run: Run) => inTransaction(pool, (client) => closeRun(client, run, 'ended'));

  /** One event of a hundred bytes. */
  const batch = (fromOffset: number): FoldedBatch<readonly WindowDelta[]> => ({
    fromOffset,
    nextOffset: fromOffset + 1,
    maxTimeMs: MINUTE_MS,
    rows: [
      { windowStartMs: MINUTE_MS, label: 'small', events: 1, bytes: '100', lateEvents: 0, lateBytes: '0' },
    ],
    deadLetters: [],
    ids: new PackedIds(),
    events: 1,
    repeats: 0,
    absent: 0,
  });
  const flinkWrites = async ({ runId }: Run, events: number, from = 0): Promise<void> => {
    const last = from + events;
    await writeTotals(pool, [runId, 0, MINUTE_MS, 'small'], {
      events,
      bytes: events * 100,
      lateEvents: 0,
      lateBytes: 0,
      lastOffset: last - 1,
    });
    await writeProgress(pool, runId, 0, {
      nextOffset: last,
      maxTimeMs: MINUTE_MS,
      events,
      deadLetters: 0,
      repeats: 0,
    });
  };
  const counted = async () => {
    const { rows } = await pool.query(
      `SELECT s.next_offset AS next, COALESCE((SELECT sum(events)::int FROM analytics.window_part w WHERE w.topic_id = s.topic_id), 0) AS events
       FROM analytics.part_state s WHERE topic_id = $1`,
      [topic],
    );
    return rows[0];
  };
  const waiters = async () =>
    (
      await pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).rowCount ?? 0;

  it('that Flink holds is counted by no worker that held it before', async () => {
    const state = worker();
    const claim = await state.claim(topic, 0, 0);
    await state.commit(claim, batch(0), 100);
    const run = await begin();
    expect(run.parts).toEqual([{ part: 0, readFrom: 1, countFrom: 1, maxTimeMs: MINUTE_MS }]);
    await expect(state.commit(claim, batch(1), 100)).rejects.toThrow(/claimed by another/);
    await flinkWrites(run, 2, 1);
    expect(await counted()).toEqual({ next: 3, events: 3 });
  });

  it('negative control: would be counted by both if the worker had no fence', async () => {
    const state = worker(async () => true);
    const claim = await state.claim(topic, 0, 0);
    const run = await begin();
    await state.commit(claim, batch(0), 100);
    await flinkWrites(run, 1);
    expect(await counted()).toEqual({ next: 1, events: 2 });
  });

  it('that Flink holds is not claimed, nor is a partition of it that is new, until the run is over', async () => {
    const state = worker();
    await state.claim(topic, 0, 0);
    const run = await begin();
    for (const part of [0, 1])
      await expect(state.claim(topic, part, 0)).rejects.toThrow(`Flink counts ${topic}: nobody may claim it`);
    await flinkWrites(run, 2);
    await over(run);
    const claim = await state.claim(topic, 0, 0);
    expect(claim.nextOffset).toBe(2);
    await state.commit(claim, batch(2), 100);
    expect(await counted()).toEqual({ next: 3, events: 3 });
  });

  it('that a worker holds takes no write of a run that is over', async () => {
    const run = await begin();
    await flinkWrites(run, 1);
    await over(run);
    const state = worker();
    await state.commit(await state.claim(topic, 0, 0), batch(1), 100);
    await expect(flinkWrites(run, 5)).rejects.toThrow(/must be stopped/);
    expect(await counted()).toEqual({ next: 2, events: 2 });
  });

  it('is not claimed by a worker that asked while the run was about to begin', async () => {
    await worker().claim(topic, 0, 0);
    const beginning = await pool.connect();
    await beginning.query('BEGIN');
    await beginning.query('LOCK TABLE analytics.part_state IN SHARE ROW EXCLUSIVE MODE');
    await beginning.query(`INSERT INTO analytics.flink_run (run_id, topic_id, topic) VALUES ($1, $1, $1)`, [
      topic,
    ]);
    const refused = [0, 1].map((part) =>
      expect(worker().claim(topic, part, 0)).rejects.toThrow(/nobody may claim it/),
    );
    while ((await waiters()) < 2) await sleep(10);
    await beginning.query('COMMIT');
    beginning.release();
    await Promise.all(refused);
  });

  it('goes to the run together with the commit that was in progress when it began', async () => {
    const state = worker();
    const claim = await state.claim(topic, 0, 0);
    const committing = await pool.connect();
    await committing.query('BEGIN');
    await committing.query(
      `UPDATE analytics.part_state SET next_offset = 7 WHERE topic_id = $1 AND epoch = $2`,
      [topic, claim.epoch],
    );
    const run = begin();
    while ((await waiters()) < 1) await sleep(10);
    await committing.query('COMMIT');
    committing.release();
    expect((await run).parts[0]).toMatchObject({ countFrom: 7 });
  });

  it('is held by one run at a time', async () => {
    const both = await Promise.allSettled([begin(), begin()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(begin()).rejects.toThrow(/holds images-\d+ already: end or abandon it first/);
  });

  it('whose log has lost what is to be counted is not begun', async () => {
    const state = worker();
    await state.claim(topic, 0, 5);
    for (const ends of [
      { earliest: 6, end: 100 },
      { earliest: 0, end: 4 },
    ]) {
      const options = { pool, topic, topicId: topic, ends: new Map([[0, ends]]), seenIdsMax: 10 };
      await expect(beginRun(options)).rejects.toThrow(/^partition 0: the log holds offsets/);
    }
    expect((await state.claim(topic, 0, 0)).nextOffset).toBe(5);
  });

  it('is read from the first id that a worker would remember, as far as the log has it', async () => {
    const ids = (count: number) => Buffer.alloc(count * 8);
    await worker().claim(topic, 0, 0);
    await pool.query('UPDATE analytics.part_state SET next_offset = 50 WHERE topic_id = $1', [topic]);
    for (const [first, count] of [
      [10, 6],
      [20, 6],
      [30, 6],
    ] as const) {
      await pool.query(`INSERT INTO analytics.seen_ids VALUES ($1, 0, $2, $3, NULL)`, [
        topic,
        first,
        ids(count),
      ]);
    }
    const run = await begin();
    expect(run.parts[0]).toMatchObject({ readFrom: 20, countFrom: 50 });
    await over(run);
    const ends = new Map([[0, { earliest: 25, end: 100 }]]);
    const later = await beginRun({ pool, topic, topicId: topic, ends, seenIdsMax: 10 });
    expect(later.parts[0]).toMatchObject({ readFrom: 25, countFrom: 50 });
  });
});
