// A server that was started in, the same server answering out; or why not, with its own last words.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Ward } from '../launcher/ward.ts';

const POLL_MS = 100;
const LAST_LINES = 15;

/** Tries until the probe answers. @throws AppError `server-not-ready` when the server ends or the time is up */
export async function waitUntilReady(
  ward: Ward,
  probe: () => Promise<unknown>,
  waitMsMax: number,
): Promise<void> {
  const { name, logFile } = ward.settings;
  let end = '';
  void ward.ended.then((how) => {
    end = how;
  });
  const deadline = Date.now() + waitMsMax;
  for (;;) {
    if (end) throw new AppError('server-not-ready', `${name} ${end}\n${await lastLines(logFile)}`);
    try {
      await probe();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        const reason = `${name} did not answer within ${waitMsMax / 1000} s: ${messageOf(error)}`;
        throw new AppError('server-not-ready', `${reason}\n${await lastLines(logFile)}`);
      }
    }
    await sleep(POLL_MS);
  }
}

/** The end of a log, indented, and where the rest is. */
export async function lastLines(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LAST_LINES);
  return [...lines.map((line) => `    ${line.slice(0, 400)}`), `  The whole log: ${logFile}`].join('\n');
}
