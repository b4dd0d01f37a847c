// Commands of a launcher in, child processes out. Guarantee: when the launcher is gone, however it went, every child is
// stopped, in reverse order of the starts, and killed when it does not end.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { isDoneWithin } from '#runtime/deadline.ts';
import { kill } from './process-identity.ts';
import type { ChildSettings, FromWarden, ToWarden } from './ward.ts';

interface Kept {
  readonly child: ChildProcess;
  readonly settings: ChildSettings;
  readonly ended: Promise<void>;
}

const children = new Map<number, Kept>();
const foldersToRemove: string[] = [];
let isLeaving = false;

process.on('message', (message: ToWarden) => {
  if (message.kind === 'start') start(message.id, message.settings);
  else if (message.kind === 'stop') void stop(message.id);
  else foldersToRemove.push(message.folder);
});
// The system closes the channel when the launcher dies, by SIGKILL too, so the launcher need not do anything for it.
process.on('disconnect', () => void leave());
process.on('SIGTERM', () => void leave());
// Ctrl-C and a closed terminal are the launcher's business: it stops the parts in order.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

function start(id: number, settings: ChildSettings): void {
  if (isLeaving) return report({ kind: 'failed', id, message: 'the launcher is stopping' });
  const log = openSync(settings.logFile, 'a');
  const child = spawn(settings.command, [...settings.args], {
    cwd: settings.folder,
    env: { ...process.env, ...settings.env },
    stdio: ['ignore', log, log],
    // A new process group: what the child leaves behind can be killed with it.
    detached: true,
    ...settings.user,
  });
  closeSync(log);
  let pid = 0;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      if (!pid) report({ kind: 'failed', id, message: error.message });
      resolve();
    });
    child.once('exit', (code, signal) => {
      children.delete(id);
      if (pid) kill(-pid, 'SIGKILL');
      report({ kind: 'ended', id, how: signal ? `ended by ${signal}` : `ended with code ${code}` });
      resolve();
    });
  });
  child.once('spawn', () => {
    pid = child.pid ?? 0;
    children.set(id, { child, settings, ended });
    report({ kind: 'started', id, pid });
  });
}

async function stop(id: number): Promise<void> {
  const kept = children.get(id);
  if (!kept) return;
  const { child, settings, ended } = kept;
  child.kill(settings.stopSignal);
  if (!(await isDoneWithin(settings.stopMsMax, ended))) child.kill('SIGKILL');
  await ended;
}

async function leave(): Promise<void> {
  if (isLeaving) return;
  isLeaving = true;
  for (const id of [...children.keys()].toReversed()) await stop(id);
  for (const folder of foldersToRemove) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

function report(message: FromWarden): void {
  if (process.connected) process.send?.(message, () => {});
}
