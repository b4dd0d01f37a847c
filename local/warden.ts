// Starts child processes that cannot outlive this one. They are children of a small warden process, which notices by its
// channel that this process is gone - by Ctrl-C, a crash or SIGKILL - and stops them.
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { endProcess, identify, type ProcessIdentity } from './process-identity.ts';

/** What to start, and how to stop it. */
export interface ChildSettings {
  /** For people and logs. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** On top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes stdout and stderr; appended to. */
  readonly logFile: string;
  /** Another user than this process's. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** After this long SIGKILL follows. */
  readonly stopMsMax: number;
}

/** A child that runs. */
export interface Ward {
  readonly settings: ChildSettings;
  readonly identity: ProcessIdentity;
  /** Resolves with how it ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** Keeps this process alive while something about the child is awaited. */
  readonly hold: Hold;
  stop(): Promise<void>;
}

export type ToWarden =
  | { kind: 'start'; id: number; settings: ChildSettings }
  | { kind: 'stop'; id: number }
  | { kind: 'remove-at-end'; folder: string };
export type FromWarden =
  | { kind: 'started'; id: number; pid: number }
  | { kind: 'failed'; id: number; message: string }
  | { kind: 'ended'; id: number; how: string };

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

type Answer = (message: FromWarden | { kind: 'lost' }) => void;

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
  const close = async (): Promise<void> => {
    if (channel.connected) channel.disconnect();
    if (channel.exitCode === null && channel.signalCode === null) await hold(gone);
  };
  return {
    identity,
    start,
    wards: () => [...wards.values()],
    onChange: (listener) => listeners.push(listener),
    removeAtEnd: (folder) => channel.send({ kind: 'remove-at-end', folder } satisfies ToWarden),
    close,
  };
}

/** Detached: a Ctrl-C in the terminal reaches the launcher alone, which stops everything in order. */
function forkWarden(logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const channel = fork(join(import.meta.dirname, 'warden-process.ts'), {
    detached: true,
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  channel.on('error', () => {});
  channel.unref();
  channel.channel?.unref();
  return channel;
}

interface WardChannel {
  readonly answers: (answer: Answer) => void;
  readonly start: () => void;
  readonly stop: () => void;
  readonly hold: Hold;
}

/** Keeps this process alive while an answer is awaited. */
type Hold = <Result>(awaited: Promise<Result>) => Promise<Result>;

/** The channel keeps this process alive only while somebody waits for an answer. */
function channelHold(channel: ChildProcess): Hold {
  let waitingCount = 0;
  const count = (change: number): void => {
    waitingCount += change;
    const action = waitingCount > 0 ? 'ref' : 'unref';
    channel[action]();
    channel.channel?.[action]();
  };
  return async (awaited) => {
    count(1);
    try {
      return await awaited;
    } finally {
      count(-1);
    }
  };
}

async function startWard(settings: ChildSettings, channel: WardChannel): Promise<Ward> {
  let end: string | undefined;
  let identity: ProcessIdentity = { pid: 0, startedAt: '', command: '' };
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<string>();
  const { promise: started, resolve: resolveStarted, reject } = Promise.withResolvers<number>();
  const hasEnded = (how: string): void => {
    end = how;
    resolveEnded(how);
  };
  channel.answers((message) => {
    if (message.kind === 'started') resolveStarted(message.pid);
    else if (message.kind === 'ended') hasEnded(message.how);
    else if (message.kind === 'failed') reject(notStarted(settings, message.message));
    else {
      reject(notStarted(settings, 'the warden process ended'));
      // Without its warden nobody would end the child with us.
      void endProcess(identity, settings.stopSignal, settings.stopMsMax).then(() =>
        hasEnded('ended with its warden'),
      );
    }
  });
  channel.start();
  const pid = await channel.hold(started);
  // A child that has ended already is told by `ended`.
  identity = (await identify(pid)) ?? { ...identity, pid };
  const stop = async (): Promise<void> => {
    if (end === undefined) channel.stop();
    await channel.hold(ended);
  };
  return { settings, identity, ended, hold: channel.hold, stop };
}

const notStarted = ({ name, command }: ChildSettings, reason: string): AppError =>
  new AppError('child-not-started', `${name} did not start (${command}): ${reason}`);

let shared: Promise<Warden> | undefined;

/** This process's one warden, opened when first asked for; the log file of the first caller counts. */
export function sharedWarden(logFile: string): Promise<Warden> {
  shared ??= openWarden(logFile);
  return shared;
}
