// Flink as the overlay of a laptop runs it, by the commands and settings of its manifests, and the trigger from the image that is built for
// it: there, away, killed, and back to Node. What is counted is the oracle's count.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { KAFKA_ADDRESS } from '../../k8s/data/addresses.ts';
import { FLINK_PORTS } from '../../k8s/data/ports.ts';
import { flinkRest } from '../../local/flink/rest.ts';
import { liveJobs } from '../../local/flink/run-job.ts';
import { countLog, onDatabase, readCount } from '../engines/counts.ts';
import { imageLog } from '../faults/image-log.ts';
import { Rig } from '../faults/rig.ts';
import { LaptopFlink } from './laptop-flink.ts';
import { environmentOf, run, stopBuilding } from './programs.ts';

const MINUTE_MS = 60_000;
/** As the worker has them by default. */
const RULES = { outOfOrderBoundMs: 5_000, latenessMs: 5_000, seenIdsMax: 262_144 };
const SAME_RULES = { OUT_OF_ORDER_BOUND_MS: '5000', LATENESS_MS: '5000' };
const log = imageLog(createRandom(9), {
  events: 1_200,
  spanMs: 4 * MINUTE_MS,
  startMs: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS,
});

let folder: string;
let rig: Rig;
let flink: LaptopFlink;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'laptop-flink-'));
  await mkdir(join(folder, 'secrets'));
  [rig, flink] = [await Rig.open(), await LaptopFlink.in(folder)];
  await writeFile(join(folder, 'secrets/DATABASE_URL'), rig.databaseUrl);
  const silent = createLogger('spec', 'silent');
  const pool = createPool({ connectionString: rig.databaseUrl, applicationName: 'spec', log: silent });
  await migrate(pool, 'analytics', join(import.meta.dirname, '../../analytics/migrations'), silent);
  await pool.end();
}, 120_000);
afterAll(async () => {
  await flink.stop();
  await rig.close();
  await stopBuilding();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The program of a container, with the environment of its manifest. */
const trigger = (container: string, waitMs = 60_000, variables: Record<string, string> = {}) =>
  run('flink-trigger', {
    ...environmentOf(container, {
      texts: { [KAFKA_ADDRESS]: rig.env.KAFKA_BROKERS!, ...flink.texts },
      variables: { SETTINGS_FOLDER: join(folder, 'secrets'), ...variables },
    }),
    KAFKA_TOPIC_PREFIX: rig.env.KAFKA_TOPIC_PREFIX!,
    FLINK_WAIT_MS_MAX: String(waitMs),
  });
const rest = () => flinkRest(`http://127.0.0.1:${flink.texts[String(FLINK_PORTS.rest)]}`);
const feed = (nth: number): Promise<void> => rig.feed(log.slice(nth * 300, (nth + 1) * 300), 100, 0);
const currentRuns = async () =>
  (await rig.query<{ run_id: string }>("SELECT run_id FROM analytics.flink_run WHERE state = 'current'")).map(
    (row) => row.run_id,
  );

async function expectTheOraclesCount(): Promise<void> {
  const { behindLast: _, ...expected } = await countLog(rig.client, RULES);
  const deadline = performance.now() + 90_000;
  for (;;) {
    const found = await readCount(rig.databaseUrl);
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    if (performance.now() > deadline) return expect(found).toEqual(expected);
    await sleep(200);
  }
}

describe('the trigger', () => {
  it('without a Flink begins nothing, and says so', async () => {
    const { end, output } = await trigger('flink-trigger', 500);
    expect([end, output]).toEqual([
      1,
      expect.stringContaining('Flink is not ready, and nothing was changed'),
    ]);
    expect(await currentRuns()).toEqual([]);
  });

  it('begins a run and one job, also when two triggers come at once', async () => {
    await feed(0);
    await flink.start();
    const both = await Promise.all([trigger('flink-trigger'), trigger('flink-trigger')]);
    const said = both.map(({ output }) => output).join('\n');
    expect([both.map(({ end }) => end), said]).toEqual([expect.arrayContaining([0]), expect.any(String)]);
    expect(said).toContain('Flink counts images');
    const [runId] = await currentRuns();
    expect(await liveJobs(rest())).toEqual([{ jobId: expect.any(String), runId }]);
    await expectTheOraclesCount();
  }, 180_000);

  it('leaves a job alone that runs', async () => {
    const before = await liveJobs(rest());
    const { end, output } = await trigger('flink-trigger');
    expect([end, output]).toEqual([0, expect.stringContaining('Flink counts images')]);
    expect(await liveJobs(rest())).toEqual(before);
  }, 60_000);

  it('starts the job from its newest checkpoint when the JobManager was ended, which forgets all jobs', async () => {
    const [runId] = await currentRuns();
    // As Kubernetes does.
    await flink.kill('flink-jobmanager', 'SIGTERM');
    await feed(1);
    await flink.start(['flink-jobmanager']);
    const broken = join(folder, 'state', runId!, 'savepoints/savepoint-broken');
    await mkdir(broken, { recursive: true });
    await writeFile(join(broken, '_metadata'), 'newer, and none that Flink takes');
    const { end, output } = await trigger('flink-trigger');
    expect([end, output]).toEqual([0, expect.stringMatching(/not a savepoint[^]*"from":"[^"]*\/chk-\d+"/)]);
    expect(await currentRuns()).toEqual([runId]);
    await expectTheOraclesCount();
  }, 180_000);

  it('fails with one sentence where the job does not run: here since its checkpoints have no place', async () => {
    const [before] = await liveJobs(rest());
    await rest().cancel(before!.jobId);
    const { end, output } = await trigger('flink-trigger', 60_000, { FLINK_STATE_FOLDER: '/proc/nowhere' });
    expect([end, output]).toEqual([1, expect.stringMatching(/^the SQL gateway refused: .*checkpoint.*$/m)]);
    expect(await liveJobs(rest())).toEqual([]);
  }, 120_000);

  it('hands the images back to Node with all written', async () => {
    expect((await trigger('flink-trigger')).end).toBe(0);
    await feed(2);
    const { end, output } = await trigger('back-to-node');
    expect([end, output]).toEqual([0, expect.stringContaining('the run of Flink has ended')]);
    expect([await currentRuns(), await liveJobs(rest())]).toEqual([[], []]);
  }, 120_000);

  it('hands them back when Flink was killed with something half written, and has nothing to do then', async () => {
    expect((await trigger('flink-trigger')).end).toBe(0);
    await killHalfWritten(() => feed(3));
    await flink.start();
    const { end, output } = await trigger('back-to-node');
    expect([end, output]).toEqual([
      0,
      expect.stringMatching(/not stopped in order[^]*the run of Flink has ended/),
    ]);
    await flink.stop();
    const again = await trigger('back-to-node');
    expect([again.end, again.output]).toEqual([0, expect.stringContaining('Node workers count images')]);
    await rig.startWorker({}, SAME_RULES);
    await rig.caughtUp();
    await expectTheOraclesCount();
  }, 240_000);
});

const PROGRESS = `SELECT COALESCE(sum(g.events), 0)::int AS events FROM analytics.flink_progress g
  JOIN analytics.flink_run r USING (run_id) WHERE r.state = 'current'`;
const GONE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name LIKE 'flink %' AND datname = current_database()`;

/** Nobody writes totals while positions are written: then all of Flink is killed, and what waits in Postgres never comes. */
async function killHalfWritten(count: () => Promise<void>): Promise<void> {
  await onDatabase(rig.databaseUrl, async (database) => {
    await database.query('BEGIN');
    await database.query('LOCK TABLE analytics.flink_totals IN EXCLUSIVE MODE');
    const before = (await rig.query<{ events: number }>(PROGRESS))[0]!.events;
    await count();
    while ((await rig.query<{ events: number }>(PROGRESS))[0]!.events === before) await sleep(50);
    await flink.stop();
    await database.query(GONE);
    await database.query('ROLLBACK');
  });
}
