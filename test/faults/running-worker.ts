// A worker in a process of its own, broken on purpose: what is known of it from outside.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Sabotage } from './sabotage.ts';

/** A worker in a process of its own. */
export interface RunningWorker {
  readonly pid: number;
  /** Resolves with the signal or the code. */
  readonly ended: Promise<number | string>;
  readonly output: () => string;
  kill(signal: NodeJS.Signals): void;
}

/** Spawns it; it runs, or has ended, once the promise resolves. */
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

function observe(child: ChildProcess): RunningWorker {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-200_000);
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string);
  return { pid: child.pid!, ended, output: () => printed, kill: (signal) => void child.kill(signal) };
}
