// Row 19: the log itself changes. Partitions are added; records are deleted before they were read; a topic is made anew.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import { createTopics, withAdmin } from '#runtime/kafka.ts';
import { imageLog, type LogEntry } from './image-log.ts';
import { seeded } from './random.ts';
import { Rig } from './rig.ts';

let rig: Rig;

afterEach(() => rig.close(), 60_000);

const logOf = (seed: number, events: number): LogEntry[] =>
  imageLog(seeded(seed), { events, spanMs: 5 * 60_000, startMs: Date.now() - 20 * 60_000 });

const ACCOUNTED = `SELECT bool_and(events + dead_letters + repeats + absent = next_offset - first_offset) AS yes FROM analytics.part_state`;

describe('a log that changes under the worker', () => {
  it('has the records of new partitions counted from their beginning', async () => {
    rig = await Rig.open();
    await rig.startWorker();
    await rig.feed(logOf(1, 300), 100, 0);
    const topic = rig.client.nameOf(productImagesProcessed.name);
    await withAdmin(rig.client, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: 9 }] }),
    );
    await rig.feed(logOf(2, 600), 100, 0);
    expect(await rig.caughtUp(9)).toBe(true);
    const report = await rig.reconcile();
    expect(report.differences).toEqual([]);
    expect(
      await rig.query('SELECT count(*)::int AS n FROM analytics.part_state WHERE part >= 6 AND events > 0'),
    ).toEqual([{ n: 3 }]);
  }, 120_000);

  it('halts the worker when offsets are gone that it never read, and skips them only when a person says so', async () => {
    rig = await Rig.open();
    const first = await rig.startWorker();
    await rig.feed(logOf(3, 600), 100, 0);
    await rig.caughtUp();
    first.kill('SIGKILL');
    await first.ended;
    await rig.feed(logOf(4, 600), 100, 0);
    const [at] = await rig.query<{ next: number }>(
      'SELECT next_offset::int AS next FROM analytics.part_state WHERE part = 0',
    );
    const before = await totals();
    const topic = rig.client.nameOf(productImagesProcessed.name);
    await withAdmin(rig.client, async (admin) => {
      // kafkajs deletes records only of topics whose metadata it has asked for before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({
        topic,
        partitions: [{ partition: 0, offset: String(at!.next + 10) }],
      });
    });

    const halted = await rig.startWorker();
    expect(await halted.ended).toBe(1);
    expect(halted.output()).toContain('are gone from the log');
    expect(await rig.query('SELECT part, from_offset::int, to_offset::int FROM analytics.log_gap')).toEqual([
      { part: 0, from_offset: at!.next, to_offset: at!.next + 10 },
    ]);
    expect(
      await rig.query('SELECT next_offset::int AS next FROM analytics.part_state WHERE part = 0'),
    ).toEqual([at]);

    await rig.query('UPDATE analytics.log_gap SET accepted_at = now()');
    await rig.startWorker();
    await rig.until('SELECT absent = 10 AS yes FROM analytics.part_state WHERE part = 0');
    expect(await rig.caughtUp()).toBe(true);
    expect(await rig.query(ACCOUNTED)).toEqual([{ yes: true }]);
    expect(await totals()).toBeGreaterThan(before);
  }, 120_000);

  it('begins anew with a topic that was deleted and made again under its name', async () => {
    rig = await Rig.open();
    const first = await rig.startWorker();
    await rig.feed(logOf(5, 300), 100, 0);
    await rig.caughtUp();
    const before = await totals();
    first.kill('SIGKILL');
    await first.ended;
    const topic = rig.client.nameOf(productImagesProcessed.name);
    await withAdmin(rig.client, (admin) => admin.deleteTopics({ topics: [topic] }));
    await createWhenGone();
    await rig.feed(logOf(6, 200), 100, 0);
    await rig.startWorker();
    await rig.until('SELECT count(*) = 6 AS yes FROM analytics.part_state WHERE retired_at IS NOT NULL');
    expect(await rig.caughtUp()).toBe(true);
    expect(await rig.query(ACCOUNTED)).toEqual([{ yes: true }]);
    expect(await totals()).toBeGreaterThan(before);
  }, 120_000);
});

async function totals(): Promise<number> {
  const [row] = await rig.query<{ events: number }>(
    'SELECT sum(events)::int AS events FROM analytics.window_part',
  );
  return row!.events;
}

/** Deletion ends after its answer. */
async function createWhenGone(): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const created: readonly string[] = await createTopics(
      rig.client,
      topicSettings([productImagesProcessed]),
      1,
    ).catch((): string[] => []);
    if (created.includes(productImagesProcessed.name)) return;
    await sleep(200);
  }
  throw new Error('the topic could not be made again');
}
