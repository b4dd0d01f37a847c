// Rows 2, 7, 8 and 9: workers killed inside their transaction, Postgres restarted at once, hung, and a connection that is
// cut behind a COMMIT whose answer never comes.

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { imageLog, type LogEntry } from './image-log.ts';
import { OwnServer } from './own-server.ts';
import { seeded } from './random.ts';
import { Rig } from './rig.ts';
import type { KillPoint, Sabotage } from './sabotage.ts';
import { SEEDS } from './seeds.ts';

const KILL_POINTS: readonly KillPoint[] = ['after-fence', 'before-commit', 'after-commit'];

let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
}, 60_000);

const logOf = (seed: number, events: number): LogEntry[] =>
  imageLog(seeded(seed), { events, spanMs: 10 * 60_000, startMs: Date.now() - 30 * 60_000 });

async function expectNoDifference(rig: Rig): Promise<void> {
  expect(await rig.caughtUp()).toBe(true);
  const report = await rig.reconcile();
  expect(report.differences).toEqual([]);
  expect(report.pending).toEqual([]);
}

describe('a worker that is killed inside its transaction', () => {
  const run = async (seed: number, sabotage: Sabotage): Promise<Rig> => {
    const random = seeded(seed);
    const rig = await Rig.open();
    closing.push(() => rig.close());
    // Small sends make small batches, and so many commits to be killed in.
    await rig.feed(logOf(seed, 2_000), 20, 0);
    for (const [index, point] of [...KILL_POINTS, ...KILL_POINTS].entries()) {
      // A group of its own: the position is Postgres's, and nobody need wait out the dead member's session.
      const worker = await rig.startWorker(
        { ...sabotage, killAt: { point, nth: random.whole(1, 10) } },
        { ANALYTICS_GROUP: `life-${index}` },
      );
      expect(await worker.ended).toBe('SIGKILL');
    }
    await rig.startWorker(sabotage);
    await rig.caughtUp();
    return rig;
  };

  it.each(SEEDS)(
    'leaves all of a batch or nothing (seed %i)',
    async (seed) => {
      await expectNoDifference(await run(seed, {}));
    },
    180_000,
  );

  it('leaves half a batch when its statements commit one by one (negative control)', async () => {
    const rig = await run(11, { autocommit: true });
    const report = await rig.reconcile(10_000);
    expect(report.differences.length).toBeGreaterThan(0);
  }, 180_000);
});

describe('a commit whose answer never comes', () => {
  it.each(SEEDS)(
    'is neither lost nor repeated (seed %i)',
    async (seed) => {
      const rig = await Rig.open();
      closing.push(() => rig.close());
      const feeding = rig.feed(logOf(seed, 2_000), 100, 50);
      const worker = await rig.startWorker({ cutEveryNthCommit: 7 });
      await feeding;
      await expectNoDifference(rig);
      expect(worker.output()).toContain('commit failed, claiming again');
    },
    120_000,
  );
});

describe('Postgres', () => {
  it.each(SEEDS)(
    'may be restarted at once, and may hang, without a loss (seed %i)',
    async (seed) => {
      const postgres = await OwnServer.start('DATABASE_URL');
      closing.push(() => postgres.remove());
      const rig = await postgres.openRig();
      closing.push(() => rig.close());
      const worker = await rig.startWorker();
      const feeding = rig.feed(logOf(seed, 6_000), 100, 500);
      await rig.until('SELECT COALESCE(sum(events), 0) > 200 AS yes FROM analytics.part_state');

      // SIGQUIT is Postgres's immediate shutdown: open transactions are gone, recovery follows.
      await postgres.end('SIGQUIT');
      await postgres.startAgain();
      await rig.until('SELECT COALESCE(sum(events), 0) > 800 AS yes FROM analytics.part_state');

      const before = await rssMiB(worker.pid);
      postgres.signalAll('SIGSTOP');
      // Longer than every wait of the worker for an answer and for a connection.
      await sleep(12_000);
      const hung = await rssMiB(worker.pid);
      postgres.signalAll('SIGCONT');
      expect(hung).toBeLessThan(before * 2);

      await feeding;
      await expectNoDifference(rig);
      expect(worker.output()).toContain('commit failed, claiming again');
    },
    240_000,
  );
});

async function rssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_024;
}
