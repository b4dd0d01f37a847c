// The launcher's side of the warden: start, stop and signal parts by name.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import type { Command, Ended, Reply, Request } from './warden-protocol.ts';

type RequestBody = Request extends infer Each ? (Each extends Request ? Omit<Each, 'id'> : never) : never;

export interface Warden {
  readonly pid: number;
  /** Resolves with the process id once the process exists, which is before it is ready. */
  start(command: Command): Promise<number>;
  /** Ends a part in good order, or kills it after its deadline. */
  stop(name: string): Promise<void>;
  signal(name: string, signal: NodeJS.Signals): Promise<void>;
  /** Kills every part at once. */
  killAll(): Promise<void>;
  /** Stops what still runs, last started first, and ends the warden. */
  close(): Promise<void>;
  onEnded(listener: (ended: Ended) => void): void;
}

/** Starts a warden. It notes its children in the file; nothing of it keeps the caller's process alive. */
export async function startWarden(childrenFile: string): Promise<Warden> {
  const child = fork(join(import.meta.dirname, 'warden.ts'), [childrenFile], {
    // A session of its own: signals of the terminal must not reach it.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  await once(child, 'spawn');
  child.unref();
  child.channel?.unref();
  const listeners: ((ended: Ended) => void)[] = [];
  const ask = createAsk(child, (ended) => {
    for (const listener of listeners) listener(ended);
  });
  const hasExited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    start: async (command) => (await ask({ type: 'start', command })).pid ?? 0,
    stop: async (name) => void (await ask({ type: 'stop', name })),
    signal: async (name, signal) => void (await ask({ type: 'signal', name, signal })),
    killAll: async () => void (await ask({ type: 'kill-all' })),
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      if (child.connected) child.disconnect();
      await hasExited;
    },
    onEnded: (listener) => listeners.push(listener),
  };
}

function createAsk(child: ChildProcess, onEnded: (ended: Ended) => void) {
  const waiting = new Map<number, { resolve(reply: Reply & { ok: true }): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (message: Reply | Ended) => {
    if ('type' in message) return onEnded(message);
    const request = waiting.get(message.id);
    waiting.delete(message.id);
    if (waiting.size === 0) child.channel?.unref();
    if (message.ok) request?.resolve(message);
    else request?.reject(new AppError('part-not-started', message.message));
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new AppError('warden-gone', 'the warden process ended'));
    waiting.clear();
  });
  return (body: RequestBody): Promise<Reply & { ok: true }> => {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      if (!child.connected) return reject(new AppError('warden-gone', 'the warden process ended'));
      waiting.set(id, { resolve, reject });
      // Only a request that waits for its answer may hold the caller's process.
      child.channel?.ref();
      child.send({ ...body, id } as Request);
      return undefined;
    });
  };
}
