// One launcher per folder, and a list of what it runs: `run.json`. A launcher that was killed leaves it, and the next one
// reads there what else it may have left. An id is trusted only with its start time and command line.
import { hash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';
import {
  endProcess,
  identify,
  isGoneWithin,
  isSameProcess,
  type ProcessIdentity,
} from './process-identity.ts';

/** A process of a run, and how to stop it. */
export interface RunProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
  readonly stopMsMax: number;
}

/** What `run.json` says. */
export interface RunState {
  readonly launcher: ProcessIdentity;
  readonly startedAt: string;
  /** The warden, which stops the processes when the launcher dies. */
  readonly warden?: ProcessIdentity;
  readonly processes: readonly RunProcess[];
  /** For people: part and address. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface RunFile {
  /** What the run before left, as far as it is still alive. */
  readonly leftovers: Pick<RunState, 'warden' | 'processes'>;
  update(change: Partial<Omit<RunState, 'launcher' | 'startedAt'>>): Promise<void>;
  release(): Promise<void>;
}

const ATTEMPTS = 20;
const RETRY_MS = 25;
/** A warden stops its children one after the other. */
const WARDEN_MS_MAX = 60_000;

/**
 * Makes this process the folder's launcher.
 * @throws AppError `already-running`, with the state of the run in its facts
 */
export async function takeRun(folder: string): Promise<RunFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'run.json');
  const launcher = await identify(process.pid);
  if (!launcher) throw new AppError('process-unknown', 'the system does not say who this process is');
  const mine = { launcher, startedAt: new Date().toISOString(), processes: [], addresses: {} };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const left = await readState(path);
    if (left && (await isSameProcess(left.launcher))) throw alreadyRunning(left);
    // What was left stays on record until it is gone, should this process be killed too.
    const state: RunState = left ? { ...mine, processes: left.processes, ...wardenOf(left) } : mine;
    const isOurs = left ? await replaceFile(path, left, state) : await createFile(path, state);
    if (isOurs) return runFile(path, state);
    await sleep(RETRY_MS);
  }
  throw new AppError('run-file-busy', `${path} changes all the time: are several starts going on?`);
}

const wardenOf = ({ warden }: RunState) => (warden ? { warden } : {});

/**
 * Puts our state where that of a dead launcher is. Who does it holds a claim on exactly that state: the file is never away, where
 * another start could make its own, and a state that is newer than the one we saw is left alone.
 */
async function replaceFile(path: string, left: RunState, state: RunState): Promise<boolean> {
  const claim = `${path}.${digestOf(left)}`;
  if (!(await createFile(claim, state))) {
    const claimant = await readState(claim);
    if (claimant && !(await isSameProcess(claimant.launcher))) await rm(claim, { force: true });
    return false;
  }
  try {
    const present = await readState(path);
    if (!present || digestOf(present) !== digestOf(left)) return false;
    await rename(await writeBeside(path, state), path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

const digestOf = (state: RunState): string => hash('sha256', JSON.stringify(state));

const alreadyRunning = (state: RunState): AppError =>
  new AppError('already-running', `The platform is running already (pid ${state.launcher.pid})`, { state });

async function readState(path: string): Promise<RunState | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AppError('run-file-unreadable', `${path} cannot be read: delete it if nothing runs`, {}, error);
  }
}

/** The file appears whole, and only where there was none. */
async function createFile(path: string, state: RunState): Promise<boolean> {
  const whole = await writeBeside(path, state);
  try {
    await link(whole, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

async function writeBeside(path: string, state: RunState): Promise<string> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, JSON.stringify(state, null, 2));
  return beside;
}

function runFile(path: string, first: RunState): RunFile {
  let state = first;
  let writes = Promise.resolve();
  let isReleased = false;
  const update: RunFile['update'] = (change) => {
    // Children that end late must not bring the file back.
    if (isReleased) return writes;
    state = { ...state, ...change };
    const now = state;
    writes = writes.then(async () => rename(await writeBeside(path, now), path));
    return writes;
  };
  const release = async (): Promise<void> => {
    isReleased = true;
    await writes;
    await rm(path, { force: true });
  };
  return { leftovers: { processes: first.processes, ...wardenOf(first) }, update, release };
}

/** Ends what a killed run left: its warden is at it already, or it was killed as well. */
export async function endLeftovers(
  { warden, processes }: RunFile['leftovers'],
  progress: (line: string) => void,
): Promise<void> {
  if (warden && (await isSameProcess(warden))) {
    progress('waiting for the end of a run whose launcher was killed');
    if (!(await isGoneWithin(warden, WARDEN_MS_MAX))) await endProcess(warden, 'SIGKILL', 0);
  }
  for (const { name, identity, stopSignal, stopMsMax } of processes.toReversed()) {
    if (!(await isSameProcess(identity))) continue;
    progress(`stopping ${name}, which a killed run left (pid ${identity.pid})`);
    await endProcess(identity, stopSignal, stopMsMax);
  }
}
