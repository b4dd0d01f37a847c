// Starts child processes that cannot outlive this one. They are children of a small warden process, which notices by its
// channel that this process is gone - by Ctrl-C, a crash or SIGKILL - and stops them.
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { compileCache } from './folders.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import {
  type Answer,
  type ChildSettings,
  channelHold,
  type FromWarden,
  startWard,
  type ToWarden,
  type Ward,
} from './ward.ts';

export interface Warden {
  readonly identity: ProcessIdentity;
  /** @throws AppError `child-not-started` when the command cannot be run */
  start(settings: ChildSettings): Promise<Ward>;
  /** Those that run now, in the order of their start. */
  readonly wards: () => readonly Ward[];
  /** Deletes a folder once every child has ended, whatever becomes of this process. */
  removeAtEnd(folder: string): void;
  /** Called whenever a child has started or ended. */
  onChange(listener: () => void): void;
  /** Stops every child, last started first, and the warden itself. */
  close(): Promise<void>;
}

/** A warden process with no children yet. It does not keep this process alive. */
export async function openWarden(logFile: string): Promise<Warden> {
  const channel = forkWarden(logFile);
  const identity = channel.pid ? await identify(channel.pid) : undefined;
  if (!identity) throw new AppError('warden-not-started', `the warden process did not start: see ${logFile}`);
  const answers = new Map<number, Answer>();
  const wards = new Map<number, Ward>();
  const listeners: (() => void)[] = [];
  const changed = () => listeners.forEach((listener) => listener());
  channel.on('message', (message: FromWarden) => answers.get(message.id)?.(message));
  const gone = new Promise<void>((resolve) => channel.once('exit', () => resolve()));
  void gone.then(() => [...answers.values()].forEach((answer) => answer({ kind: 'lost' })));

  const hold = channelHold(channel);
  let lastId = 0;
  const start = async (settings: ChildSettings): Promise<Ward> => {
    const id = ++lastId;
    mkdirSync(dirname(settings.logFile), { recursive: true });
    const ward = await startWard(settings, {
      answers: (answer) => answers.set(id, answer),
      start: () => channel.send({ kind: 'start', id, settings } satisfies ToWarden),
      stop: () => channel.connected && channel.send({ kind: 'stop', id } satisfies ToWarden),
      hold,
    });
    wards.set(id, ward);
    changed();
    void ward.ended.then(() => {
      answers.delete(id);
      wards.delete(id);
      changed();
    });
    return ward;
  };
  return {
    identity,
    start,
    wards: () => [...wards.values()],
    onChange: (listener) => listeners.push(listener),
    removeAtEnd: (folder) => channel.send({ kind: 'remove-at-end', folder } satisfies ToWarden),
    close: async () => {
      if (channel.connected) channel.disconnect();
      if (channel.exitCode === null && channel.signalCode === null) await hold(gone);
    },
  };
}

/** Detached: a Ctrl-C in the terminal reaches the launcher alone, which stops everything in order. */
function forkWarden(logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const channel = fork(join(import.meta.dirname, 'warden-process.ts'), {
    detached: true,
    execArgv: [],
    env: { ...process.env, ...compileCache },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  channel.on('error', () => {});
  channel.unref();
  channel.channel?.unref();
  return channel;
}

let shared: Promise<Warden> | undefined;

/** This process's one warden, opened when first asked for; the log file of the first caller counts. */
export function sharedWarden(logFile: string): Promise<Warden> {
  shared ??= openWarden(logFile);
  return shared;
}
