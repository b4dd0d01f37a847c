// The job of Flink killed, stopped and resumed in the middle of the log: what it counts is the oracle's count all the same.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningFlink } from '../../local/flink.ts';
import { imageLog } from '../faults/image-log.ts';
import { type Random, seeded } from '../faults/random.ts';
import { Rig } from '../faults/rig.ts';
import { SEEDS } from '../faults/seeds.ts';
import { type Count, countLog, readCount } from './counts.ts';
import { FlinkCount, type FlinkCountOptions } from './flink-count.ts';
import { startSpecFlink } from './spec-flink.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS;
const PATIENCE = { outOfOrderBoundMs: 2_000, latenessMs: 1_000 };
const ROUNDS = 3;
const EVENTS_A_ROUND = 1_200;

let flink: RunningFlink;
let rig: Rig;

beforeAll(async () => {
  flink = await startSpecFlink();
}, 120_000);

afterAll(() => flink.stop(), 60_000);

const begin = (settings: FlinkCountOptions['settings'] = {}): Promise<FlinkCount> =>
  FlinkCount.begin({ flink, client: rig.client, brokers: rig.env.KAFKA_BROKERS!, ...PATIENCE, settings });

/** Once something of it was written, so that there is something to lose. */
async function killTasks(count: FlinkCount, random: Random): Promise<void> {
  const before = await count.written();
  while ((await count.written()) === before) await sleep(50);
  await sleep(random.whole(0, 900));
  process.kill(flink.taskManagerPid(), 'SIGKILL');
}

async function expectTheOraclesCount(count: FlinkCount): Promise<void> {
  const { behindLast, ...expected } = await countLog(rig.client, { ...PATIENCE, seenIdsMax: 262_144 });
  await count.caughtUp(behindLast, 120_000);
  const found: Count = await readCount(count.databaseUrl);
  expect(found).toEqual(expected);
}

describe.each(SEEDS)('a log that goes on while Flink fails (seed %i)', (seed) => {
  const random = seeded(seed);
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
    expect(await flink.rest.failure(count.jobId)).toBeDefined();
  }, 240_000);

  it('is counted once when the job is stopped with a savepoint and goes on from it', async () => {
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
      await rig.feed(imageLog(seeded(1), { events: 300, spanMs: MINUTE_MS, startMs: START_MS }), 100, 0);
      const { behindLast, totals } = await countLog(rig.client, { ...PATIENCE, seenIdsMax: 262_144 });
      await expect(count.caughtUp(behindLast, 20_000)).rejects.toThrow(/behind/);
      expect((await readCount(count.databaseUrl)).totals).not.toEqual(totals);
    } finally {
      await count.close();
      await rig.close();
    }
  }, 120_000);
});
