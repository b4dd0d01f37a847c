// Row 19 of the reliability table: the log itself changes. Partitions are added, records are deleted before they were read, a topic is
// deleted and created again.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import { createTopics, withAdmin } from '#runtime/kafka/client.ts';
import { PartitionCount } from '../../analytics/reconcile/oracle.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { type ReadRecord, readTopic } from '../topic-reader.ts';
import { deleteRecords } from './delete-records.ts';
import { countedBeyond, countedOffsets, startFlow } from './flow.ts';
import { imageLog, type LogEntry } from './image-log.ts';
import { Rig } from './rig.ts';
import { SEEDS } from './seeds.ts';

const { name: TOPIC, partitions: PARTITIONS } = productImagesProcessed;
const GROUP = 'moved-ahead';
const PARTITIONS_LATER = PARTITIONS + 3;

let rig: Rig;
let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
}, 60_000);

async function openRig(): Promise<void> {
  rig = await Rig.open();
  closing.push(() => rig.close());
}

const logOf = (seed: number, events: number): LogEntry[] =>
  imageLog(createRandom(seed), { events, spanMs: 5 * 60_000, startMs: Date.now() - 20 * 60_000 });

/** Starts a worker, waits until it has counted everything, and kills it. */
async function countAll(): Promise<void> {
  const worker = await rig.startWorker();
  await rig.caughtUp();
  worker.kill('SIGKILL');
  await worker.ended;
}

async function expectNoDifference(partitions = PARTITIONS): Promise<void> {
  await rig.caughtUp(partitions);
  const report = await rig.reconcile();
  expect(report.differences).toEqual([]);
  expect(report.pending).toEqual([]);
}

describe('partitions that are added', () => {
  it.each(SEEDS)(
    'while events are sent are counted from their first record (seed %i)',
    async (seed) => {
      await openRig();
      const log = logOf(seed, 6_000);
      const flow = await startFlow(rig, log, { backlog: 4_000, perSend: 40, pauseMs: 150 });
      closing.push(() => flow.stop());
      await rig.startWorker();
      await countedBeyond(rig, createRandom(seed).whole(50, 500));
      await withAdmin(rig.client, (admin) =>
        admin.createPartitions({
          topicPartitions: [{ topic: rig.client.nameOf(TOPIC), count: PARTITIONS_LATER }],
        }),
      );
      expect(await countedOffsets(rig)).toBeLessThan(flow.sent());
      // The flow's producer learns of the new partitions minutes later; a new producer sends to them at once.
      await rig.feed(log.slice(0, 600), 60, 0);
      await rig.until(
        `SELECT count(*) = ${PARTITIONS_LATER - PARTITIONS} AS yes FROM analytics.part_state
         WHERE part >= ${PARTITIONS} AND first_offset = 0 AND events > 0`,
      );
      await flow.stop();
      await expectNoDifference(PARTITIONS_LATER);
    },
    120_000,
  );
});

describe('offsets that are gone before they were read', () => {
  it.each(SEEDS)(
    'halt the worker, which changes nothing until a person accepts the gap (seed %i)',
    async (seed) => {
      await openRig();
      const log = logOf(seed, 1_800);
      await rig.feed(log.slice(0, 600), 60, 0);
      await countAll();
      await rig.feed(log.slice(600), 60, 0);
      const records = (await readTopic(rig.client, TOPIC)).filter(({ partition }) => partition === 0);
      const before = await firstPartition();
      const gapEnd = before.next + createRandom(seed).whole(5, 60);
      expect(before.next).toBeGreaterThan(0);
      expect(gapEnd).toBeLessThan(records.length);
      await deleteBelow(gapEnd);

      await expectHalt({ part: 0, from_offset: before.next, to_offset: gapEnd });
      expect(await firstPartition()).toEqual(before);

      await acceptGap();
      await rig.startWorker();
      // The halted worker left old ends in the database: only the log itself shows when everything has been counted.
      await rig.until(
        `SELECT next_offset = ${records.length} AS yes FROM analytics.part_state WHERE part = 0`,
      );
      // Reconcile cannot count the deleted records again: they were read above, and are counted here.
      const present = records.filter(
        ({ offset }) => Number(offset) < before.next || Number(offset) >= gapEnd,
      );
      expect(await firstPartition()).toEqual({
        next: records.length,
        absent: gapEnd - before.next,
        totals: plainTotals(present),
      });
    },
    120_000,
  );

  it.each(SEEDS)(
    'are missing in every store once the gap is accepted, and nothing else is missing (seed %i)',
    async (seed) => {
      await openRig();
      const log = logOf(seed, 1_800);
      // The partition that will lose its first records is claimed while it is still empty.
      const elsewhere = log
        .slice(0, 600)
        .map((entry, index) => ({ ...entry, partition: 1 + (index % (PARTITIONS - 1)) }));
      await rig.feed(elsewhere, 60, 0);
      await countAll();
      await rig.feed(log.slice(600), 60, 0);
      const gapEnd = createRandom(seed).whole(5, 60);
      await deleteBelow(gapEnd);
      await expectHalt({ part: 0, from_offset: 0, to_offset: gapEnd });

      await acceptGap();
      await rig.startWorker();
      await expectNoDifference();
      expect((await firstPartition()).absent).toBe(gapEnd);
    },
    120_000,
  );
});

describe('offsets of the group that are ahead of the database', () => {
  // A worker that dies between its two commits leaves them so, or a person does. No new record comes that would bring a batch.
  it.each(SEEDS)(
    'are ignored: the records before them are counted (seed %i)',
    async (seed) => {
      await openRig();
      await rig.feed(logOf(seed, 1_000), 60, 0);
      const topic = rig.client.nameOf(TOPIC);
      await withAdmin(rig.client, async (admin) => {
        const ends = await admin.fetchTopicOffsets(topic);
        const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
        await admin.setOffsets({ groupId: rig.client.nameOf(GROUP), topic, partitions });
      });
      await rig.startWorker({}, { ANALYTICS_GROUP: GROUP });
      await expectNoDifference();
      expect(await countedOffsets(rig)).toBe(1_000);
    },
    120_000,
  );
});

describe('a topic that was deleted and created again with the same name', () => {
  it.each(SEEDS)(
    'is counted from its first record, in addition to the former topic (seed %i)',
    async (seed) => {
      await openRig();
      const log = logOf(seed, 1_000);
      await rig.feed(log.slice(0, 500), 60, 0);
      await countAll();
      const former = await totalEvents();
      expect(former).toBeGreaterThan(0);
      // The former topic is deleted with unread records, and its positions are beyond the new topic's end.
      await rig.feed(log.slice(500, 700), 60, 0);
      await withAdmin(rig.client, (admin) => admin.deleteTopics({ topics: [rig.client.nameOf(TOPIC)] }));
      await createWhenGone();
      await rig.feed(log.slice(700), 60, 0);

      await rig.startWorker();
      await rig.until(
        `SELECT count(*) = ${PARTITIONS} AS yes FROM analytics.part_state WHERE retired_at IS NOT NULL`,
      );
      await expectNoDifference();
      const [anew] = await rig.query<{ events: number; offsets: number }>(
        `SELECT sum(events)::int AS events, sum(next_offset - first_offset)::int AS offsets
         FROM analytics.part_state WHERE retired_at IS NULL`,
      );
      expect(anew!.offsets).toBe(log.length - 700);
      expect(await totalEvents()).toBe(former + anew!.events);
    },
    120_000,
  );
});

/** Expects that the worker ends without a signal, names the missing offsets, and records exactly these. */
async function expectHalt(gap: { part: number; from_offset: number; to_offset: number }): Promise<void> {
  const halted = await rig.startWorker();
  expect(await halted.ended).toBe(1);
  expect(halted.output()).toContain(
    `offsets ${gap.from_offset} to ${gap.to_offset - 1} are gone from the log`,
  );
  expect(
    await rig.query(
      'SELECT part, from_offset::int, to_offset::int, accepted_at IS NOT NULL AS accepted FROM analytics.log_gap',
    ),
  ).toEqual([{ ...gap, accepted: false }]);
}

const acceptGap = () => rig.query('UPDATE analytics.log_gap SET accepted_at = now()');

const deleteBelow = (below: number) => deleteRecords(rig.client, TOPIC, { partition: 0, below });

interface FirstPartition {
  readonly next: number;
  readonly absent: number;
  /** `window label events bytes late-events late-bytes`, in order. */
  readonly totals: readonly string[];
}

async function firstPartition(): Promise<FirstPartition> {
  const [state] = await rig.query<{ next: number; absent: number }>(
    'SELECT next_offset::int AS next, absent::int AS absent FROM analytics.part_state WHERE part = 0',
  );
  const rows = await rig.query<{ total: string }>(
    `SELECT concat_ws(' ', extract(epoch FROM window_start)::bigint, size_label, events, bytes, late_events, late_bytes) AS total
     FROM analytics.window_part WHERE part = 0`,
  );
  return { ...state!, totals: rows.map(({ total }) => total).toSorted() };
}

function plainTotals(records: readonly ReadRecord[]): string[] {
  const count = new PartitionCount({
    outOfOrderBoundMs: Number(rig.env.OUT_OF_ORDER_BOUND_MS),
    latenessMs: Number(rig.env.LATENESS_MS),
    seenIdsMax: Number.MAX_SAFE_INTEGER,
  });
  for (const { offset, timestamp, value, headers } of records)
    count.add({ offset: Number(offset), timestampMs: Number(timestamp), value, headers: headers ?? {} });
  return [...count.totals.values()]
    .map(({ windowStartMs, label, events, bytes, lateEvents, lateBytes }) =>
      [windowStartMs / 1_000, label, events, bytes, lateEvents, lateBytes].join(' '),
    )
    .toSorted();
}

async function totalEvents(): Promise<number> {
  const [row] = await rig.query<{ events: number }>(
    'SELECT sum(events)::int AS events FROM analytics.window_part',
  );
  return row!.events;
}

/** Kafka answers before the topic is deleted. */
async function createWhenGone(): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const created: readonly string[] = await createTopics(
      rig.client,
      topicSettings([productImagesProcessed]),
      1,
    ).catch((): string[] => []);
    if (created.includes(TOPIC)) return;
    await sleep(200);
  }
  throw new Error('the topic could not be made again');
}
