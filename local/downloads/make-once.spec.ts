import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { type Mirror, startMirror } from '../../test/mirror/mirror.ts';
import { makeOnce } from './make-once.ts';

let folder: string;
let path: string;
let mirror: Mirror;
let processes: ModuleProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'make-once-'));
  path = join(folder, 'runtime.bin');
  mirror = await startMirror();
  processes = [];
});
afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await mirror.close();
  await rm(folder, { recursive: true, force: true });
});

/** A starter in a separate process, as in another terminal. */
function starter(): ModuleProcess {
  const module = (name: string) => JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href);
  const started = runModule(`
    import { download } from ${module('download')};
    import { makeOnce } from ${module('make-once')};
    const make = (unfinished) => download(${JSON.stringify(mirror.file)}, unfinished, (done) => console.log('bytes', done));
    await makeOnce({ path: ${JSON.stringify(path)}, what: 'the runtime', make }, console.log);
    console.log('has it');`);
  processes.push(started);
  return started;
}

describe('what is made once', () => {
  it('is made by one of two processes, while the other waits and says so', async () => {
    mirror.conduct.stallAfterBytes = 100_000;
    const first = starter();
    await first.waitFor('bytes');
    const second = starter();
    await second.waitFor(
      `waiting for the runtime, which another start is fetching (process ${first.child.pid})`,
    );
    delete mirror.conduct.stallAfterBytes;
    first.child.kill('SIGKILL');
    await second.waitFor('has it');
    expect(await readFile(path)).toEqual(mirror.contents);
  });

  it('is fetched once, however many start at the same time', async () => {
    const gate = Promise.withResolvers<void>();
    mirror.conduct.gate = gate.promise;
    const starters = Array.from({ length: 4 }, starter);
    const areWaiting = () => starters.filter(({ output }) => output().includes('waiting for')).length;
    while (areWaiting() < 3) await sleep(50);
    gate.resolve();
    expect(await Promise.all(starters.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    expect(mirror.requests).toEqual(['GET /runtime.bin']);
    expect(await readFile(path)).toEqual(mirror.contents);
  });

  it('is taken over from a killed process, with the bytes that it has', async () => {
    mirror.conduct.stallAfterBytes = 100_000;
    const first = starter();
    const part = `${path}.unfinished.part`;
    while (((await stat(part).catch(() => undefined))?.size ?? 0) < 100_000) await sleep(20);
    first.child.kill('SIGKILL');
    await first.ended;
    delete mirror.conduct.stallAfterBytes;
    expect(await starter().ended).toBe(0);
    expect(mirror.requests).toEqual(['GET /runtime.bin', 'GET /runtime.bin bytes=100000-']);
    expect(await readFile(path)).toEqual(mirror.contents);
  });

  it('is not made where it is there', async () => {
    await writeFile(path, 'made before');
    const make = () => Promise.reject(new Error('made again'));
    expect(await makeOnce({ path, what: 'it', make }, () => {})).toBe(path);
  });

  it('does not appear when its making fails, and can be made afterwards', async () => {
    const fail = async (unfinished: string) => {
      await writeFile(unfinished, 'half');
      throw new Error('cut');
    };
    await expect(makeOnce({ path, what: 'it', make: fail }, () => {})).rejects.toThrow('cut');
    expect(existsSync(path)).toBe(false);
    const make = async (unfinished: string) => {
      // What is left of the first try may be used.
      expect(await readFile(unfinished, 'utf8')).toBe('half');
      await writeFile(unfinished, 'whole');
    };
    await makeOnce({ path, what: 'it', make }, () => {});
    expect(await readFile(path, 'utf8')).toBe('whole');
    expect(await readdir(join(folder, 'makers/runtime.bin'))).toEqual([]);
  });

  it('is made once inside one process too', async () => {
    let makings = 0;
    const make = async (unfinished: string) => {
      makings += 1;
      await sleep(50);
      await writeFile(unfinished, 'made');
    };
    await Promise.all(Array.from({ length: 3 }, () => makeOnce({ path, what: 'it', make }, () => {})));
    expect(makings).toBe(1);
  });
});
