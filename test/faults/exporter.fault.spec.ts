// Rows 10, 11 and 12: exporters killed between write and mark, sinks that refuse, stall or are away, two exporters at once,
// and sinks that know more than a database that begins anew.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type InjectedFault, startGcs } from '../../local/gcs.ts';
import { openFlakyWire } from '../flaky-wire.ts';
import { freshDatabase } from '../fresh.ts';
import { imageLog, type LogEntry } from './image-log.ts';
import { type Random, seeded } from './random.ts';
import { Rig } from './rig.ts';
import { SEEDS } from './seeds.ts';

let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
}, 60_000);

const logOf = (random: Random, events: number): LogEntry[] =>
  imageLog(random, { events, spanMs: 10 * 60_000, startMs: Date.now() - 30 * 60_000 });

async function openRig(settings: Record<string, string> = {}): Promise<Rig> {
  const rig = await Rig.open(settings);
  closing.push(() => rig.close());
  return rig;
}

async function expectNoDifference(rig: Rig): Promise<void> {
  // Longer than the longest pause between two tries of a delivery.
  const report = await rig.reconcile(120_000);
  expect(report.differences).toEqual([]);
  expect(report.pending).toEqual([]);
}

const DONE = (sink: string) =>
  `SELECT count(*) > 0 AND bool_and(state <> 'pending') AS yes FROM analytics.delivery WHERE sink = '${sink}'`;
const WAITING = (sink: string) =>
  `SELECT count(*) > 0 AS yes FROM analytics.delivery WHERE sink = '${sink}' AND state = 'pending' AND attempts > 0`;

describe('an exporter', () => {
  it.each(SEEDS)(
    'may die between write and mark: what it repeats changes nothing (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const rig = await openRig();
      await rig.feed(logOf(random, 800), 400, 0);
      for (let death = 0; death < 4; death += 1) {
        const killAt = { point: 'before-mark', nth: random.whole(1, 15) } as const;
        const worker = await rig.startWorker({ killAt }, { ANALYTICS_GROUP: `life-${death}` });
        expect(await worker.ended).toBe('SIGKILL');
      }
      await rig.startWorker();
      await expectNoDifference(rig);
    },
    180_000,
  );

  it('may think that it leads while another does: no revision goes back', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    const feeding = rig.feed(logOf(seeded(7), 2_000), 100, 600);
    await rig.until('SELECT count(*) > 5 AS yes FROM analytics.window_out');
    const second = await rig.startWorker();
    for (let round = 0; round < 2; round += 1) {
      first.kill('SIGSTOP');
      await rig.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'analytics-leader' AND datname = current_database()`);
      await sleep(3_000);
      first.kill('SIGCONT');
      await sleep(1_000);
    }
    await feeding;
    await expectNoDifference(rig);
    second.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  }, 180_000);
});

describe('a sink that fails', () => {
  it('by 429, 503, stalls and a refusal it should not make holds back no other, and catches up', async () => {
    const faults: (InjectedFault | undefined)[] = [
      { status: 429 },
      { status: 503 },
      { delayMs: 3_000 },
      { status: 412 },
    ];
    let isFailing = true;
    let asked = 0;
    const dataDir = await mkdtemp(join(tmpdir(), 'gcs-'));
    const gcs = await startGcs({
      dataDir,
      logFile: join(dataDir, 'gcs.log'),
      port: 0,
      replacement: '',
      onRequest: (request) =>
        isFailing && request.url?.includes('image-bytes') ? faults[asked++ % faults.length] : undefined,
    });
    closing.push(
      () => rm(dataDir, { recursive: true, force: true }),
      () => gcs.stop(),
    );
    const rig = await openRig(gcs.env);
    await rig.startWorker();
    await rig.feed(logOf(seeded(8), 800), 200, 0);
    await rig.until(WAITING('gcs'));
    await rig.until(DONE('firestore'));
    await rig.until(DONE('results-topic'));
    expect(await rig.query(WAITING('gcs'))).toEqual([{ yes: true }]);
    isFailing = false;
    await expectNoDifference(rig);
    expect(asked).toBeGreaterThan(faults.length);
  }, 180_000);

  it('by silence holds back no other, and catches up when it answers again', async () => {
    const [host = '', port = ''] = process.env.FIRESTORE_EMULATOR_HOST!.split(':');
    const wire = await openFlakyWire(host, Number(port));
    closing.push(() => wire.close());
    wire.swallowAnswers();
    const rig = await openRig();
    const first = await rig.startWorker({}, { FIRESTORE_EMULATOR_HOST: `127.0.0.1:${wire.port}` });
    await rig.feed(logOf(seeded(9), 600), 200, 0);
    await rig.until(DONE('gcs'));
    await rig.until(DONE('results-topic'));
    await rig.until(WAITING('firestore'));
    first.kill('SIGKILL');
    await rig.startWorker();
    await expectNoDifference(rig);
  }, 180_000);

  it('by holding another content for a revision is said loudly, and never overwritten', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    const log = logOf(seeded(10), 400);
    await rig.feed(log.slice(0, 300), 300, 0);
    await rig.until(DONE('gcs'));
    // What comes now changes windows that are published already: their revision 1 will not hold it.
    await rig.feed(log, 400, 0);
    await rig.until(`SELECT max(revision) > 1 AS yes FROM analytics.window_out`);
    await rig.until(DONE('gcs'));
    first.kill('SIGKILL');
    const empty = await freshDatabase();
    closing.push(empty.drop);
    const anew = await openRig({ ...rig.env, DATABASE_URL: empty.url, ANALYTICS_GROUP: 'anew' });
    await anew.startWorker();
    await anew.until(
      `SELECT count(*) > 0 AS yes FROM analytics.delivery WHERE last_error LIKE '%holds % with other numbers%'`,
    );
    const report = await anew.reconcile(5_000);
    expect(report.differences.length).toBeGreaterThan(0);
  }, 180_000);
});
