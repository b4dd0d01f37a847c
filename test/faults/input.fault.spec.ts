// Rows 13 to 18 and 20: what arrives is poison, late, out of order, from the future, aborted, or arrives twice.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer } from '#runtime/kafka.ts';
import { freshDatabase } from '../fresh.ts';
import { readTopic } from '../topic-reader.ts';
import { imageLog, type LogEntry } from './image-log.ts';
import { seeded } from './random.ts';
import { Rig } from './rig.ts';
import type { RunningWorker } from './running-worker.ts';
import { SEEDS } from './seeds.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS;
const DEAD_LETTERS = productImagesProcessed.deadLetters!;

let rig: Rig;
let ids = 0;

/** A good event at this event time, of a product of its own or of this one (and so of one partition). */
function event(timeMs: number, product = `p${ids}`, id = `e${ids}`): LogEntry {
  ids += 1;
  return encodeEvent(IMAGE_PROCESSED, product, {
    id,
    source: '/input',
    time: new Date(timeMs).toISOString(),
    data: {
      productId: product,
      source: { bucket: 'b', key: 'k', version: '1' },
      rendition: { bucket: 'b', key: 'k', format: 'jpeg', width: 900, height: 600, bytes: 1_000 },
      sizeTable: 1,
    },
  });
}

async function expectNoDifference(settled = rig): Promise<void> {
  expect(await settled.caughtUp()).toBe(true);
  const report = await settled.reconcile();
  expect(report.differences).toEqual([]);
  expect(report.pending).toEqual([]);
}

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
      [event(early, 'late'), event(early + 5 * MINUTE_MS, 'late'), event(early + 1, 'late')],
      10,
      0,
    );
    const windowOf = `window_start = to_timestamp(${early / 1_000})`;
    await rig.until(
      `SELECT count(*) > 0 AS yes FROM analytics.window_out WHERE ${windowOf} AND events = 2 AND late_events = 1`,
    );
    await rig.feed([event(early + 2, 'late'), event(early + 3, 'late')], 10, 0);
    await rig.until(
      `SELECT count(*) > 0 AS yes FROM analytics.window_out WHERE ${windowOf} AND events = 4 AND late_events = 3 AND revision > 1`,
    );
    await expectNoDifference();
  }, 90_000);

  it('keeps one dead letter for each record of a whole batch of poison, and goes on', async () => {
    const poison = imageLog(seeded(5), { events: 4_000, spanMs: MINUTE_MS, startMs: START_MS }).filter(
      ({ value, headers }) => value === null || headers['x-hostile'],
    );
    expect(poison.length).toBeGreaterThan(20);
    await rig.feed(poison, 500, 0);
    await expectNoDifference();
    const [kept] = await rig.query<{ n: number }>('SELECT count(*)::int AS n FROM analytics.dlq');
    expect(kept!.n).toBe(poison.length);
    await rig.until('SELECT bool_and(published) AS yes FROM analytics.dlq');
  }, 90_000);

  it('keeps a record of ten megabytes whole, and says so where its topic cannot take it', async () => {
    const huge = { ...event(START_MS), value: Buffer.alloc(10_000_000, 'x') };
    await rig.feed([huge], 1, 0);
    await rig.until(
      'SELECT count(*) = 1 AS yes FROM analytics.dlq WHERE octet_length(raw) = 10000000 AND published',
    );
    const letters = await readTopic(rig.client, DEAD_LETTERS);
    expect(letters.filter(({ headers }) => String(headers?.['dlq-body']) === 'analytics.dlq')).toHaveLength(
      1,
    );
  }, 90_000);

  it('lets no time from the future move its watermark', async () => {
    const maxTime = 'SELECT max(max_ts) AS at FROM analytics.part_state';
    const before = await rig.query(maxTime);
    await rig.feed(
      [event(Date.now() + 10 * MINUTE_MS), event(Date.now() + 365 * 24 * 60 * MINUTE_MS)],
      10,
      0,
    );
    await rig.until(`SELECT count(*) = 2 AS yes FROM analytics.dlq WHERE reason = 'future-time'`);
    expect(await rig.query(maxTime)).toEqual(before);
  }, 60_000);

  it('counts committed transactions and none that was aborted', async () => {
    const counted = 'SELECT sum(events)::int AS events FROM analytics.part_state';
    const [before] = await rig.query<{ events: number }>(counted);
    const producer = createProducer(rig.client, { transactionalId: 'input' });
    await producer.connect();
    for (const outcome of ['abort', 'commit', 'abort', 'commit', 'abort'] as const) {
      const transaction = await producer.transaction();
      const messages = Array.from({ length: 30 }, () => ({
        ...event(START_MS),
        headers: { ...event(START_MS).headers, ce_id: `tx${ids++}` },
      }));
      await transaction.send({ topic: rig.client.nameOf(productImagesProcessed.name), acks: -1, messages });
      await transaction[outcome]();
    }
    await producer.disconnect();
    await rig.until(`SELECT sum(events) = ${before!.events + 60} AS yes FROM analytics.part_state`);
    expect(await rig.caughtUp()).toBe(true);
    expect(await rig.query('SELECT sum(absent) > 90 AS yes FROM analytics.part_state')).toEqual([
      { yes: true },
    ]);
    expect(await rig.query(counted)).toEqual([{ events: before!.events + 60 }]);
  }, 90_000);
});

describe('the same log again', () => {
  afterEach(() => rig.close(), 60_000);

  it.each(SEEDS)(
    'gives equal totals in an empty database, and none when it is sent twice (seed %i)',
    async (seed) => {
      rig = await Rig.open();
      const log = imageLog(seeded(seed), { events: 1_500, spanMs: 10 * MINUTE_MS, startMs: START_MS });
      await rig.feed(log, 500, 0);
      const first = await rig.startWorker();
      await expectNoDifference();
      const totals =
        'SELECT window_start, size_label, events, bytes, late_events, late_bytes FROM analytics.size_label_totals ORDER BY 1, 2';
      const before = await rig.query(totals);

      await rig.feed(
        log.filter((entry) => entry.headers.ce_id !== ''),
        500,
        0,
      );
      await expectNoDifference();
      const withoutLate = ({ late_events: _events, late_bytes: _bytes, ...rest }: Record<string, unknown>) =>
        rest;
      expect((await rig.query(totals)).map(withoutLate)).toEqual(before.map(withoutLate));
      const after = await rig.query(totals);
      first.kill('SIGKILL');
      await first.ended;

      const empty = await freshDatabase();
      const { RESULTS_BUCKET: _bucket, GOOGLE_CLOUD_PROJECT: _project, ...shared } = rig.env;
      const replay = await Rig.open({ ...shared, DATABASE_URL: empty.url, ANALYTICS_GROUP: 'replay' });
      await replay.startWorker();
      expect(await replay.caughtUp()).toBe(true);
      expect(await replay.query(totals)).toEqual(after);
      await replay.close();
      await empty.drop();
    },
    180_000,
  );
});
