// Rows 13 to 18 and 20 of the reliability table: events are poison, late, out of order, from the future, aborted, or come twice.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { analyticsResults, productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import {
  createProducer,
  createTopics,
  type KafkaClient,
  type Producer,
  withAdmin,
} from '#runtime/kafka/client.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { freshAnalyticsDatabase } from '../fresh.ts';
import { readTopic } from '../topic-reader.ts';
import { imageLog, type LogEntry } from './image-log.ts';
import { Rig } from './rig.ts';
import type { RunningWorker } from './running-worker.ts';
import { SEEDS } from './seeds.ts';
import { event, POISON } from './single-events.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS;
/** How long the rig's workers keep a window open after its end: the bound of disorder and the lateness. */
const OPEN_MS = 3_000;
/** Enough products for every partition to get some. */
const PRODUCTS = Array.from({ length: 40 }, (_, index) => `future-${index}`);
const DEAD_LETTERS = productImagesProcessed.deadLetters!;

let rig: Rig;
/** Gets events with future times. A minute must pass after them, so the other rules are tried meanwhile. */
let ahead: Rig;

beforeAll(async () => {
  ahead = await Rig.open();
  await ahead.startWorker();
}, 60_000);

afterAll(() => ahead.close(), 60_000);

async function expectNoDifference(settled = rig, settleMs = 60_000): Promise<void> {
  await settled.caughtUp();
  const report = await settled.reconcile(settleMs);
  expect(report.differences).toEqual([]);
  expect(report.pending).toEqual([]);
}

/** Dead letters in the order in which they were recorded. */
const letters = () =>
  rig.query<{ id: string; reason: string; raw: Buffer | null }>(
    `SELECT topic_id || '/' || part || '/' || "offset" AS id, reason, raw
     FROM analytics.dlq ORDER BY recorded_at, part, "offset"`,
  );

async function transactionalProducer(transactionalId: string): Promise<Producer> {
  const producer = createProducer(rig.client, { transactionalId });
  await producer.connect();
  return producer;
}

const records = (count: number) => ({
  topic: rig.client.nameOf(productImagesProcessed.name),
  acks: -1,
  messages: Array.from({ length: count }, () => {
    const { headers, ...record } = event(START_MS);
    return { ...record, headers: { ...headers } };
  }),
});

type OfKind = { readonly kind: string };
const byKind = (a: OfKind, b: OfKind): number => (a.kind < b.kind ? -1 : 1);

const TOTALS = `SELECT window_start, size_label, events, bytes, late_events, late_bytes
  FROM analytics.size_label_totals ORDER BY 1, 2`;
const COUNTED = 'SELECT sum(events)::int AS events FROM analytics.part_state';
const FUTURE_LETTERS = `SELECT count(DISTINCT part)::int AS parts FROM analytics.dlq WHERE reason = 'future-time'`;

/** Kafka answers before the topic is deleted. */
async function makeAnew(client: KafkaClient, names: readonly string[]): Promise<void> {
  const topics = names.map(client.nameOf);
  await withAdmin(client, async (admin) => {
    await admin.deleteTopics({ topics });
    while ((await admin.listTopics()).some((name) => topics.includes(name))) await sleep(100);
  });
  await createTopics(
    client,
    topicSettings().filter(({ topic }) => names.includes(topic)),
    1,
  );
}

describe('a time from the future', () => {
  it('moves no watermark', async () => {
    // In the present minute, whose window must stay open until the minute is over: the last rule checks that.
    const ofNow = PRODUCTS.map((product) => event(Date.now(), product));
    await ahead.feed(ofNow, 100, 0);
    await ahead.until(`SELECT sum(events) = ${PRODUCTS.length} AS yes FROM analytics.part_state`);
    const maxTimes = 'SELECT part, max_ts FROM analytics.part_state ORDER BY part';
    const before = await ahead.query(maxTimes);
    const [lettersBefore] = await ahead.query<{ parts: number }>(FUTURE_LETTERS);
    expect(lettersBefore!.parts).toBe(0);
    // To every partition, because the least watermark decides.
    const ofLater = PRODUCTS.flatMap((product) => [
      event(Date.now() + 10 * MINUTE_MS, product),
      event(Date.now() + 365 * 24 * 60 * MINUTE_MS, product),
    ]);
    await ahead.feed(ofLater, 100, 0);
    await ahead.until(`SELECT count(*) = 80 AS yes FROM analytics.dlq WHERE reason = 'future-time'`);
    expect(await ahead.query(FUTURE_LETTERS)).toEqual([{ parts: productImagesProcessed.partitions }]);
    expect(await ahead.query(maxTimes)).toEqual(before);
  }, 90_000);
});

describe('while one worker runs', () => {
  let worker: RunningWorker;

  beforeAll(async () => {
    rig = await Rig.open();
    worker = await rig.startWorker();
  }, 60_000);

  afterAll(async () => {
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    await rig.close();
  }, 60_000);

  it('closes windows although some partitions have never had a record, and revises when they get one', async () => {
    await rig.feed([event(START_MS, 'lonely'), event(START_MS + 1_000, 'lonely')], 10, 0);
    await rig.until('SELECT count(*) = 1 AS yes FROM analytics.window_out WHERE events = 2');
    expect(
      await rig.query(
        'SELECT count(*)::int AS n FROM analytics.part_state WHERE max_ts IS NULL AND next_offset = 0',
      ),
    ).toEqual([{ n: productImagesProcessed.partitions - 1 }]);
    await rig.feed(
      Array.from({ length: 20 }, (_, index) => event(START_MS + index)),
      100,
      0,
    );
    await rig.until('SELECT max(revision) > 1 AND max(events) = 22 AS yes FROM analytics.window_out');
    await expectNoDifference();
  }, 90_000);

  it('counts late events, before and after their window has closed, and says how many were late', async () => {
    const early = START_MS + 2 * MINUTE_MS;
    await rig.feed(
      [
        event(early + 1_000, 'late'),
        // Out of order, but within the bound.
        event(early, 'late'),
        event(early + 5 * MINUTE_MS, 'late'),
        event(early + 1, 'late'),
      ],
      10,
      0,
    );
    const windowOf = `window_start = to_timestamp(${early / 1_000})`;
    await rig.until(
      `SELECT count(*) > 0 AS yes FROM analytics.window_out WHERE ${windowOf} AND events = 3 AND late_events = 1`,
    );
    await rig.feed([event(early + 2, 'late'), event(early + 3, 'late')], 10, 0);
    await rig.until(
      `SELECT count(*) > 0 AS yes FROM analytics.window_out WHERE ${windowOf} AND events = 5 AND late_events = 3 AND revision > 1`,
    );
    await expectNoDifference();
  }, 90_000);

  it('keeps every kind of poison as one dead letter with its raw bytes, and says why', async () => {
    const kinds = POISON.map(([kind, reason, change]) => {
      const good = event(START_MS);
      const bad = { ...good, ...change(good) };
      const raw = bad.value === null ? null : Buffer.from(bad.value).toString('hex');
      return { kind, reason, raw, entry: { ...bad, headers: { ...bad.headers, 'x-kind': kind } } };
    });
    // With good events between them: each poison is refused alone.
    await rig.feed(
      kinds.flatMap(({ entry }) => [entry, event(START_MS)]),
      100,
      0,
    );
    await expectNoDifference();
    const expected = kinds.map(({ kind, reason, raw }) => ({ kind, reason, raw }));
    const kept = await rig.query(`SELECT headers->>'x-kind' AS kind, reason, encode(raw, 'hex') AS raw
      FROM analytics.dlq WHERE headers ? 'x-kind' ORDER BY headers->>'x-kind' COLLATE "C"`);
    expect(kept).toEqual(expected.toSorted(byKind));
    const published = (await readTopic(rig.client, DEAD_LETTERS))
      .map(({ value, headers }) => ({
        kind: String(headers?.['x-kind']),
        reason: String(headers?.['dlq-reason']),
        raw: value && value.toString('hex'),
      }))
      .filter(({ kind }) => kind !== 'undefined');
    expect(published.toSorted(byKind)).toEqual(expected.toSorted(byKind));
  }, 90_000);

  it('keeps one dead letter for each record of a whole batch of poison, and goes on', async () => {
    // One product, so one partition, and more records than one batch takes.
    const poison = Array.from(
      { length: 400 },
      (): LogEntry => ({
        ...event(START_MS, 'poisoned'),
        value: '{"productId":',
      }),
    );
    const before = await letters();
    await rig.feed(poison, 400, 0);
    await expectNoDifference();
    const added = (await letters()).slice(before.length);
    expect(added).toHaveLength(poison.length);
    expect(new Set(added.map(({ id }) => id)).size).toBe(poison.length);
    await rig.feed([event(START_MS, 'poisoned')], 1, 0);
    await expectNoDifference();
  }, 90_000);

  it('keeps a record of ten megabytes whole, and says so where its topic cannot take it', async () => {
    const huge = { ...event(START_MS), value: Buffer.alloc(10_000_000, 'x') };
    await rig.feed([huge], 1, 0);
    await expectNoDifference();
    expect(
      await rig.query(
        'SELECT count(*)::int AS n FROM analytics.dlq WHERE octet_length(raw) = 10000000 AND published',
      ),
    ).toEqual([{ n: 1 }]);
    const published = await readTopic(rig.client, DEAD_LETTERS);
    expect(published.filter(({ headers }) => String(headers?.['dlq-body']) === 'analytics.dlq')).toHaveLength(
      1,
    );
  }, 90_000);

  it('counts the records of committed transactions only', async () => {
    const [before] = await rig.query<{ events: number }>(COUNTED);
    const [aborting, committing] = await Promise.all(['aborting', 'committing'].map(transactionalProducer));
    for (let round = 0; round < 3; round += 1) {
      // Both are open at the same time, in the same partitions, with records outside of transactions between theirs.
      const [lost, kept] = await Promise.all([aborting!.transaction(), committing!.transaction()]);
      await lost.send(records(10));
      await kept.send(records(10));
      await rig.feed([event(START_MS), event(START_MS)], 2, 0);
      await lost.send(records(10));
      await kept.send(records(10));
      await (round % 2 === 0 ? lost.abort() : kept.commit());
      await (round % 2 === 0 ? kept.commit() : lost.abort());
    }
    await Promise.all([aborting!.disconnect(), committing!.disconnect()]);
    await rig.until(`SELECT sum(events) = ${before!.events + 66} AS yes FROM analytics.part_state`);
    await expectNoDifference();
    expect(await rig.query(COUNTED)).toEqual([{ events: before!.events + 66 }]);
    // Sixty aborted records, and the markers.
    expect(await rig.query('SELECT sum(absent) > 60 AS yes FROM analytics.part_state')).toEqual([
      { yes: true },
    ]);
  }, 90_000);
});

describe('the same log again', () => {
  let closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.toReversed()) await close();
    closing = [];
  }, 60_000);

  it.each(SEEDS)(
    'gives equal totals in an empty database, and adds nothing when it is sent twice (seed %i)',
    async (seed) => {
      rig = await Rig.open();
      closing.push(() => rig.close());
      const log = imageLog(createRandom(seed), { events: 1_500, spanMs: 10 * MINUTE_MS, startMs: START_MS });
      await rig.feed(log, 500, 0);
      const first = await rig.startWorker();
      await expectNoDifference();
      const before = await rig.query(TOTALS);
      expect(before.length).toBeGreaterThan(0);

      await rig.feed(log, 500, 0);
      await expectNoDifference();
      expect(await rig.query(TOTALS)).toEqual(before);
      first.kill('SIGKILL');
      await first.ended;

      const empty = await freshAnalyticsDatabase();
      closing.push(empty.drop);
      await makeAnew(rig.client, [analyticsResults.name, DEAD_LETTERS]);
      const { RESULTS_BUCKET: _bucket, GOOGLE_CLOUD_PROJECT: _project, ...shared } = rig.env;
      const replay = await Rig.open({ ...shared, DATABASE_URL: empty.url, ANALYTICS_GROUP: 'replay' });
      closing.push(() => replay.close());
      await replay.startWorker();
      await expectNoDifference(replay);
      expect(await replay.query(TOTALS)).toEqual(before);
    },
    180_000,
  );
});

describe('the window of a minute in which times from the future came', () => {
  it('closes without another event, and not before the minute is over', async () => {
    // Once it is closed, the report has nothing pending.
    await expectNoDifference(ahead, 120_000);
    const closedEarly = `SELECT window_start FROM analytics.window_out
      WHERE created_at < window_start + interval '1 minute' + interval '${OPEN_MS} ms'`;
    expect(await ahead.query(closedEarly)).toEqual([]);
  }, 180_000);
});
