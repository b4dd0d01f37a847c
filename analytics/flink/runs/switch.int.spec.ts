// From Node to Flink and back on a real log whose ids come again across each switch, while a real worker lives all the time: every
// store ends with what the independent count says. A stand-in writes what the Flink job would.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { createRandom } from '../../../demo/samples/random.ts';
import { JobStandIn, type StandInOptions } from '../../../test/engines/job-stand-in.ts';
import { imageLog, type LogEntry } from '../../../test/faults/image-log.ts';
import { HURRIED_WINDOWS, Rig } from '../../../test/faults/rig.ts';
import type { RunningWorker } from '../../../test/faults/running-worker.ts';
import type { Run } from './run.ts';

const CLI = join(import.meta.dirname, 'engine.cli.ts');
const MINUTE_MS = 60_000;
const PATIENCE = {
  outOfOrderBoundMs: Number(HURRIED_WINDOWS.OUT_OF_ORDER_BOUND_MS),
  latenessMs: Number(HURRIED_WINDOWS.LATENESS_MS),
};

/** Every `nth` entry. */
const some = (entries: readonly LogEntry[], nth: number): LogEntry[] =>
  entries.filter((_, index) => index % nth === 0);

describe('the switch', () => {
  let rig: Rig;
  let pool: Pool;
  let worker: RunningWorker;
  const startMs = Date.now() - 600_000;
  const log = imageLog(createRandom(13), { events: 3_000, spanMs: 480_000, startMs });
  const [first, second, third, fourth, fifth] = [0, 1, 2, 3, 4].map((nth) =>
    log.slice(nth * 600, (nth + 1) * 600),
  );

  beforeAll(async () => {
    rig = await Rig.open();
    pool = createPool({
      connectionString: rig.databaseUrl,
      applicationName: 'switch-spec',
      log: createLogger('spec', 'fatal'),
    });
    worker = await rig.startWorker();
  }, 120_000);
  afterAll(async () => {
    await pool.end();
    await rig.close();
  }, 60_000);

  const engine = async (...command: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [CLI, ...command], { env: rig.env })).stdout;
  const begin = async (): Promise<Run> => JSON.parse(await engine('begin', '--json')) as Run;
  const jobOf = (run: Run, options: Partial<StandInOptions> = {}) =>
    new JobStandIn({ pool, client: rig.client, run, patience: PATIENCE, ...options });
  const feed = (entries: readonly LogEntry[]) => rig.feed(entries, 100, 0);
  const differences = async () => {
    const { differences, pending } = await rig.reconcile();
    return { differences, pending };
  };
  const NONE = { differences: [], pending: [] };

  it('to Flink and back loses and doubles nothing, with events that repeat across it', async () => {
    await feed(first!);
    await rig.caughtUp();
    const run = await begin();
    await expect(engine('begin')).rejects.toThrow(`${run.runId} holds ${run.topic} already`);
    const job = jobOf(run);
    await feed([...some(first!, 3), ...second!, ...some(first!, 5)]);
    await job.readOn();
    const savepoint = job.savepoint();
    await feed(some(second!, 4));
    await job.readOn();
    await job.flush();
    // It dies, and what it had written comes again.
    job.restore(savepoint);
    await job.flush();
    await expect(engine('end')).resolves.toContain('has ended');
    await feed([...some(second!, 3), ...third!, ...some(first!, 7)]);
    await rig.caughtUp();
    await expect(job.flush()).rejects.toThrow(/is ended: its job must be stopped/);
    expect(await differences()).toEqual(NONE);
    const [{ held }] = (await rig.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM analytics.part_state WHERE owner = '${worker.pid}'`,
    )) as [{ held: number }];
    expect(held).toBe(6);
  }, 180_000);

  it('leaves every store right while Flink counts: windows close, and idle partitions hold none of them open', async () => {
    const run = await begin();
    const job = jobOf(run);
    await feed(some(third!, 2));
    await feed(fourth!);
    await job.readOn();
    await job.flush();
    await rig.caughtUp();
    expect(await differences()).toEqual(NONE);
    expect(JSON.parse(await engine('status', '--json'))).toMatchObject({
      engine: 'flink',
      run: { runId: run.runId },
      unflushed: [],
      canBeAbandoned: true,
      faults: [],
    });
  }, 180_000);

  it('back from a job that cannot be restored counts its records again', async () => {
    const { run } = JSON.parse(await engine('status', '--json')) as { run: Run };
    const job = jobOf(run);
    await feed([...some(fourth!, 3), ...fifth!]);
    // It dies with half of it written.
    await job.readOn();
    await job.flushTotals();
    await expect(engine('end')).rejects.toThrow(/has not written everything/);
    await engine('abandon');
    await feed([...some(second!, 6), ...some(fifth!, 4)]);
    await rig.caughtUp();
    expect(await differences()).toEqual(NONE);
  }, 180_000);

  const marked = (id: string, minute: number): LogEntry => {
    const good = log.find(({ value }) => typeof value === 'string' && value.endsWith('"sizeTable":1}'))!;
    const time = new Date(startMs - minute * MINUTE_MS).toISOString();
    return { ...good, headers: { ...good.headers, ce_id: id, ce_time: time } };
  };
  const windowOf = ({ headers }: LogEntry): string => headers.ce_time!.slice(0, 16);

  it('negative control: counts twice what comes again, if the job knows no ids from before or Node none of the run', async () => {
    const [before, during] = [marked('before', 30), marked('during', 60)];
    await feed([before]);
    await rig.caughtUp();
    const forgetful = jobOf(await begin(), { isForgetful: true });
    await feed([before, during]);
    await forgetful.readOn();
    await forgetful.flush();
    worker.kill('SIGKILL');
    await worker.ended;
    await engine('end');
    const { rowCount } = await pool.query(
      `DELETE FROM analytics.seen_ids s USING analytics.flink_run_part p JOIN analytics.flink_run r USING (run_id)
       WHERE r.over_at = (SELECT max(over_at) FROM analytics.flink_run) AND s.topic_id = r.topic_id AND s.part = p.part
         AND s.first_offset >= p.count_from`,
    );
    expect(rowCount).toBeGreaterThan(0);
    await feed([during]);
    worker = await rig.startWorker();
    await rig.caughtUp();
    const wrong = (await differences()).differences.filter(({ where }) => where === 'cloud-sql totals');
    expect(wrong.map(({ key }) => key.slice(0, 16)).toSorted()).toEqual([during, before].map(windowOf));
  }, 180_000);
});
