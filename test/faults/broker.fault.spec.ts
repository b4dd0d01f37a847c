// Rows 5 and 6 of the reliability table: the broker is killed, stopped, away for longer than a worker's session, and started again,
// while events are sent.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom } from '../../demo/samples/random.ts';
import { countedBeyond, countedOffsets, startFlow } from './flow.ts';
import { imageLog } from './image-log.ts';
import { OwnServer } from './own-server.ts';
import { SEEDS } from './seeds.ts';

/** Longer than the session of the workers (3 s). */
const AWAY_MS = 4_000;
const FAULTS = [
  { signal: 'SIGKILL', awayMs: 0 },
  { signal: 'SIGTERM', awayMs: 0 },
  { signal: 'SIGTERM', awayMs: AWAY_MS },
] as const;

let broker: OwnServer;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await OwnServer.start('KAFKA_BROKERS');
}, 120_000);

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
}, 60_000);

afterAll(async () => {
  await broker.remove();
}, 60_000);

describe('a broker that is killed, stopped and started again', () => {
  it.each(SEEDS)(
    'makes the worker lose and double nothing (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const rig = await broker.openRig();
      closing.push(() => rig.close());
      const log = imageLog(random, {
        events: 14_000,
        spanMs: 10 * 60_000,
        startMs: Date.now() - 30 * 60_000,
      });
      const flow = await startFlow(rig, log, { backlog: 10_000, perSend: 40, pauseMs: 150 });
      closing.push(() => flow.stop());
      closing.push(rig.keepWorker());
      let counted = 0;
      for (const { signal, awayMs } of FAULTS) {
        await countedBeyond(rig, counted + random.whole(50, 800));
        await broker.end(signal);
        counted = await countedOffsets(rig);
        const sent = flow.sent();
        await sleep(awayMs);
        await broker.startAgain();
        expect(counted).toBeLessThan(sent);
      }
      await countedBeyond(rig, counted);
      await flow.stop();
      await rig.caughtUp();
      const report = await rig.reconcile();
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
    },
    240_000,
  );
});
