// One pod of a service: a separate process on another port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootFolder } from '../../local/launcher/folders.ts';
import type { ProcessPlan } from '../../local/launcher/processes.ts';

export interface Replica {
  readonly port: number;
  terminate(): void;
  /** SIGKILL, for the end of a spec. */
  kill(): void;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

const READY_MS_MAX = 60_000;
const LOOK_EVERY_MS = 100;

/** It is ready once the promise resolves. @throws when it ends before, or never says so */
export async function startReplica({ script, env, address, logFile }: ProcessPlan): Promise<Replica> {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [script], { cwd: rootFolder, env, stdio: ['ignore', log, log] });
  let isOver = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    isOver = true;
    return (signal ?? code) as number | string;
  });
  const replica: Replica = {
    port: Number(new URL(address).port),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
    ended,
  };
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const answer = await fetch(`${address}/readyz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return replica;
    if (isOver || performance.now() > deadline) {
      replica.kill();
      throw new Error(`${script} did not become ready; its log: ${logFile}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
