// The warden: parent of every server and process of the platform. It outlives its launcher by just the time it takes to stop
// them all, so that a launcher that was killed leaves nothing behind. Its own children are noted in a file, for the case
// that the warden itself is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type ProcessIdentity } from './process-identity.ts';
import type { Command, Ended, Reply, Request } from './warden-protocol.ts';

const RESTART_PAUSE_MS_MIN = 500;
const RESTART_PAUSE_MS_MAX = 10_000;
/** A part that ran this long has earned the shortest pause again. */
const RESTART_FORGIVEN_MS = 60_000;

interface Part {
  readonly command: Command;
  child: ChildProcess;
  identity: ProcessIdentity | undefined;
  startedAt: number;
  restarts: number;
  isStopping: boolean;
}

/** In the order of their start. */
const parts = new Map<string, Part>();
const childrenFile = process.argv[2] ?? '';
let isEnding = false;

async function start(command: Command): Promise<number> {
  if (parts.has(command.name)) throw new Error(`${command.name} is running already`);
  const child = await launch(command);
  const part = { command, child, identity: undefined, startedAt: 0, restarts: 0, isStopping: false };
  parts.set(command.name, part);
  watch(part, child);
  return child.pid ?? 0;
}

async function launch(command: Command): Promise<ChildProcess> {
  mkdirSync(dirname(command.logFile), { recursive: true });
  const log = openSync(command.logFile, 'a');
  try {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: ['ignore', log, log],
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    });
    await once(child, 'spawn');
    return child;
  } finally {
    closeSync(log);
  }
}

function watch(part: Part, child: ChildProcess): void {
  part.child = child;
  part.identity = identityOf(child.pid ?? 0);
  part.startedAt = Date.now();
  noteChildren();
  child.once('exit', (code, signal) => void ended(part, code ?? signal ?? 'unknown'));
}

async function ended(part: Part, code: number | string): Promise<void> {
  const { name, isRestarted } = part.command;
  if (part.isStopping || isEnding || !isRestarted) {
    parts.delete(name);
    noteChildren();
    if (!part.isStopping && !isEnding) tell({ type: 'ended', name, code, isRestarted: false });
    return;
  }
  tell({ type: 'ended', name, code, isRestarted: true });
  part.restarts = Date.now() - part.startedAt > RESTART_FORGIVEN_MS ? 0 : part.restarts + 1;
  await sleep(Math.min(RESTART_PAUSE_MS_MAX, RESTART_PAUSE_MS_MIN * 2 ** part.restarts));
  if (part.isStopping || isEnding) parts.delete(name);
  else watch(part, await launch(part.command));
}

async function stop(name: string): Promise<void> {
  const part = parts.get(name);
  if (!part) return;
  part.isStopping = true;
  const { child, command } = part;
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill(command.stopSignal ?? 'SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), command.stopMsMax);
    await exit;
    clearTimeout(deadline);
  }
  parts.delete(name);
  noteChildren();
}

/** Last started, first stopped: nobody loses what it depends on before it has drained. */
async function stopAll(): Promise<void> {
  isEnding = true;
  for (const name of [...parts.keys()].toReversed()) await stop(name);
  rmSync(childrenFile, { force: true });
  process.exit(0);
}

async function answer(request: Request): Promise<Reply> {
  const { id } = request;
  try {
    switch (request.type) {
      case 'start':
        return { id, ok: true, pid: await start(request.command) };
      case 'stop':
        await stop(request.name);
        return { id, ok: true };
      case 'signal':
        parts.get(request.name)?.child.kill(request.signal);
        return { id, ok: true };
      case 'kill-all':
        isEnding = true;
        for (const part of parts.values()) part.child.kill('SIGKILL');
        return { id, ok: true };
    }
  } catch (error) {
    return { id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function tell(message: Reply | Ended): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function noteChildren(): void {
  const children = [...parts.values()].flatMap(({ command, identity }) =>
    identity ? [{ name: command.name, ...identity }] : [],
  );
  writeFileSync(childrenFile, JSON.stringify(children));
}

process.on('message', (request: Request) => void answer(request).then(tell));
process.once('disconnect', () => void stopAll());
process.on('SIGTERM', () => void stopAll());
// Ctrl-C in a terminal reaches the whole group: only the launcher decides what it means.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
