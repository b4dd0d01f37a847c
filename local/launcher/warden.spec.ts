import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { killAll } from '../../test/launcher.ts';
import { identify, isGoneWithin, isSameProcess, type ProcessIdentity } from './process-identity.ts';
import type { ChildSettings } from './ward.ts';
import { openWarden } from './warden.ts';

const GONE_MS_MAX = 10_000;
let folder: string;
const seen: ProcessIdentity[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warden-'));
});
afterAll(async () => {
  await killAll(seen);
  await rm(folder, { recursive: true, force: true });
});

/** A child that runs until it gets a signal, and writes down which. */
const obedient = (name: string): ChildSettings => ({
  ...common(name),
  args: ['-e', `process.on('SIGTERM', () => { console.log('drained'); process.exit(0); }); ${FOR_EVER}`],
});
const stubborn = (name: string): ChildSettings => ({
  ...common(name),
  args: ['-e', `process.on('SIGTERM', () => console.log('refused')); ${FOR_EVER}`],
  stopMsMax: 300,
});
const FOR_EVER = `setInterval(() => {}, 1000); console.log('up');`;
const common = (name: string) => ({
  name,
  command: process.execPath,
  folder,
  logFile: join(folder, `${name}.log`),
  stopSignal: 'SIGTERM' as const,
  stopMsMax: 5_000,
});
const logOf = (name: string) => readFile(join(folder, `${name}.log`), 'utf8');
const isUp = async (name: string): Promise<void> => {
  while (!(await logOf(name).catch(() => '')).includes('up\n'))
    await new Promise((next) => setTimeout(next, 20));
};

describe('a warden', () => {
  it('lets a child end in good order when it is stopped', async () => {
    const warden = await openWarden(join(folder, 'warden.log'));
    const ward = await warden.start(obedient('orderly'));
    await isUp('orderly');
    await ward.stop();
    expect(await ward.ended).toBe('ended with code 0');
    expect(await logOf('orderly')).toBe('up\ndrained\n');
    expect(warden.wards()).toEqual([]);
    await warden.close();
    expect(await isSameProcess(warden.identity)).toBe(false);
  });

  it('kills a child that does not end within its time', async () => {
    const warden = await openWarden(join(folder, 'warden.log'));
    const ward = await warden.start(stubborn('stubborn'));
    await isUp('stubborn');
    await ward.stop();
    expect(await ward.ended).toBe('ended by SIGKILL');
    expect(await logOf('stubborn')).toContain('refused');
    await warden.close();
  });

  it('reports a child that ends unasked, and a command that does not exist', async () => {
    const warden = await openWarden(join(folder, 'warden.log'));
    const ward = await warden.start({ ...common('brief'), args: ['-e', 'process.exit(7)'] });
    expect(await ward.ended).toBe('ended with code 7');
    const missing = warden.start({ ...common('missing'), command: join(folder, 'nowhere'), args: [] });
    await expect(missing).rejects.toMatchObject({ code: 'child-not-started' });
    await warden.close();
  });

  it('takes along what a child has started', async () => {
    const warden = await openWarden(join(folder, 'warden.log'));
    const script = `
      const { spawn } = require('node:child_process');
      console.log(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).pid);
      ${FOR_EVER}`;
    const ward = await warden.start({ ...common('parent'), args: ['-e', script] });
    await isUp('parent');
    const grandchild = await identify(Number.parseInt(await logOf('parent'), 10));
    seen.push(grandchild!);
    await ward.stop();
    expect(await isGoneWithin(grandchild!, GONE_MS_MAX)).toBe(true);
    await warden.close();
  });

  it('ends the children itself when it is killed alone', async () => {
    const warden = await openWarden(join(folder, 'warden.log'));
    const ward = await warden.start(obedient('left-behind'));
    await isUp('left-behind');
    seen.push(ward.identity);
    process.kill(warden.identity.pid, 'SIGKILL');
    expect(await ward.ended).toBe('ended with its warden');
    expect(await isSameProcess(ward.identity)).toBe(false);
  });
});

describe('a launcher that is killed', () => {
  const startLauncher = async (name: string, toRemove: string): Promise<ChildProcess> => {
    const script = `
      const { openWarden } = await import('./local/launcher/warden.ts');
      const warden = await openWarden(${JSON.stringify(join(folder, 'warden.log'))});
      const settings = ${JSON.stringify([obedient(`${name}-1`), stubborn(`${name}-2`)])};
      const wards = [];
      for (const one of settings) wards.push(await warden.start(one));
      warden.removeAtEnd(${JSON.stringify(toRemove)});
      console.log(JSON.stringify([warden.identity, ...wards.map(({ identity }) => identity)]));
      setInterval(() => {}, 1000);`;
    return spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };

  it.each(['SIGKILL', 'SIGTERM'] as const)('by %s leaves no process and no folder', async (signal) => {
    const toRemove = join(folder, signal);
    await mkdir(toRemove);
    const launcher = await startLauncher(signal, toRemove);
    const [line] = (await once(launcher.stdout!, 'data')) as [Buffer];
    const processes = JSON.parse(line.toString()) as ProcessIdentity[];
    seen.push(...processes);
    await isUp(`${signal}-1`);
    await isUp(`${signal}-2`);
    launcher.kill(signal);
    for (const one of processes.toReversed()) expect(await isGoneWithin(one, GONE_MS_MAX)).toBe(true);
    expect(await logOf(`${signal}-1`)).toContain('drained');
    expect(existsSync(toRemove)).toBe(false);
  });
});
