// The job of a run on a Flink that keeps its state in folders of ours: where it goes on from, and which job is whose.
import { globSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type JobRun, jobSettings, jobStatements } from '../../analytics/flink/job.ts';
import { type FlinkRest, isOver } from './rest.ts';

/** By which a job tells its run. */
const RUN = 'run';

export interface RunJob {
  readonly statements: readonly string[];
  /** A folder; undefined where the job begins with its run. */
  readonly goesOnFrom: string | undefined;
}

/**
 * The job of a run, from the newest state that it left.
 * @param stateFolder holds a folder for each run, at the same path for Flink
 * @param env settings of the worker in its place
 */
export function jobOf(run: JobRun, stateFolder: string, env: NodeJS.ProcessEnv): RunJob {
  const folder = join(stateFolder, run.runId);
  const goesOnFrom = newestState(folder);
  const statements = [
    set('pipeline.global-job-parameters', `${RUN}:${run.runId}`),
    set('execution.checkpointing.dir', pathToFileURL(join(folder, 'checkpoints')).href),
    ...(goesOnFrom ? [set('execution.state-recovery.path', pathToFileURL(goesOnFrom).href)] : []),
    ...jobStatements(jobSettings(run, env)),
  ];
  return { statements, goesOnFrom };
}

/** As Flink wants it for the savepoints of a run. */
export const savepointsOf = ({ runId }: Pick<JobRun, 'runId'>, stateFolder: string): string =>
  pathToFileURL(join(stateFolder, runId, 'savepoints')).href;

const set = (name: string, value: string): string => `SET '${name}' = '${value.replaceAll("'", "''")}'`;

/** A savepoint, or the checkpoint that a killed job left. Every state of a run is right: an older one only counts more of it again. */
function newestState(folder: string): string | undefined {
  const files = globSync('{savepoints/*,checkpoints/*/chk-*}/_metadata', { cwd: folder }).map((file) =>
    join(folder, file),
  );
  const newest = files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  return newest && dirname(newest);
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
