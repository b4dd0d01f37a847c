// Something of the cache in, the same made by one process and waited for by all others out. It appears whole or not at all, and
// what a killed maker left is taken over by the next.
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';
import { type RunFile, type RunState, takeRun } from '../launcher/run-file.ts';
import type { Progress } from '../server/server.ts';

const POLL_MS = 200;

/** A file or folder to make once. */
export interface Making {
  readonly path: string;
  /** For people. */
  readonly what: string;
  /** Makes it at a path beside the final one, where an earlier maker's half may lie. */
  readonly make: (unfinished: string) => Promise<void>;
}

/** Makes it unless it is there, or waits while another process does. */
export async function makeOnce({ path, what, make }: Making, progress: Progress): Promise<string> {
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const lock = await takeTurn(
    join(dirname(path), 'makers', basename(path)),
    () => existsSync(path),
    (pid) => progress(`waiting for ${what}, which another start is fetching (process ${pid})`),
  );
  try {
    if (existsSync(path)) return path;
    const unfinished = `${path}.unfinished`;
    await make(unfinished);
    await rename(unfinished, path);
    return path;
  } finally {
    await lock?.release();
  }
}

/** The lock is a launcher's: held by a living process, known by its start time, and taken over from a dead one. */
async function takeTurn(
  folder: string,
  isMade: () => boolean,
  onWait: (pid: number) => void,
): Promise<RunFile | undefined> {
  for (let hasSaid = false; !isMade(); ) {
    try {
      return await takeRun(folder);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'already-running') {
        if (!hasSaid) onWait((error.facts.state as RunState).launcher.pid);
        hasSaid = true;
      } else if (error.code !== 'run-file-busy') throw error;
    }
    await sleep(POLL_MS);
  }
  return undefined;
}
