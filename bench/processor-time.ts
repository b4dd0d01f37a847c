// How much processor time processes have used, each with all that it has started.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Used {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

/** proc(5): clock ticks; Linux shows 100 a second to programs, independent of its own clock. */
const TICKS_PER_SECOND = 100;

/** Seconds by name. A process counts for the nearest of the roots above it. */
export async function processorSeconds(
  roots: readonly { readonly name: string; readonly pid: number }[],
): Promise<Record<string, number>> {
  const processes = process.platform === 'linux' ? await usedByProc() : await usedByPs();
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  const rootByPid = new Map(roots.map(({ name, pid }) => [pid, name]));
  const sums: Record<string, number> = Object.fromEntries(roots.map(({ name }) => [name, 0]));
  for (const one of processes) {
    for (let at: Used | undefined = one; at; at = byPid.get(at.parent)) {
      const name = rootByPid.get(at.pid);
      if (name === undefined) continue;
      sums[name]! += one.seconds;
      break;
    }
  }
  return sums;
}

async function usedByProc(): Promise<Used[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const used = pids.map(async (pid): Promise<Used[]> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name may hold blanks and brackets; behind its last bracket: state, parent, ..., utime (14), stime (15).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return stat ? [{ pid, parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND }] : [];
  });
  return (await Promise.all(used)).flat();
}

async function usedByPs(): Promise<Used[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,time=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', time = ''] = line.trim().split(/\s+/);
      // [[days-]hours:]minutes:seconds
      const parts = time.split(/[-:]/).map(Number).toReversed();
      const seconds = parts.reduce((sum, part, at) => sum + part * [1, 60, 3_600, 86_400][at]!, 0);
      return { pid: Number(pid), parent: Number(parent), seconds };
    });
}
