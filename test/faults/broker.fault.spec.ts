// Rows 5 and 6: the broker is killed, ended, away for a while, and comes back, while events keep being sent.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { imageLog } from './image-log.ts';
import { OwnServer } from './own-server.ts';
import { seeded } from './random.ts';
import type { Rig } from './rig.ts';
import { SEEDS } from './seeds.ts';

let broker: OwnServer;
let rig: Rig | undefined;

beforeAll(async () => {
  broker = await OwnServer.start('KAFKA_BROKERS');
}, 120_000);

afterAll(async () => {
  await broker.remove();
}, 60_000);

describe('a broker that goes and comes back', () => {
  it.each(SEEDS)(
    'loses and doubles nothing (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      rig = await broker.openRig();
      const log = imageLog(random, { events: 3_000, spanMs: 10 * 60_000, startMs: Date.now() - 30 * 60_000 });
      const release = rig.keepWorker();
      const feeding = rig.feed(log, 50, 150);
      for (const [signal, awayMs] of [
        ['SIGKILL', 0],
        ['SIGTERM', 0],
        ['SIGTERM', 6_000],
      ] as const) {
        await rig.until('SELECT COALESCE(sum(events), 0) > 0 AS yes FROM analytics.part_state');
        await sleep(random.whole(300, 1_500));
        await broker.end(signal);
        await sleep(awayMs);
        await broker.startAgain();
      }
      await feeding;
      expect(await rig.caughtUp()).toBe(true);
      const report = await rig.reconcile();
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      await release();
      await rig.close();
    },
    240_000,
  );
});
