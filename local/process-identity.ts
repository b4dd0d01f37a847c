// A process id in, a fingerprint out that no other process ever has: ids are reused, so a bare one is no proof before a kill.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process as it was seen once. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of the system; unequal for two owners of the same id. */
  readonly started: string;
}

/** The identity of a running process, or undefined when there is none (a zombie counts as ended). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return started ? { pid, started } : undefined;
}

/** Whether that very process still runs. */
export const isAlive = (known: ProcessIdentity): boolean => identityOf(known.pid)?.started === known.started;

/** Sends a signal, but only to that very process. Returns whether it was there. */
export function signalProcess(known: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(known)) return false;
  try {
    return process.kill(known.pid, signal);
  } catch {
    return false;
  }
}

/** proc(5): field 3 is the state, field 22 the start in clock ticks after boot; the name before may hold blanks. */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Resident memory of a process in bytes, where the system tells it without a tool; else undefined. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes ? Number(kilobytes) * 1024 : undefined;
  } catch {
    return undefined;
  }
}
