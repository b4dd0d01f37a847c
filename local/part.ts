// What every embedded server tells about itself, so that the platform can start, await and name it.
import { AppError } from '#runtime/errors.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from './warden-protocol.ts';

/** Variables that a part gives to the processes that use it. */
export type Env = Readonly<Record<string, string>>;

/** Where a part lives and what it may cost. */
export interface Place {
  /** Its own data; absolute. */
  readonly dataFolder: string;
  readonly logFile: string;
  readonly port: number;
  /** False in tests: what is written need not survive a power cut. */
  readonly isDurable: boolean;
}

/** A part that is ready to be started. */
export interface Part {
  readonly command: Command;
  /** `host:port` or a URL, for people. */
  readonly address: string;
  /** For the processes that use the part. */
  readonly env: Env;
  /** Resolves to true once the part serves; may throw while it does not. */
  isReady(): Promise<boolean>;
}

/** Little of the caller's environment is passed on: a stray variable must not change how a server runs. */
export function baseEnv(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ', 'JAVA_HOME', 'SystemRoot'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/**
 * Waits until the part serves.
 * @throws AppError `part-not-ready` with the last reason, when it does not within the limit or has ended.
 */
export async function waitUntilReady(
  part: Part,
  hasEnded: () => string | undefined,
  waitMsMax = 60_000,
): Promise<void> {
  const deadline = Date.now() + waitMsMax;
  let reason: unknown;
  while (Date.now() < deadline) {
    const end = hasEnded();
    if (end !== undefined) throw notReady(part, `it ended (${end})`);
    try {
      if (await part.isReady()) return;
    } catch (error) {
      reason = error;
    }
    await sleep(50);
  }
  throw notReady(part, `no answer after ${waitMsMax / 1000} s`, reason);
}

const notReady = (part: Part, what: string, cause?: unknown): AppError =>
  new AppError(
    'part-not-ready',
    `${part.command.name} did not start: ${what}; its log is ${part.command.logFile}`,
    { part: part.command.name },
    cause,
  );
