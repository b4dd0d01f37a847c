// Which engine counts the images of a start: the worker of Node, or Flink in its place; and the switch from what the last start left.
// A run of Flink lasts from one start to the next: its job is stopped with a savepoint, and continues from its newest state.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { JobRun } from '../../analytics/flink/job.ts';
import { rootFolder } from '../launcher/folders.ts';
import type { Screen } from '../launcher/screen.ts';
import type { RunningFlink } from './flink.ts';
import { savepointsOf, statementsOf, statesOf } from './run-job.ts';

export type Engine = 'node' | 'flink';
export const ENGINES: readonly Engine[] = ['node', 'flink'];

export interface EngineOptions {
  /** Of the whole platform. */
  readonly env: Readonly<Record<string, string>>;
  /** Holds a folder for each run. */
  readonly dataDir: string;
  readonly screen: Screen;
}

interface Status {
  readonly engine: Engine;
  readonly run?: JobRun;
}

const COMMAND = join(rootFolder, 'analytics/flink/runs/engine.cli.ts');
const OUTPUT_BYTES_MAX = 16_777_216;

/** `npm run engine -- …` on this platform. @throws AppError `engine-refused` with its words */
async function askEngine(env: EngineOptions['env'], ...args: readonly string[]): Promise<string> {
  const settings = { cwd: rootFolder, env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    return (await promisify(execFile)(process.execPath, [COMMAND, ...args], settings)).stdout;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new AppError('engine-refused', stderr?.trim() || messageOf(error), {}, error);
  }
}

const statusOf = async (env: EngineOptions['env']): Promise<Status> =>
  JSON.parse(await askEngine(env, 'status', '--json')) as Status;

/** Hands the images back to the worker where the last start counted them by Flink. Where that cannot be, it says what can. */
export async function returnToNode({ env, screen }: EngineOptions): Promise<void> {
  if ((await statusOf(env)).engine === 'node') return;
  try {
    screen.step('engine', (await askEngine(env, 'end')).trim());
  } catch (error) {
    screen.warn(
      `Nobody counts images: Flink did at the last start, and its run cannot be ended (${messageOf(error)}). ` +
        'npm start -- --engine flink goes on with it; npm run engine -- abandon has the worker count its records anew',
    );
  }
}

/** Begins a run, or continues the present one. The returned function stops its job with a savepoint. */
export async function countByFlink(
  flink: RunningFlink,
  options: EngineOptions,
): Promise<() => Promise<void>> {
  const { env, dataDir, screen } = options;
  const { run: current } = await statusOf(env);
  const run = current ?? (JSON.parse(await askEngine(env, 'begin', '--json')) as JobRun);
  const [goesOnFrom] = statesOf(run, dataDir);
  const place = { stateFolder: dataDir, env: { ...process.env, ...env } };
  const jobId = await flink.run(statementsOf(run, place, goesOnFrom));
  screen.step(
    'engine',
    `Flink counts images: run ${run.runId}, ${goesOnFrom ? 'from where it stopped' : 'from its beginning'}`,
  );
  return async () => void (await flink.rest.stopWithSavepoint(jobId, savepointsOf(run, dataDir)));
}
