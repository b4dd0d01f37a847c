// The job of Flink killed, stopped and resumed in the middle of the log: what it counts is the oracle's count all the same.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productImagesProcessed } from '#contracts/topics.ts';
import type { Run } from '../../analytics/flink/runs/run.ts';
import { createRandom, type Random } from '../../demo/samples/random.ts';
import { deleteRecords } from '../faults/delete-records.ts';
import { imageLog, type LogEntry } from '../faults/image-log.ts';
import { HURRIED_WINDOWS, Rig } from '../faults/rig.ts';
import { SEEDS } from '../faults/seeds.ts';
import { countLog, readCount } from './counts.ts';
import { FlinkCount, type FlinkCountOptions } from './flink-count.ts';
import { type SpecFlink, startSpecFlink } from './spec-flink.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS;
/** The worker's. */
const PATIENCE = {
  outOfOrderBoundMs: Number(HURRIED_WINDOWS.OUT_OF_ORDER_BOUND_MS),
  latenessMs: Number(HURRIED_WINDOWS.LATENESS_MS),
};
const ENGINE = join(import.meta.dirname, '../../analytics/flink/runs/engine.cli.ts');
const ROUNDS = 3;
const EVENTS_A_ROUND = 1_200;

let flink: SpecFlink;
let rig: Rig;

beforeAll(async () => {
  flink = await startSpecFlink();
}, 120_000);

afterAll(() => flink.stop(), 60_000);

const begin = (settings: FlinkCountOptions['settings'] = {}): Promise<FlinkCount> =>
  FlinkCount.begin({ flink, client: rig.client, brokers: rig.env.KAFKA_BROKERS!, ...PATIENCE, settings });

/** Waits until some of it was written, so that there is something to lose. */
async function killTasks(count: FlinkCount, random: Random): Promise<void> {
  const before = await count.written();
  while ((await count.written()) === before) await sleep(50);
  await sleep(random.whole(0, 900));
  process.kill(flink.taskManagerPid(), 'SIGKILL');
}

async function expectTheOraclesCount(count: FlinkCount): Promise<void> {
  const { behindLast, ...expected } = await countLog(rig.client, { ...PATIENCE, seenIdsMax: 262_144 });
  await count.caughtUp(behindLast, 120_000);
  const found = await readCount(count.databaseUrl);
  expect(found).toEqual(expected);
}

describe.each(SEEDS)('a log that goes on while Flink fails (seed %i)', (seed) => {
  const random = createRandom(seed);
  const log = imageLog(random, {
    events: ROUNDS * EVENTS_A_ROUND,
    spanMs: 12 * MINUTE_MS,
    startMs: START_MS,
  });
  let fed = 0;
  /** In small sends, for some seconds. */
  const feedRound = (): Promise<void> => {
    const some = log.slice(fed, fed + EVENTS_A_ROUND);
    fed += EVENTS_A_ROUND;
    return rig.feed(some, 40, 100);
  };
  let count: FlinkCount;

  beforeAll(async () => {
    rig = await Rig.open();
    count = await begin();
  }, 120_000);

  afterAll(async () => {
    await count.close();
    await rig.close();
  }, 60_000);

  it('is counted once when the TaskManager is killed in the middle', async () => {
    const feeding = feedRound();
    await killTasks(count, random);
    await feeding;
    await expectTheOraclesCount(count);
    expect(await flink.rest.failures(count.jobId)).not.toEqual([]);
  }, 240_000);

  it('is counted once when the job is stopped with a savepoint and continued from it', async () => {
    const feeding = feedRound();
    const before = await count.written();
    while ((await count.written()) === before) await sleep(50);
    const savepoint = await flink.rest.stopWithSavepoint(count.jobId);
    await feeding;
    const atStop = await count.written();
    await count.start(savepoint);
    await expectTheOraclesCount(count);
    expect(await count.written()).toBeGreaterThan(atStop);
  }, 240_000);

  it('is counted once when the job begins again from an older savepoint, or from nothing', async () => {
    const savepoint = await flink.rest.stopWithSavepoint(count.jobId);
    await count.start(savepoint);
    const feeding = feedRound();
    await feeding;
    await expectTheOraclesCount(count);
    await flink.rest.cancel(count.jobId);
    // Older than what is written by a whole round.
    await count.start(savepoint);
    await sleep(3_000);
    await expectTheOraclesCount(count);
    await flink.rest.cancel(count.jobId);
    await count.start();
    await sleep(5_000);
    await expectTheOraclesCount(count);
  }, 300_000);
});

describe('a job without checkpoints', () => {
  it('is found out: what it counts never reaches the database', async () => {
    rig = await Rig.open();
    const count = await FlinkCount.begin({
      flink,
      client: rig.client,
      brokers: rig.env.KAFKA_BROKERS!,
      ...PATIENCE,
      sabotage: (statement) =>
        statement.includes("'execution.checkpointing.interval'")
          ? "SET 'table.local-time-zone' = 'UTC'"
          : statement,
    });
    try {
      await rig.feed(
        imageLog(createRandom(1), { events: 300, spanMs: MINUTE_MS, startMs: START_MS }),
        100,
        0,
      );
      const { behindLast, totals } = await countLog(rig.client, { ...PATIENCE, seenIdsMax: 262_144 });
      await expect(count.caughtUp(behindLast, 20_000)).rejects.toThrow(/behind/);
      expect((await readCount(count.databaseUrl)).totals).not.toEqual(totals);
    } finally {
      await count.close();
      await rig.close();
    }
  }, 120_000);
});

/** Every `nth` entry. */
const some = (entries: readonly LogEntry[], nth: number): LogEntry[] =>
  entries.filter((_, index) => index % nth === 0);

describe.each(SEEDS)('a platform whose worker lives all the time (seed %i)', (seed) => {
  const log = imageLog(createRandom(seed), { events: 1_800, spanMs: 8 * MINUTE_MS, startMs: START_MS });
  const [first, second, third] = [0, 600, 1_200].map((from) => log.slice(from, from + 600)) as [
    LogEntry[],
    LogEntry[],
    LogEntry[],
  ];
  let count: FlinkCount;

  const engine = async (...command: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [ENGINE, ...command], { env: rig.env })).stdout;
  const beginByCommand = async (): Promise<FlinkCount> => {
    const run = JSON.parse(await engine('begin', '--json')) as Run;
    const options = { flink, client: rig.client, brokers: rig.env.KAFKA_BROKERS!, ...PATIENCE };
    return FlinkCount.ofRun(options, run, rig.databaseUrl);
  };
  const feed = (entries: readonly LogEntry[]): Promise<void> => rig.feed(entries, 100, 0);
  const expectNoDifference = async (): Promise<void> => {
    await rig.caughtUp();
    const { differences, pending } = await rig.reconcile();
    expect({ differences, pending }).toEqual({ differences: [], pending: [] });
  };

  beforeAll(async () => {
    rig = await Rig.open();
    await rig.startWorker();
  }, 120_000);

  afterAll(async () => {
    await count.close();
    await rig.close();
  }, 60_000);

  it('changes to Flink and back, and each event is counted once, also those that come again across a change', async () => {
    await feed(first);
    await rig.caughtUp();
    count = await beginByCommand();
    await feed([...some(first, 3), ...second, ...some(first, 5)]);
    await expectNoDifference();
    const savepoint = await flink.rest.stopWithSavepoint(count.jobId);
    await feed(some(second, 4));
    await expect(engine('end')).resolves.toContain('has ended');
    await feed([...some(second, 3), ...third, ...some(first, 7)]);
    await expectNoDifference();
    // A job that lives on is refused, and says why.
    await count.start(savepoint);
    await isRefused(`${count.run.runId} is ended: its job must be stopped`);
    await flink.rest.cancel(count.jobId);
    await expectNoDifference();
  }, 240_000);
});

describe('a log that loses offsets while the job is away', () => {
  it('is counted no further until a person accepts the gap, which is then absent and nothing else', async () => {
    const topic = productImagesProcessed;
    rig = await Rig.open();
    await rig.startWorker();
    const log = imageLog(createRandom(1), { events: 1_200, spanMs: 8 * MINUTE_MS, startMs: START_MS });
    // The partition that will lose its beginning has nothing yet.
    const elsewhere = log
      .slice(0, 400)
      .map((entry, index) => ({ ...entry, partition: 1 + (index % (topic.partitions - 1)) }));
    const lost = 20;
    await rig.until(
      `SELECT count(*) = ${topic.partitions} AS yes FROM analytics.part_state WHERE owner <> ''`,
    );
    const run = JSON.parse(
      (await promisify(execFile)(process.execPath, [ENGINE, 'begin', '--json'], { env: rig.env })).stdout,
    ) as Run;
    const options = { flink, client: rig.client, brokers: rig.env.KAFKA_BROKERS!, ...PATIENCE };
    const count = await FlinkCount.ofRun(options, run, rig.databaseUrl);
    try {
      await rig.feed(elsewhere, 100, 0);
      await rig.caughtUp();
      const savepoint = await flink.rest.stopWithSavepoint(count.jobId);
      await rig.feed(log.slice(400), 100, 0);
      await deleteRecords(rig.client, topic.name, { partition: 0, below: lost });
      await rig.until(
        `SELECT count(*) = 1 AS yes FROM analytics.log_gap WHERE part = 0 AND from_offset = 0 AND to_offset = ${lost}`,
      );
      await count.start(savepoint);
      await isRefused(`may not write of partition 0: its log lost offsets, from 0 to ${lost}`);
      const states = await rig.query<{ next: number }>(
        'SELECT next_offset::int AS next FROM analytics.part_state WHERE part = 0',
      );
      expect(states).toEqual([{ next: 0 }]);
      await rig.query('UPDATE analytics.log_gap SET accepted_at = now()');
      await rig.caughtUp(topic.partitions, 90_000);
      expect(await rig.reconcile()).toMatchObject({ differences: [], pending: [] });
      expect(
        await rig.query('SELECT absent::int AS absent FROM analytics.part_state WHERE part = 0'),
      ).toEqual([{ absent: lost }]);
    } finally {
      await count.close();
      await rig.close();
    }
  }, 240_000);
});

/**
 * Waits until the TaskManager says so. Nobody else does: a sink that is refused fails again while it is closed, which Flink takes for fatal,
 * so the TaskManager ends before it could report the reason to the JobManager.
 */
async function isRefused(words: string): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!(await flink.taskManagerLog()).includes(words)) {
    if (performance.now() > deadline) throw new Error(`it does not say "${words}"`);
    await sleep(200);
  }
  // Nor does it show the values that it could not write: dead letters may contain anything.
  expect(await flink.taskManagerLog()).not.toContain('VALUES (');
}
