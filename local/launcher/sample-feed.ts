// Sample photos for a newcomer: the feed runs as a separate process, and its lines are shown as they come.
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../server/ready.ts';
import { rootFolder } from './folders.ts';
import type { Screen } from './screen.ts';
import { sharedWarden } from './warden.ts';

const FOLLOW_MS = 300;

/** Starts the feed, which ends when every photo was uploaded. Returns a function that stops it before. */
export async function startSampleFeed(
  env: Readonly<Record<string, string>>,
  logFile: string,
  screen: Screen,
): Promise<() => Promise<void>> {
  const warden = await sharedWarden(logFile);
  const ward = await warden.start({
    name: 'sample photos',
    command: process.execPath,
    args: ['demo/feed.ts'],
    folder: rootFolder,
    env,
    logFile,
    stopSignal: 'SIGTERM',
    stopMsMax: 3_000,
  });
  const stopping = new AbortController();
  void ward.ended.then(async (how) => {
    const hasFailed = how !== 'ended with code 0' && !stopping.signal.aborted;
    stopping.abort();
    if (hasFailed) screen.warn(`sample photos ${how}\n${await lastLines(logFile)}`);
  });
  void follow(logFile, stopping.signal, (line) => screen.say(`  ${line}`));
  return async () => {
    stopping.abort();
    await ward.stop();
  };
}

/** Hands on every line that is added to the file; those of the end too. */
async function follow(file: string, end: AbortSignal, say: (line: string) => void): Promise<void> {
  const handle = await open(file, 'r');
  try {
    let rest = '';
    for (let isLast = false; !isLast; ) {
      isLast = end.aborted;
      const buffer = Buffer.alloc(65_536);
      const { bytesRead } = await handle.read(buffer);
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach((line) => say(line));
      if (!isLast) await sleep(FOLLOW_MS, undefined, { signal: end }).catch(() => {});
    }
  } finally {
    await handle.close();
  }
}
