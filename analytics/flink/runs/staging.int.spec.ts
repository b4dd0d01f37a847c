// What Flink writes, in any order and as often as it likes: the contract's rows end where the greatest of it stands.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageOf } from '#runtime/errors.ts';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import {
  openAnalyticsDatabase,
  type ProgressWrite,
  type TotalsWrite,
  type Writer,
  writeDeadLetter,
  writeProgress,
  writeTotals,
} from '../../../test/engines/staging-writes.ts';
import { LOCK_RUNS } from '../../state.sql.ts';
import { beginRun } from './begin.ts';
import type { Run } from './run.ts';

const PARTS = 2;
const MINUTE_MS = 60_000;
const LABELS = ['large', 'small'];

/** What one offset holds. */
interface Offset {
  readonly part: number;
  readonly kind: 'event' | 'dead letter' | 'repeat' | 'marker';
  readonly minute: number;
  readonly label: string;
  readonly bytes: number;
  readonly isLate: boolean;
}

const offsets = fc.array(
  fc.record<Offset>({
    part: fc.nat(PARTS - 1),
    kind: fc.constantFrom('event', 'event', 'event', 'dead letter', 'repeat', 'marker'),
    minute: fc.nat(2),
    label: fc.constantFrom(...LABELS),
    bytes: fc.nat(1_000),
    isLate: fc.boolean(),
  }),
  { minLength: 10, maxLength: 60 },
);

/** What Flink holds behind a prefix of each partition's log. */
interface Counted {
  readonly totals: ReadonlyMap<string, TotalsWrite>;
  readonly progress: ReadonlyMap<number, ProgressWrite>;
}

const NONE: TotalsWrite = { events: 0, bytes: 0, lateEvents: 0, lateBytes: 0, lastOffset: -1 };
const START: ProgressWrite = { nextOffset: 0, maxTimeMs: undefined, events: 0, deadLetters: 0, repeats: 0 };

/** The plain count of the first `length` of all offsets. */
function countOf(log: readonly Offset[], length: number): Counted {
  const totals = new Map<string, TotalsWrite>();
  const progress = new Map<number, ProgressWrite>();
  const ends = new Map<number, number>();
  for (const { part, kind, minute, label, bytes, isLate } of log.slice(0, length)) {
    const offset = ends.get(part) ?? 0;
    ends.set(part, offset + 1);
    // Flink is not shown markers: they make its next offset jump.
    if (kind === 'marker') continue;
    const before = progress.get(part) ?? START;
    progress.set(part, {
      nextOffset: offset + 1,
      maxTimeMs:
        kind === 'dead letter' ? before.maxTimeMs : Math.max(before.maxTimeMs ?? 0, minute * MINUTE_MS),
      events: before.events + Number(kind === 'event'),
      deadLetters: before.deadLetters + Number(kind === 'dead letter'),
      repeats: before.repeats + Number(kind === 'repeat'),
    });
    if (kind !== 'event') continue;
    const key = `${part} ${minute} ${label}`;
    const sums = totals.get(key) ?? NONE;
    totals.set(key, {
      events: sums.events + 1,
      bytes: sums.bytes + bytes,
      lateEvents: sums.lateEvents + Number(isLate),
      lateBytes: sums.lateBytes + (isLate ? bytes : 0),
      lastOffset: offset,
    });
  }
  return { totals, progress };
}

/** Flushes what Flink holds, in one transaction; as its connector does, again when Postgres chose it to break a deadlock. */
async function flush(pool: Pool, runId: string, { totals, progress }: Counted): Promise<void> {
  try {
    await inTransaction(pool, (client) => writeAll(client, runId, { totals, progress }));
  } catch (error) {
    if ((error as { code?: string }).code !== '40P01') throw error;
    await flush(pool, runId, { totals, progress });
  }
}

async function writeAll(writer: Writer, runId: string, { totals, progress }: Counted): Promise<void> {
  for (const [key, sums] of totals) {
    const [part, minute, label] = key.split(' ');
    await writeTotals(writer, [runId, Number(part), Number(minute) * MINUTE_MS, label!], sums);
  }
  for (const [part, made] of progress) await writeProgress(writer, runId, part, made);
}

describe('writes of Flink', () => {
  let pool: Pool;
  let close: () => Promise<void>;
  let runs = 0;

  beforeAll(async () => {
    ({ pool, close } = await openAnalyticsDatabase());
  }, 60_000);
  afterAll(() => close(), 60_000);

  /** A run on a topic of its own. */
  async function begin(parts = PARTS): Promise<Run> {
    runs += 1;
    const topic = `images-${runs}`;
    const ends = new Map([...Array(parts).keys()].map((part) => [part, { earliest: 0, end: 1_000 }]));
    return beginRun({ pool, topic, topicId: topic, ends, seenIdsMax: 10 });
  }

  async function contractOf({ topicId }: Run): Promise<Counted & { readonly absent: number }> {
    const rows = await pool.query(
      `SELECT part || ' ' || (extract(epoch FROM window_start) / 60)::int || ' ' || size_label AS key, events, bytes::float8 AS bytes,
              late_events AS "lateEvents", late_bytes::float8 AS "lateBytes"
       FROM analytics.window_part WHERE topic_id = $1`,
      [topicId],
    );
    const states = await pool.query(
      `SELECT part, next_offset AS "nextOffset", max_ts AS "maxTimeMs", events, dead_letters AS "deadLetters", repeats, absent
       FROM analytics.part_state WHERE topic_id = $1 AND next_offset > 0 ORDER BY part`,
      [topicId],
    );
    return {
      totals: new Map(rows.rows.map(({ key, ...sums }) => [key, sums])),
      progress: new Map(
        states.rows.map(({ part, absent: _absent, maxTimeMs, ...made }) => [
          part,
          { ...made, maxTimeMs: maxTimeMs ?? undefined },
        ]),
      ),
      absent: states.rows.reduce((sum, { absent }) => sum + absent, 0),
    };
  }

  const expected = ({ totals, progress }: Counted) => ({
    totals: new Map([...totals].map(([key, { lastOffset: _lastOffset, ...sums }]) => [key, sums])),
    progress,
  });

  it('end at the greatest, with repeats, late writes, and two connections at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        offsets,
        fc.array(fc.nat(60), { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        async (log, mine, zombies) => {
          const run = await begin();
          const all = countOf(log, log.length);
          const attempts = (lengths: readonly number[]) =>
            lengths.map((length) => countOf(log, Math.min(length, log.length)));
          await Promise.all([
            (async () => {
              for (const counted of [...attempts(mine), all]) await flush(pool, run.runId, counted);
            })(),
            (async () => {
              for (const counted of attempts(zombies)) await flush(pool, run.runId, counted);
            })(),
          ]);
          const { totals, progress, absent } = await contractOf(run);
          expect({ totals, progress }).toEqual(expected(all));
          const ofProgress = [...progress.values()];
          // Every offset has become something.
          expect(
            absent + ofProgress.reduce((sum, part) => sum + part.events + part.deadLetters + part.repeats, 0),
          ).toBe(ofProgress.reduce((sum, part) => sum + part.nextOffset, 0));
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  const event = (isLate = false): Offset => ({
    part: 0,
    kind: 'event',
    minute: 1,
    label: 'small',
    bytes: 100,
    isLate,
  });
  const log = [event(), event(), event(true), event(), event()];

  it('take nothing back when an earlier prefix comes again', async () => {
    const run = await begin();
    for (const length of [4, 2, 3]) await flush(pool, run.runId, countOf(log, length));
    const { totals, progress } = await contractOf(run);
    expect({ totals, progress }).toEqual(expected(countOf(log, 4)));
  });

  it('negative control: would take it back if nothing guarded the totals', async () => {
    const run = await begin();
    await pool.query('ALTER TABLE analytics.flink_totals DISABLE TRIGGER guard');
    try {
      for (const length of [4, 2]) await flush(pool, run.runId, countOf(log, length));
    } finally {
      await pool.query('ALTER TABLE analytics.flink_totals ENABLE TRIGGER guard');
    }
    expect((await contractOf(run)).totals).toEqual(expected(countOf(log, 2)).totals);
  });

  it('add a change once to a revision that was published, and wake the exporter', async () => {
    const run = await begin();
    await flush(pool, run.runId, countOf(log, 2));
    await pool.query('UPDATE analytics.window_part SET published = true WHERE topic_id = $1', [run.topicId]);
    const unpublished = async () =>
      (
        await pool.query('SELECT FROM analytics.window_part WHERE topic_id = $1 AND NOT published', [
          run.topicId,
        ])
      ).rowCount;
    const listener = await pool.connect();
    const heard: string[] = [];
    listener.on('notification', ({ channel }) => void heard.push(channel));
    await listener.query('LISTEN analytics_work');
    await flush(pool, run.runId, countOf(log, 1));
    expect([await unpublished(), heard]).toEqual([0, []]);
    await flush(pool, run.runId, countOf(log, 3));
    await listener.query('SELECT 1');
    expect(await unpublished()).toBe(1);
    expect(heard).toContain('analytics_work');
    await listener.query('UNLISTEN *');
    listener.release();
  });

  it.each([
    ['no more events behind more offsets', { events: 2, bytes: 300, lastOffset: 7 }],
    ['more events of the same offsets', { events: 3, bytes: 300, lastOffset: 1 }],
    ['fewer bytes', { events: 3, bytes: 100, lastOffset: 7 }],
  ])('are refused when they say what no prefix of a log can: %s', async (_, sums) => {
    const run = await begin();
    await flush(pool, run.runId, countOf(log, 2));
    const before = await contractOf(run);
    await expect(writeTotals(pool, [run.runId, 0, MINUTE_MS, 'small'], { ...NONE, ...sums })).rejects.toThrow(
      /contradicts itself in partition 0/,
    );
    expect(await contractOf(run)).toEqual(before);
  });

  it('are refused when they count more records than there are offsets', async () => {
    const run = await begin();
    await expect(
      writeProgress(pool, run.runId, 0, { ...START, nextOffset: 2, events: 2, repeats: 1 }),
    ).rejects.toThrow(/contradicts itself/);
  });

  it('that a closing sink reported only in part are corrected by the next, also at the same offset', async () => {
    const run = await begin();
    const reported = { ...START, maxTimeMs: MINUTE_MS };
    for (const [events, repeats] of [
      [1, 2],
      [3, 0],
      [2, 1],
    ])
      await writeProgress(pool, run.runId, 0, {
        ...reported,
        nextOffset: 3,
        events: events!,
        repeats: repeats!,
      });
    expect((await contractOf(run)).progress.get(0)).toMatchObject({ nextOffset: 3, events: 3, repeats: 0 });
    await writeProgress(pool, run.runId, 0, { ...reported, nextOffset: 5, events: 3, repeats: 2 });
    expect((await contractOf(run)).progress.get(0)).toMatchObject({ nextOffset: 5, events: 3, repeats: 2 });
  });

  it('bring a dead letter once, with all repeats', async () => {
    const run = await begin();
    const letter = { offset: 3, reason: 'not-json', raw: Buffer.from([0, 255]), headers: { ce_id: 'x' } };
    for (let time = 0; time < 2; time += 1) await writeDeadLetter(pool, run.runId, 0, letter);
    const { rows } = await pool.query(
      'SELECT part, "offset", topic, reason, raw, headers, published FROM analytics.dlq WHERE topic_id = $1',
      [run.topicId],
    );
    expect(rows).toEqual([
      {
        part: 0,
        offset: 3,
        topic: run.topic,
        reason: 'not-json',
        raw: letter.raw,
        headers: { ce_id: 'x' },
        published: false,
      },
    ]);
    expect((await pool.query('SELECT FROM analytics.flink_dead_letters')).rowCount).toBe(0);
  });

  it('begin a partition that the topic got during the run at its first offset', async () => {
    const run = await begin(1);
    const grown = [event(), { ...event(), part: 1 }, { ...event(), part: 1 }];
    await flush(pool, run.runId, countOf(grown, 2));
    await flush(pool, run.runId, countOf(grown, 3));
    const { totals, progress } = await contractOf(run);
    expect({ totals, progress }).toEqual(expected(countOf(grown, 3)));
  });

  it('of a run that was never begun, or is over, are refused with what is to be done', async () => {
    const run = await begin();
    await pool.query(`UPDATE analytics.flink_run SET state = 'ended', over_at = now() WHERE run_id = $1`, [
      run.runId,
    ]);
    for (const runId of [run.runId, 'r-forged']) {
      await expect(flush(pool, runId, countOf(log, 1))).rejects.toThrow(
        /^Flink run r-.+ (is ended|was never begun): its job must be stopped$/,
      );
      await expect(writeDeadLetter(pool, runId, 0, { offset: 0, reason: 'x', raw: null })).rejects.toThrow(
        /must be stopped/,
      );
    }
    expect((await contractOf(run)).totals.size).toBe(0);
  });

  it('of a partition whose log lost offsets are refused until a person accepts the gap, those of others never', async () => {
    const run = await begin();
    await flush(pool, run.runId, countOf(log, 2));
    const gap = (toOffset: number) =>
      pool.query(
        `INSERT INTO analytics.log_gap (topic_id, part, from_offset, to_offset, topic) VALUES ($1, 0, 2, $2, $3)
         ON CONFLICT (topic_id, part, from_offset) DO UPDATE SET to_offset = excluded.to_offset`,
        [run.topicId, toOffset, run.topic],
      );
    await gap(4);
    const before = await contractOf(run);
    await expect(flush(pool, run.runId, countOf(log, 5))).rejects.toThrow(
      /may not write of partition 0: its log lost offsets, from 2 to 4$/,
    );
    await expect(writeDeadLetter(pool, run.runId, 0, { offset: 4, reason: 'x', raw: null })).rejects.toThrow(
      /lost offsets/,
    );
    expect(await contractOf(run)).toEqual(before);
    await writeProgress(pool, run.runId, 1, { ...START, nextOffset: 1, events: 1 });
    await pool.query('UPDATE analytics.log_gap SET accepted_at = now() WHERE topic_id = $1', [run.topicId]);
    await writeProgress(pool, run.runId, 0, { ...START, nextOffset: 5, events: 3 });
    expect((await contractOf(run)).absent).toBe(2);
    // Offsets that were counted come again: nothing can be accepted that makes this right.
    await gap(1);
    await expect(flush(pool, run.runId, countOf(log, 5))).rejects.toThrow(/from 2 to 1$/);
  });

  it('that wait while a run ends are refused once it has', async () => {
    const run = await begin();
    const ending = await pool.connect();
    await ending.query('BEGIN');
    await ending.query(LOCK_RUNS);
    await ending.query(`UPDATE analytics.flink_run SET state = 'ended', over_at = now() WHERE run_id = $1`, [
      run.runId,
    ]);
    const flushed = flush(pool, run.runId, countOf(log, 1)).catch((error: unknown) => messageOf(error));
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;
    while ((await pool.query(waiting)).rowCount === 0) await sleep(10);
    await ending.query('COMMIT');
    ending.release();
    expect(await flushed).toMatch(/is ended/);
  });
});
