// The shop's events are counted in the same way as the images: a worker that is killed between its statements, or frozen before the
// commit of a batch, counts every payment once. With the fence left out it does not.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createRandom } from '../../demo/samples/random.ts';
import { type ActivityEntry, activityLog, feedActivity } from './activity-log.ts';
import { Rig } from './rig.ts';
import type { RunningWorker } from './running-worker.ts';
import type { KillPoint, Sabotage } from './sabotage.ts';
import { SEEDS } from './seeds.ts';

/** Seven topics of six partitions. */
const PARTITIONS = 42;
const KILL_POINTS: readonly KillPoint[] = ['before-commit', 'after-commit', 'before-mark'];

let rig: Rig;

afterEach(() => rig.close(), 60_000);

const logOf = (seed: number, orders: number): ActivityEntry[] =>
  activityLog(createRandom(seed), { orders, startMs: Date.now() - 40 * 3_600_000, spanMs: 39 * 3_600_000 });

/** Another consumer group, which does not wait for a dead member's session to end. Positions are in Postgres, not in the group. */
const live = (life: string, sabotage: Sabotage = {}) =>
  rig.startWorker({ counted: ['activity'], ...sabotage }, { ANALYTICS_GROUP: life });

describe('a worker that counts activity', () => {
  it.each(SEEDS)(
    'counts every event once, although it is killed at work and frozen workers resume (seed %i)',
    async (seed) => {
      const log = logOf(seed, 500);
      rig = await Rig.open({}, ['activity']);
      await feedActivity(rig.client, log.slice(0, log.length / 2));
      for (const point of KILL_POINTS) {
        const worker = await live(point, { killAt: { point, nth: createRandom(seed).whole(1, 3) } });
        expect(await worker.ended).toBe('SIGKILL');
      }
      const zombie = await resumeZombie(log.slice(log.length / 2), {});
      await zombie.says(/"fenced":true/);
      const report = await rig.reconcile();
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      const [counted] = await rig.query(
        `SELECT sum(repeats) > 0 AS repeats, sum(dead_letters) > 0 AS letters FROM analytics.part_state`,
      );
      expect(counted).toEqual({ repeats: true, letters: true });
      expect(report.activity.revenue.length).toBeGreaterThan(3);
    },
    180_000,
  );

  it('negative control: counts revenue wrong when it was frozen and has no fence', async () => {
    rig = await Rig.open({}, ['activity']);
    const earned = 'SELECT COALESCE(sum(payments + refunds), 0)::int AS earned FROM analytics.revenue_part';
    const sabotage = { fence: false, freezeAtCommit: 2, freezeWithRevenue: true };
    await resumeZombie(logOf(7, 250), sabotage, async () => {
      const [before] = await rig.query<{ earned: number }>(earned);
      return `SELECT sum(payments + refunds) > ${before!.earned} AS yes FROM analytics.revenue_part`;
    });
    const { differences } = await rig.reconcile(0);
    expect(differences.map(({ where }) => where)).toContain('cloud-sql revenue');
  }, 180_000);
});

/** Sends events until a worker freezes right before the commit of a batch; it resumes when another worker has counted everything. */
async function resumeZombie(
  entries: readonly ActivityEntry[],
  sabotage: Sabotage,
  untilWhat?: () => Promise<string>,
): Promise<RunningWorker> {
  await feedActivity(rig.client, entries);
  const zombie = await live('zombie', { freezeAtCommit: 15, ...sabotage });
  await isFrozen(zombie);
  const { freezeAtCommit: _, ...ofHeir } = sabotage;
  await live('heir', ofHeir);
  await rig.caughtUp(PARTITIONS);
  const proof = await untilWhat?.();
  zombie.kill('SIGCONT');
  if (proof) await rig.until(proof);
  return zombie;
}

/** Resolves once the process is stopped. */
async function isFrozen({ pid }: RunningWorker): Promise<void> {
  while (!execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T'))
    await sleep(100);
}
