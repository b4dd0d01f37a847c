// A worker process that is broken on purpose, as it is seen from outside.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sabotage } from './sabotage.ts';

/** A worker in a process of its own. */
export interface RunningWorker {
  readonly pid: number;
  /** Resolves with the signal or the exit code. */
  readonly ended: Promise<number | string>;
  readonly output: () => string;
  /** Waits until its output matches. @throws when it ended before, or its output never matches */
  says(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a worker. When the promise resolves, it runs or has ended. */
export async function spawnWorker(
  env: Readonly<Record<string, string>>,
  sabotage: Sabotage,
): Promise<RunningWorker> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker-process.ts')], {
    env: { ...env, SABOTAGE: JSON.stringify(sabotage) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const worker = observe(child);
  await Promise.race([once(child, 'message'), worker.ended]);
  return worker;
}

const SAY_MS_MAX = 120_000;
const LOOK_EVERY_MS = 200;

/** The greatest resident memory of a process, in MiB, from now until `work` is over. */
export async function peakMemoryMiB(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = residentMiB(pid);
  const looking = setInterval(() => {
    peak = Math.max(peak, residentMiB(pid));
  }, LOOK_EVERY_MS);
  try {
    await work();
    return Math.max(peak, residentMiB(pid));
  } finally {
    clearInterval(looking);
  }
}

/** The memory of a process as the kubelet counts it: shared pages count fully. */
export const residentMiB = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;

function observe(child: ChildProcess): RunningWorker {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-200_000);
    });
  }
  let isOver = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    isOver = true;
    return (signal ?? code) as number | string;
  });
  const says = async (pattern: RegExp): Promise<void> => {
    const deadline = performance.now() + SAY_MS_MAX;
    while (!pattern.test(printed)) {
      if (isOver || performance.now() > deadline) throw new Error(`never said ${pattern}:\n${printed}`);
      await sleep(LOOK_EVERY_MS);
    }
  };
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  return { pid: child.pid!, ended, output: () => printed, says, kill };
}
