// The system uses process ids again, so an id identifies a process only together with its start time and command line.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process that can be distinguished from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words; compared, never read. */
  readonly startedAt: string;
  readonly command: string;
}

const POLL_MS = 50;

/** Who has this id now; nothing where no living process has. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isSignalable(pid)) return undefined;
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

/** Whether that very process still lives. */
export async function isSameProcess(known: ProcessIdentity): Promise<boolean> {
  const present = await identify(known.pid);
  return present?.startedAt === known.startedAt && present.command === known.command;
}

/**
 * Asks that very process to end, and ends it by force when it does not within the time.
 * Does nothing to another process that has its id by now.
 */
export async function endProcess(
  known: ProcessIdentity,
  signal: NodeJS.Signals,
  waitMsMax: number,
): Promise<void> {
  if (!(await isSameProcess(known))) return;
  kill(known.pid, signal);
  if (await isGoneWithin(known, waitMsMax)) return;
  kill(known.pid, 'SIGKILL');
  await isGoneWithin(known, 5_000);
}

/** Waits for the end of a process without touching it; false when it outlives the time. */
export async function isGoneWithin(known: ProcessIdentity, waitMsMax: number): Promise<boolean> {
  const deadline = Date.now() + waitMsMax;
  while (await isSameProcess(known)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** A signal to a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone: what was wanted.
  }
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** proc(5): the name may hold spaces and brackets, so fields are counted from its last bracket; 22 is the start time. */
async function identifyByProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended and only waits for its parent to take note.
    if (state === 'Z' || state === 'X') return undefined;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { pid, startedAt: fields[18] ?? '', command: command.replaceAll('\0', ' ').trim() };
  } catch {
    return undefined;
  }
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'stat=,lstart=,args=', '-p', `${pid}`]);
    const found = /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(stdout.trimEnd());
    if (!found || found[1]?.startsWith('Z')) return undefined;
    return { pid, startedAt: found[2] ?? '', command: found[3] ?? '' };
  } catch {
    return undefined;
  }
}
