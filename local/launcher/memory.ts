// How much memory a set of processes and all they have started hold now.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

interface Usage {
  readonly pid: number;
  readonly parent: number;
  readonly bytes: () => Promise<number>;
}

/** Bytes; pages that processes share count once where the system reports that (Linux), otherwise for each process. */
export async function memoryBytes(pids: readonly number[]): Promise<number> {
  const usages = process.platform === 'linux' ? await usagesByProc() : await usagesByPs();
  const wanted = new Set(pids);
  // A child has a higher id than its parent, but for wrap-around: so round by round until nothing is added.
  for (let size = 0; size !== wanted.size; ) {
    size = wanted.size;
    for (const { pid, parent } of usages) if (wanted.has(parent)) wanted.add(pid);
  }
  const sizes = await Promise.all(usages.filter(({ pid }) => wanted.has(pid)).map(({ bytes }) => bytes()));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function usagesByProc(): Promise<Usage[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const usages = pids.map(async (pid): Promise<Usage[]> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return stat ? [{ pid, parent, bytes: () => proportionalBytes(pid) }] : [];
  });
  return (await Promise.all(usages)).flat();
}

/** proc(5): Pss, or the resident set of a process of another user, whose Pss cannot be read. */
async function proportionalBytes(pid: number): Promise<number> {
  for (const [file, field] of [
    ['smaps_rollup', /^Pss:\s+(\d+) kB/m],
    ['status', /^VmRSS:\s+(\d+) kB/m],
  ] as const) {
    const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const kilobytes = field.exec(text)?.[1];
    if (kilobytes) return Number(kilobytes) * 1024;
  }
  return 0;
}

async function usagesByPs(): Promise<Usage[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kilobytes = 0]) => ({ pid, parent, bytes: async () => kilobytes * 1024 }));
}
