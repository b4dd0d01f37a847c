// Rows 1 to 4 of the reliability table together, as in production: workers are killed at seeded instants and in the middle of a commit,
// frozen for longer than their session and resumed, and join and leave, while repeats, late events and poison arrive and S3's
// notifications are delivered three times. The independent count must find no difference. With the fence left out it must find one.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isDoneWithin } from '#runtime/deadline.ts';
import { createRandom, type Random } from '../../demo/samples/random.ts';
import { imageLog } from './image-log.ts';
import { redeliverUploads } from './redelivered-uploads.ts';
import { Rig } from './rig.ts';
import type { RunningWorker } from './running-worker.ts';
import type { KillPoint, Sabotage } from './sabotage.ts';
import { SEEDS } from './seeds.ts';

const EVENTS_A_ROUND = 3_000;
const PER_SEND = 50;
const PAUSE_MS = 170;
/** Longer than the workers' session, so that the group has given a frozen worker's partitions to another one. */
const FROZEN_MS = 4_500;
/** Without the fence a resumed worker may set a position back, and nothing moves it forward: waiting longer would not help the count. */
const CAUGHT_UP_MS_MAX = 15_000;
const KILL_POINTS: readonly KillPoint[] = ['after-fence', 'before-commit', 'after-commit', 'before-mark'];

let rig: Rig | undefined;

afterEach(async () => {
  await rig?.close();
  rig = undefined;
}, 60_000);

/** Lets workers under faults count the log, then healthy ones count the rest. */
async function suffer(random: Random, sabotage: Sabotage, points = KILL_POINTS): Promise<Rig> {
  rig = await Rig.open();
  const entries = imageLog(random, {
    events: points.length * EVENTS_A_ROUND,
    spanMs: 20 * 60_000,
    startMs: Date.now() - 60 * 60_000,
  });
  const feeding = rig.feed(entries, PER_SEND, PAUSE_MS);
  const steady = await resumedZombie(rig, random, sabotage);
  const uploading = redeliverUploads(rig);
  for (const point of points) {
    const doomed = await rig.startWorker({ ...sabotage, killAt: { point, nth: random.whole(1, 6) } });
    await isDoneWithin(5_000, doomed.ended);
    doomed.kill('SIGKILL');
    await freeze(random.pick([steady, await rig.startWorker(sabotage)]), random);
  }
  await Promise.all([feeding, uploading]);
  steady.kill('SIGKILL');
  await rig.startWorker(sabotage);
  await rig.caughtUp(undefined, CAUGHT_UP_MS_MAX);
  return rig;
}

/** A worker that was frozen right before the commit of a batch, and resumes when another worker has counted that batch. */
async function resumedZombie(broken: Rig, random: Random, sabotage: Sabotage): Promise<RunningWorker> {
  const zombie = await broken.startWorker({ ...sabotage, freezeAtCommit: random.whole(8, 20) });
  const heir = await broken.startWorker(sabotage);
  const owned = `SELECT count(*) = 6 AS yes FROM analytics.part_state
    WHERE owner = '${heir.pid}' AND next_offset > first_offset AND claimed_at < now() - interval '2 s'`;
  await broken.until(owned);
  zombie.kill('SIGCONT');
  await sleep(2_000);
  return zombie;
}

/** Freezes a worker at work, and resumes it when its partitions belong to another one. */
async function freeze(worker: RunningWorker, random: Random): Promise<void> {
  await sleep(random.whole(200, 900));
  worker.kill('SIGSTOP');
  await sleep(FROZEN_MS);
  worker.kill('SIGCONT');
  await sleep(random.whole(300, 800));
}

describe('workers that are killed, frozen and rebalanced', () => {
  it.each(SEEDS)(
    'count every event exactly once in every store (seed %i)',
    async (seed) => {
      const suffered = await suffer(createRandom(seed), {});
      const report = await suffered.reconcile();
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      const [counted] = await suffered.query<{ repeats: number }>(
        'SELECT sum(repeats)::int AS repeats FROM analytics.part_state',
      );
      expect(counted!.repeats).toBeGreaterThan(0);
    },
    240_000,
  );

  it('negative control: count wrong when the fence is left out', async () => {
    const suffered = await suffer(createRandom(11), { fence: false }, KILL_POINTS.slice(0, 1));
    const { differences } = await suffered.reconcile(0);
    // The sums in Postgres, although some may still be on their way to the sinks.
    expect(differences.map(({ where }) => where)).toContain('cloud-sql totals');
  }, 240_000);
});
