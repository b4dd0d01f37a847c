// Rows 10, 11 and 12 of the reliability table: exporters killed between write and mark, sinks that refuse, stall or are away, two
// exporters at once, and sinks that hold more than a new, empty database.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { createRandom, type Random } from '../../demo/samples/random.ts';
import { type InjectedFault, startGcs } from '../../local/gcs/gcs.ts';
import { openFlakyWire } from '../flaky-wire.ts';
import { freshAnalyticsDatabase } from '../fresh.ts';
import { imageLog, type LogEntry } from './image-log.ts';
import { Rig } from './rig.ts';
import type { RunningWorker } from './running-worker.ts';
import { SEEDS } from './seeds.ts';
import { writtenUnmarked } from './sink-contents.ts';

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
/** The connection of the leader. */
const LEADER = `SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND application_name = 'analytics-leader' AND datname = current_database()`;
const BACKLOG = (sink: string) =>
  `SELECT count(*) > 0 AS yes FROM analytics.delivery WHERE sink = '${sink}' AND state = 'pending'`;
/** Deliveries that failed and will be tried again. */
const WAITING = (sink: string) =>
  `SELECT count(*) > 0 AS yes FROM analytics.delivery WHERE sink = '${sink}' AND state = 'pending' AND attempts > 0`;

/** Every record that was sent; the source topic of these rigs holds nothing else. */
const READ = (count: number) => `SELECT sum(next_offset) = ${count} AS yes FROM analytics.part_state`;
const PUBLISHED = `SELECT bool_and(published) AS yes FROM analytics.window_part`;

/** A worker whose Firestore falls silent. It takes long until a call is given up, so the other rules are tried meanwhile. */
let silent: { rig: Rig; worker: RunningWorker; answersAgain: Promise<void> };
const closingSilent: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closingSilent.toReversed()) await close();
}, 60_000);

describe('a sink that is silent', () => {
  it('delays no other sink', async () => {
    const [host = '', port = ''] = process.env.FIRESTORE_EMULATOR_HOST!.split(':');
    const wire = await openFlakyWire(host, Number(port));
    closingSilent.push(() => wire.close());
    const rig = await Rig.open();
    closingSilent.push(() => rig.close());
    // The count asks the real Firestore, and not the silent one.
    const worker = await rig.startWorker({}, { FIRESTORE_EMULATOR_HOST: `127.0.0.1:${wire.port}` });
    const log = logOf(createRandom(9), 600);
    await rig.feed(log.slice(0, 200), 200, 0);
    await rig.until(DONE('firestore'));
    wire.swallowAnswers();
    await rig.feed(log.slice(200), 200, 0);
    await rig.until(READ(log.length));
    await rig.until(PUBLISHED);
    await rig.until(DONE('gcs'));
    await rig.until(DONE('results-topic'));
    expect(await rig.query(BACKLOG('firestore'))).toEqual([{ yes: true }]);
    const answersAgain = rig.until(WAITING('firestore')).then(() => wire.answerNewConnections());
    // The last rule reports a failure; until then it must not end the process as unhandled.
    answersAgain.catch(() => {});
    silent = { rig, worker, answersAgain };
  }, 120_000);
});

describe('an exporter', () => {
  it.each(SEEDS)(
    'may be killed between write and mark: its repeated writes change nothing (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const rig = await openRig();
      await rig.feed(logOf(random, 800), 400, 0);
      for (let death = 0; death < 4; death += 1) {
        const killAt = { point: 'before-mark', nth: random.whole(1, 15) } as const;
        const worker = await rig.startWorker({ killAt }, { ANALYTICS_GROUP: `life-${death}` });
        expect(await worker.ended).toBe('SIGKILL');
        // Otherwise nothing would be repeated, and the rule would prove nothing.
        expect(await writtenUnmarked(rig)).toBeGreaterThan(0);
      }
      await rig.startWorker();
      await expectNoDifference(rig);
    },
    180_000,
  );

  it('that was frozen and still takes itself for the leader sets no revision back', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    const feeding = rig.feed(logOf(createRandom(7), 2_000), 100, 600);
    await rig.until('SELECT count(*) > 5 AS yes FROM analytics.window_out');
    const second = await rig.startWorker();
    for (const leader of [first, second]) {
      const [before] = await rig.query<{ pid: number }>(LEADER);
      leader.kill('SIGSTOP');
      await rig.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'analytics-leader' AND datname = current_database()`);
      // The frozen one cannot become leader, so the leader is now the other one.
      await rig.until(`SELECT count(*) = 1 AS yes FROM (${LEADER}) AS now WHERE pid <> ${before!.pid}`);
      await sleep(3_000);
      leader.kill('SIGCONT');
      await sleep(1_000);
    }
    await feeding;
    await expectNoDifference(rig);
    second.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  }, 180_000);
});

describe('a sink that fails', () => {
  it('with 429, 503, stalls and a wrong 412 delays no other sink, and catches up', async () => {
    const faults: Record<string, InjectedFault[]> = {
      POST: [{ status: 429 }, { status: 503 }, { delayMs: 3_000 }, { status: 412 }],
      // The read that follows a 412 fails too: that once ended the process.
      GET: [{ status: 503 }, { status: 429 }],
    };
    const asked: Record<string, number> = { POST: 0, GET: 0 };
    let isFailing = true;
    const dataDir = await mkdtemp(join(tmpdir(), 'gcs-'));
    const gcs = await startGcs({
      dataDir,
      logFile: join(dataDir, 'gcs.log'),
      port: 0,
      replacement: '',
      onRequest: ({ method = '', url }) => {
        const due = isFailing && url?.includes('image-bytes') ? faults[method] : undefined;
        if (due) asked[method] = (asked[method] ?? 0) + 1;
        return due?.[asked[method]! % due.length];
      },
    });
    closing.push(
      () => rm(dataDir, { recursive: true, force: true }),
      () => gcs.stop(),
    );
    const rig = await openRig(gcs.env);
    const worker = await rig.startWorker();
    let isAlive = true;
    void worker.ended.then(() => {
      isAlive = false;
    });
    await rig.feed(logOf(createRandom(8), 800), 200, 0);
    await rig.until(READ(800));
    await rig.until(PUBLISHED);
    await rig.until(DONE('firestore'));
    await rig.until(DONE('results-topic'));
    expect(await rig.query(BACKLOG('gcs'))).toEqual([{ yes: true }]);
    // An upload was refused as if the object existed already, and the read of that object failed too.
    while (asked.GET! < 4) await sleep(100);
    isFailing = false;
    await expectNoDifference(rig);
    expect(asked.POST).toBeGreaterThan(faults.POST!.length);
    expect(isAlive).toBe(true);
  }, 180_000);

  it('that holds another content for a revision is reported, and never overwritten', async () => {
    const rig = await openRig();
    const first = await rig.startWorker();
    const log = logOf(createRandom(10), 400);
    await rig.feed(log.slice(0, 300), 300, 0);
    await rig.until(DONE('gcs'));
    // These events change windows that are published already, so their revision 1 has another content.
    await rig.feed(log, 400, 0);
    await rig.until(`SELECT max(revision) > 1 AS yes FROM analytics.window_out`);
    await rig.until(DONE('gcs'));
    first.kill('SIGKILL');
    const empty = await freshAnalyticsDatabase();
    closing.push(empty.drop);
    const anew = await openRig({ ...rig.env, DATABASE_URL: empty.url, ANALYTICS_GROUP: 'anew' });
    await anew.startWorker();
    await anew.until(
      `SELECT count(*) > 0 AS yes FROM analytics.delivery WHERE last_error LIKE '%holds % with other numbers%'`,
    );
    await anew.until(READ(300 + log.length));
    const { differences } = await anew.reconcile(5_000);
    expect(differences.length).toBeGreaterThan(0);
    // The same log counted again has the same totals, except for what was published before.
    expect(differences.filter(({ where }) => where.startsWith('cloud-sql'))).toEqual([]);
  }, 180_000);
});

describe('a sink that was silent', () => {
  it('catches up when it answers again', async () => {
    const { rig, worker, answersAgain } = silent;
    await answersAgain;
    await expectNoDifference(rig);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  }, 240_000);
});
