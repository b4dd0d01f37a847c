// Makes it so that the engine that is wanted counts images. In: a Flink that may or may not be there, and what an earlier try left.
// Safe to run again at any time: whatever is right already stays as it is, and one trigger at a time changes something.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { JobRun } from '../../analytics/flink/job.ts';
import type { Engine } from '../../analytics/flink/runs/engine.ts';
import { causesIn } from '../flink/causes.ts';
import { type FlinkRest, isOver } from '../flink/rest.ts';
import { type JobPlace, liveJobs, savepointsOf, statementsOf, statesOf } from '../flink/run-job.ts';

/** As far as it is asked. */
export interface Flink {
  readonly rest: FlinkRest;
  /** Resolves with the id of the job that the statements began. */
  run(statements: readonly string[]): Promise<string>;
}

export interface TriggerOptions extends JobPlace {
  readonly engine: Engine;
  readonly flink: Flink;
  readonly log: Logger;
  /** How long Flink, and then the job, may take to get ready. */
  readonly waitMsMax: number;
}

const LOOK_EVERY_MS = 200;
/** States that are tried, beside the beginning of the run. */
const STATES_MAX = 3;

/** What is wanted, and how it is made so. */
export const TRIGGERS = {
  flink: countByFlink,
  node: countByNode,
  'node-anew': countAnewByNode,
} as const;

/**
 * Begins a run unless there is one, and starts its job unless it runs.
 * @throws AppError `flink-not-ready` before anything was changed; `job-not-running` with why
 */
export async function countByFlink(options: TriggerOptions): Promise<void> {
  const { engine, flink, log } = options;
  // First: until it is there, the worker continues.
  await flinkReady(options);
  const { run = await beginRun(options) } = await engine.status();
  const live = await liveJobs(flink.rest);
  for (const { jobId, runId } of live.filter((job) => job.runId !== run.runId)) {
    log.warn({ jobId, runId }, 'a job whose run is over writes nothing: it is cancelled');
    await flink.rest.cancel(jobId);
  }
  const own = live.find(({ runId }) => runId === run.runId);
  const jobId = own?.jobId ?? (await startJob(run, options));
  await jobCounts(jobId, options);
  log.info({ runId: run.runId, jobId }, 'Flink counts images');
}

/**
 * Ends the run that there may be, with everything written. What a killed Flink has half written is written by its job, once more.
 * @throws AppError `flink-not-ready`, `job-not-running`, `savepoint-failed`, or what `engine end` says: Flink holds the topic still
 */
export async function countByNode(options: TriggerOptions): Promise<void> {
  const { engine, flink, log } = options;
  const { run } = await engine.status();
  if (!run) return log.info('Node workers count images');
  const live = await liveJobs(flink.rest).catch(() => []);
  const own = live.find(({ runId }) => runId === run.runId);
  if (own) await stopJob(own.jobId, run, options);
  try {
    await engine.end();
  } catch (error) {
    if (own || !isCode(error, 'run-unflushed')) throw error;
    log.warn(
      { runId: run.runId },
      'the job was not stopped in order: it is started to write what is missing',
    );
    await flinkReady(options);
    await stopJob(await startJob(run, options), run, options);
    await engine.end();
  }
  log.info({ runId: run.runId }, 'the run of Flink has ended: Node workers count images');
}

/**
 * For a job that cannot continue: deletes what its run has counted, and workers count it once more. Only a person asks for it.
 * @throws AppError what `engine abandon` says
 */
export async function countAnewByNode({ engine, flink, log }: TriggerOptions): Promise<void> {
  const { run } = await engine.status();
  if (!run) return log.info('Node workers count images');
  const live = await liveJobs(flink.rest).catch(() => []);
  for (const { jobId } of live) await flink.rest.cancel(jobId);
  await engine.abandon();
  log.info({ runId: run.runId }, 'the run of Flink is taken back out: Node workers count its records anew');
}

async function beginRun({ engine, log }: TriggerOptions): Promise<JobRun> {
  const run = await engine.begin();
  log.info({ runId: run.runId }, 'a run of Flink has begun: Node workers stop counting images');
  return run;
}

/** From the newest state that Flink takes, or from the beginning of the run. @throws AppError why it does not take the newest */
async function startJob(run: JobRun, options: TriggerOptions): Promise<string> {
  const { flink, log } = options;
  const states = [...statesOf(run, options.stateFolder).slice(0, STATES_MAX), undefined];
  const refusals: AppError[] = [];
  for (const state of states) {
    const from = state ?? 'the beginning of the run';
    try {
      const jobId = await flink.run(statementsOf(run, options, state));
      log.info({ runId: run.runId, jobId, from }, 'job started');
      return jobId;
    } catch (error) {
      if (!isCode(error, 'sql-refused')) throw error;
      log.warn({ runId: run.runId, from, reason: error.message }, 'Flink refused the job');
      refusals.push(error);
    }
  }
  throw refusals[0]!;
}

/**
 * Stops a job once it has written everything that an earlier job of its run left half written: until then its results are behind. Where
 * that takes too long the job continues to count, and a later request takes less time.
 */
async function stopJob(jobId: string, run: JobRun, options: TriggerOptions): Promise<void> {
  const { engine, flink, stateFolder, log } = options;
  await jobCounts(jobId, options);
  await until(options, 'run-unflushed', `run ${run.runId} has not written everything`, async () => {
    const { unflushed } = await engine.status();
    return unflushed.length === 0 ? undefined : unflushed.join('; ');
  });
  const savepoint = await flink.rest.stopWithSavepoint(jobId, savepointsOf(run, stateFolder));
  log.info({ runId: run.runId, jobId, savepoint }, 'job stopped with a savepoint');
}

const isCode = (error: unknown, code: string): error is AppError =>
  error instanceof AppError && error.code === code;

/** A JobManager that knows a TaskManager. */
async function flinkReady(options: TriggerOptions): Promise<void> {
  await until(options, 'flink-not-ready', 'Flink is not ready, and nothing was changed', async () => {
    const { taskmanagers } = await options.flink.rest.overview();
    return taskmanagers > 0 ? undefined : 'no TaskManager has come to its JobManager';
  });
}

/**
 * It writes with each checkpoint and at no other time: one more of them, seen here, is the proof. A job that fails and restarts for
 * ever makes none, and looks as if it ran in between.
 */
async function jobCounts(jobId: string, options: TriggerOptions): Promise<void> {
  const { rest } = options.flink;
  let before: number | undefined;
  await until(options, 'job-not-running', `job ${jobId} does not run`, async () => {
    const { state } = await rest.job(jobId);
    const [failure] = await rest.failures(jobId);
    const text = `it is ${state}${failure ? `: ${causesIn(failure).at(-1)}` : ''}`;
    if (isOver(state)) throw new AppError('job-not-running', `job ${jobId} does not run: ${text}`);
    const now = await rest.checkpoints(jobId);
    before ??= now;
    return state === 'RUNNING' && now > before ? undefined : `${text}, and makes no checkpoint`;
  });
}

/** Looks until nothing is missing. What answers in another way than expected is missing too. @throws AppError with what is */
async function until(
  { waitMsMax }: TriggerOptions,
  code: string,
  what: string,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  for (;;) {
    const reason = await missing().catch((error: unknown) => {
      if (isCode(error, code)) throw error;
      return messageOf(error);
    });
    if (reason === undefined) return;
    if (performance.now() > deadline) throw new AppError(code, `${what}: ${reason}`);
    await sleep(LOOK_EVERY_MS);
  }
}
