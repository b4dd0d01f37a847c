// The job of a run on a Flink that keeps its state in folders of ours: where it continues from, and which job belongs to which run.
import { globSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type JobRun, jobSettings, jobStatements } from '../../analytics/flink/job.ts';
import { type FlinkRest, isOver } from './rest.ts';

/** The setting by which a job names its run. */
const RUN = 'run';

export interface JobPlace {
  /** Holds a folder for each run, at the same path for Flink. */
  readonly stateFolder: string;
  /** Settings of the worker in whose place the job counts. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Statements that begin the job of a run.
 * @param goesOnFrom one of its states @default it begins with its run
 */
export function statementsOf(run: JobRun, { stateFolder, env }: JobPlace, goesOnFrom?: string): string[] {
  const checkpoints = join(stateFolder, run.runId, 'checkpoints');
  return [
    set('pipeline.global-job-parameters', `${RUN}:${run.runId}`),
    set('execution.checkpointing.dir', pathToFileURL(checkpoints).href),
    ...(goesOnFrom ? [set('execution.state-recovery.path', pathToFileURL(goesOnFrom).href)] : []),
    ...jobStatements(jobSettings(run, env)),
  ];
}

/** As Flink wants it for the savepoints of a run. */
export const savepointsOf = ({ runId }: Pick<JobRun, 'runId'>, stateFolder: string): string =>
  pathToFileURL(join(stateFolder, runId, 'savepoints')).href;

const set = (name: string, value: string): string => `SET '${name}' = '${value.replaceAll("'", "''")}'`;

/**
 * Folders of what the jobs of a run have left, the newest first: savepoints, and checkpoints of those that were killed. Every state of a run
 * is right: an older one only counts more of it again.
 */
export function statesOf({ runId }: Pick<JobRun, 'runId'>, stateFolder: string): string[] {
  const folder = join(stateFolder, runId);
  const files = globSync('{savepoints/*,checkpoints/*/chk-*}/_metadata', { cwd: folder }).map((file) =>
    join(folder, file),
  );
  return files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs).map(dirname);
}

export interface LiveJob {
  readonly jobId: string;
  readonly runId: string;
}

/** Jobs of runs that are not over, whatever they are doing. */
export async function liveJobs(rest: FlinkRest): Promise<LiveJob[]> {
  const live = (await rest.jobs()).filter(({ state }) => !isOver(state));
  const known = await Promise.all(
    live.map(async ({ jid }) => ({ jobId: jid, runId: (await rest.parameters(jid))[RUN] })),
  );
  return known.filter((job): job is LiveJob => job.runId !== undefined);
}
