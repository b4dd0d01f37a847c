// Jobs over a runner in memory, whose contract Postgres keeps too (test/ports/exclusive-runner.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { exclusiveRunnerInMemory } from '../test/ports/exclusive-runner.ts';
import { createBell } from './bell.ts';
import { type Job, startJobs } from './jobs.ts';
import { createLogger } from './log.ts';
import { createRegistry } from './metrics.ts';
import type { ExclusiveRunner } from './postgres/leadership.ts';

const HOUR_MS = 3_600_000;
const stops: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

/** A replica that has these jobs, and its runs by their outcome. */
function replica(jobs: readonly Job[], runExclusively: ExclusiveRunner = exclusiveRunnerInMemory()) {
  const registry = createRegistry('spec');
  const log = createLogger('spec', 'silent');
  const stop = startJobs(jobs, { runExclusively, schema: 'spec', log, registry });
  stops.push(stop);
  const outcomes = async (): Promise<Record<string, number>> => {
    const metric = await registry.getSingleMetric('job_runs_total')!.get();
    return Object.fromEntries(metric.values.map(({ labels, value }) => [labels.outcome, value]));
  };
  return { stop, outcomes };
}
const until = async (isThere: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isThere())) await sleep(5);
};

describe('a job', () => {
  it('is run by one replica at a time, and the others count that it is run elsewhere', async () => {
    const runExclusively = exclusiveRunnerInMemory();
    const mayEnd = Promise.withResolvers<void>();
    let [working, atOnce] = [0, 0];
    const job: Job = {
      name: 'purge',
      everyMs: HOUR_MS,
      run: async () => {
        atOnce = Math.max(atOnce, (working += 1));
        await mayEnd.promise;
        working -= 1;
      },
    };
    const replicas = [replica([job], runExclusively), replica([job], runExclusively)];
    await until(async () => (await replicas[1]!.outcomes()).elsewhere === 1);
    mayEnd.resolve();
    await until(async () => (await replicas[0]!.outcomes()).done === 1);
    expect(atOnce).toBe(1);
  });

  it('negative control: by a runner that lets everybody in it is run twice at once', async () => {
    const everybody: ExclusiveRunner = async (_key, work) => ({ result: await work() });
    const mayEnd = Promise.withResolvers<void>();
    let working = 0;
    const job: Job = {
      name: 'purge',
      everyMs: HOUR_MS,
      run: () => {
        working += 1;
        return mayEnd.promise;
      },
    };
    replica([job], everybody);
    replica([job], everybody);
    await until(() => working === 2);
    mayEnd.resolve();
  });

  it('is run while other jobs of its replica run', async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const jobs: Job[] = [
      // Each waits for the other to have begun.
      { name: 'first', everyMs: HOUR_MS, run: () => (first.resolve(), second.promise) },
      { name: 'second', everyMs: HOUR_MS, run: () => (second.resolve(), first.promise) },
    ];
    const { outcomes } = replica(jobs);
    await until(async () => (await outcomes()).done === 1);
  });

  it('that failed is counted and run again', async () => {
    let runs = 0;
    const run = async (): Promise<void> => {
      runs += 1;
      if (runs === 1) throw new Error('the database is away');
    };
    const { outcomes } = replica([{ name: 'purge', everyMs: HOUR_MS, run }]);
    await until(async () => (await outcomes()).done === 1);
    expect(await outcomes()).toEqual({ failed: 1, done: 1 });
  });

  it('is run before its time when its bell rings, and when it said that there is work', async () => {
    const bell = createBell();
    let [belled, due] = [0, 0];
    const count = (ran: () => void) => async () => ran();
    replica([
      { name: 'belled', everyMs: HOUR_MS, run: count(() => (belled += 1)), bell },
      {
        name: 'due',
        everyMs: HOUR_MS,
        run: count(() => (due += 1)),
        nextDueMs: async () => (due < 3 ? 0 : undefined),
      },
    ]);
    await until(() => belled === 1 && due === 3);
    bell.ring();
    await until(() => belled === 2);
  });

  it('in progress is waited for by a stop, after which none begins', async () => {
    const bell = createBell();
    const [isBegun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let [begun, ended] = [0, 0];
    const run = async (): Promise<void> => {
      begun += 1;
      isBegun.resolve();
      await mayEnd.promise;
      ended += 1;
    };
    const { stop } = replica([{ name: 'purge', everyMs: HOUR_MS, run, bell }]);
    await isBegun.promise;
    const stopped = stop().then(() => ended);
    bell.ring();
    mayEnd.resolve();
    expect(await stopped).toBe(1);
    bell.ring();
    await sleep(150);
    expect(begun).toBe(1);
  });
});
