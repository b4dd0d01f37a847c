// One child of the warden as its launcher sees it: it can start and stop the child, and learns of its end.
import type { ChildProcess } from 'node:child_process';
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
  /** Resolves with how it ended, for any reason. */
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

/** The warden speaks of the child, or is lost. */
export type Answer = (message: FromWarden | { kind: 'lost' }) => void;

/** What a child needs of the channel to the warden. */
export interface WardChannel {
  readonly answers: (answer: Answer) => void;
  readonly start: () => void;
  readonly stop: () => void;
  readonly hold: Hold;
}

/** Keeps this process alive while an answer is awaited. */
export type Hold = <Result>(awaited: Promise<Result>) => Promise<Result>;

/** The channel keeps this process alive only while an answer is awaited. */
export function channelHold(channel: ChildProcess): Hold {
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

/** @throws AppError `child-not-started` when the command cannot be run */
export async function startWard(settings: ChildSettings, channel: WardChannel): Promise<Ward> {
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
      // Without its warden the child would live on after this process.
      void endProcess(identity, settings.stopSignal, settings.stopMsMax).then(() =>
        hasEnded('ended with its warden'),
      );
    }
  });
  channel.start();
  const pid = await channel.hold(started);
  // `ended` reports a child that has ended already.
  identity = (await identify(pid)) ?? { ...identity, pid };
  const stop = async (): Promise<void> => {
    if (end === undefined) channel.stop();
    await channel.hold(ended);
  };
  return { settings, identity, ended, hold: channel.hold, stop };
}

const notStarted = ({ name, command }: ChildSettings, reason: string): AppError =>
  new AppError('child-not-started', `${name} did not start (${command}): ${reason}`);
