// Rows 2, 7, 8 and 9 of the reliability table: workers killed inside their transaction, Postgres restarted at once, Postgres that hangs,
// and a connection that is cut before the answer to a COMMIT.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom } from '../../demo/samples/random.ts';
import { countedBeyond, countedOffsets, type Flow, type FlowShape, startFlow } from './flow.ts';
import { heavy, imageLog, type LogEntry } from './image-log.ts';
import { OwnServer } from './own-server.ts';
import { Rig } from './rig.ts';
import { peakMemoryMiB, type RunningWorker } from './running-worker.ts';
import type { KillPoint, Sabotage } from './sabotage.ts';
import { SEEDS } from './seeds.ts';

const KILL_POINTS: readonly KillPoint[] = ['after-fence', 'before-commit', 'after-commit'];
/** The worker's message when it gives up a wait for Postgres, one for each kind of wait: the server hangs longer than all of them. */
const WAITS_GIVEN_UP = [
  /commit failed, claiming again/,
  /Query read timeout/,
  /(connection timeout|trying to connect)[^\n]*partition not claimed yet/,
  /leadership unknown/,
];

const PADDING_BYTES = 30_000;
/** How much more memory a worker may take while Postgres hangs than at work. */
const MEMORY_RATIO_MAX = 1.5;

let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
}, 60_000);

const logOf = (seed: number, events: number): LogEntry[] =>
  imageLog(createRandom(seed), { events, spanMs: 10 * 60_000, startMs: Date.now() - 30 * 60_000 });

async function expectNoDifference(rig: Rig): Promise<void> {
  await rig.caughtUp();
  const report = await rig.reconcile();
  expect(report.differences).toEqual([]);
  expect(report.pending).toEqual([]);
}

describe('a worker that is killed inside its transaction', () => {
  const run = async (seed: number, sabotage: Sabotage): Promise<Rig> => {
    const random = createRandom(seed);
    const rig = await Rig.open();
    closing.push(() => rig.close());
    const log = logOf(seed, 2_000);
    // Small sends make small batches, so there are many commits to kill the worker in.
    await rig.feed(log, 20, 0);
    for (const [index, point] of [...KILL_POINTS, ...KILL_POINTS].entries()) {
      // Another consumer group, which does not wait for the dead member's session to end. The position is in Postgres.
      const worker = await rig.startWorker(
        { ...sabotage, killAt: { point, nth: random.whole(1, 10) } },
        { ANALYTICS_GROUP: `life-${index}` },
      );
      expect(await worker.ended).toBe('SIGKILL');
      expect(await countedOffsets(rig)).toBeLessThan(log.length);
    }
    await rig.startWorker(sabotage);
    await rig.caughtUp();
    return rig;
  };

  it.each(SEEDS)(
    'has written all of a batch or nothing (seed %i)',
    async (seed) => {
      await expectNoDifference(await run(seed, {}));
    },
    180_000,
  );

  it('negative control: has written half a batch when its statements commit one by one', async () => {
    const rig = await run(11, { autocommit: true });
    const report = await rig.reconcile(10_000);
    expect(report.differences.map(({ where }) => where)).toContain('cloud-sql totals');
  }, 180_000);
});

describe('a commit whose answer never comes', () => {
  it.each(SEEDS)(
    'is counted once (seed %i)',
    async (seed) => {
      const rig = await Rig.open();
      closing.push(() => rig.close());
      const log = logOf(seed, 4_000);
      await rig.feed(log, 60, 0);
      const worker = await rig.startWorker({ cutEveryNthCommit: 7 });
      await worker.says(/(commit failed, claiming again[\s\S]*){3}/);
      expect(await countedOffsets(rig)).toBeLessThan(log.length);
      await expectNoDifference(rig);
    },
    120_000,
  );
});

describe('Postgres', () => {
  let postgres: OwnServer;

  beforeAll(async () => {
    postgres = await OwnServer.start('CLOUD_SQL_DATABASE_URL');
  }, 120_000);

  afterAll(async () => {
    await postgres.remove();
  }, 60_000);

  const begin = async (log: LogEntry[], shape: FlowShape): Promise<[Rig, Flow, RunningWorker]> => {
    const rig = await postgres.openRig();
    closing.push(() => rig.close());
    const flow = await startFlow(rig, log, shape);
    closing.push(() => flow.stop());
    return [rig, flow, await rig.startWorker()];
  };

  it.each(SEEDS)(
    'may be shut down at once and restarted: nothing is lost (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const shape = { backlog: 10_000, perSend: 40, pauseMs: 150 };
      const [rig, flow, worker] = await begin(logOf(seed, 14_000), shape);
      let counted = 0;
      for (let restart = 0; restart < 3; restart += 1) {
        await countedBeyond(rig, counted + random.whole(50, 800));
        // SIGQUIT is Postgres's immediate shutdown: open transactions are gone, recovery follows.
        await postgres.end('SIGQUIT');
        const sent = flow.sent();
        await postgres.startAgain();
        counted = await countedOffsets(rig);
        expect(counted).toBeLessThan(sent);
      }
      await countedBeyond(rig, counted);
      await flow.stop();
      await expectNoDifference(rig);
      expect(worker.output()).toContain('commit failed, claiming again');
    },
    180_000,
  );

  it.each(SEEDS)(
    'may hang for longer than every wait for it: memory stays bounded, and nothing is lost (seed %i)',
    async (seed) => {
      const log = logOf(seed, 6_000).map((entry) => heavy(entry, PADDING_BYTES));
      // Some megabytes a second: by the time the worker has given up every wait, several times what it may have in memory.
      const shape = { backlog: 2_000, perSend: 60, pauseMs: 200 };
      const [rig, flow, worker] = await begin(log, shape);
      const usualMiB = await peakMemoryMiB(worker.pid, () => countedBeyond(rig, 500));
      const sentBefore = flow.sent();
      expect(await countedOffsets(rig)).toBeLessThan(sentBefore);

      postgres.freeze();
      closing.push(async () => postgres.thaw());
      const hungMiB = await peakMemoryMiB(worker.pid, async () => {
        for (const pattern of WAITS_GIVEN_UP) await worker.says(pattern);
        // A worker that did not stop to fetch would have all of this in memory by then.
        while (mebibytes(flow.sent() - sentBefore) < usualMiB) await sleep(200);
      });
      const sent = flow.sent();
      postgres.thaw();

      const unreadMiB = mebibytes(sent - (await countedOffsets(rig)));
      expect(unreadMiB).toBeGreaterThan(usualMiB * (MEMORY_RATIO_MAX - 1));
      expect(hungMiB).toBeLessThan(usualMiB * MEMORY_RATIO_MAX);
      await flow.stop();
      await expectNoDifference(rig);
    },
    240_000,
  );
});

const mebibytes = (records: number): number => (records * PADDING_BYTES) / 2 ** 20;
