// What the image holds, run as the image runs it, on the real servers: bundling is where a worker that was tested can break.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { imageLog } from '../test/faults/image-log.ts';
import { seeded } from '../test/faults/random.ts';
import { Rig } from '../test/faults/rig.ts';
import { buildWorker } from './build.ts';

jest.setTimeout(120_000);
const EVENTS = 400;

let context: string;
beforeAll(async () => {
  context = await mkdtemp(join(tmpdir(), 'analytics-image-'));
});
afterAll(() => rm(context, { recursive: true, force: true }));

describe('the worker’s image', () => {
  it('has a tag that tells its content: the same for the same sources', async () => {
    const [first, second] = [await buildWorker(join(context, 'a')), await buildWorker(join(context, 'b'))];
    expect(first.imageTag).toMatch(/^[0-9a-f]{16}$/);
    expect(second).toEqual(first);
  });

  it('counts as the sources do, dead letters included, and drains on SIGTERM', async () => {
    await buildWorker(join(context, 'c'));
    const dockerfile = await readFile(join(context, 'c/Dockerfile'), 'utf8');
    const [, command] = /^CMD \["node", "(.+)"\]$/m.exec(dockerfile) ?? [];
    const rig = await Rig.open({ OPS_PORT: '0', LOG_LEVEL: 'info' });
    const worker = spawn(process.execPath, ['--enable-source-maps', command!], {
      cwd: join(context, 'c'),
      env: rig.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(worker, 'close');
    let printed = '';
    const ready = new Promise<void>((resolve) => {
      worker.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (printed.includes('"msg":"ready"')) resolve();
      });
    });
    try {
      await Promise.race([ready, ended]);
      const startMs = Date.now() - 30 * 60_000;
      await rig.feed(imageLog(seeded(1), { events: EVENTS, spanMs: 5 * 60_000, startMs }), 100, 0);
      const report = await rig.reconcile();
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      worker.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);
    } finally {
      worker.kill('SIGKILL');
      await ended;
      await rig.close();
    }
  });
});
