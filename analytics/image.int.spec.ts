// What the worker's image holds, run as the image runs it, on the real servers: bundling is where a worker that was tested can break.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createRandom } from '../demo/samples/random.ts';
import { stopBundler } from '../k8s/images/bundle.ts';
import { type BuiltImage, openBuiltImage } from '../test/built-image.ts';
import { imageLog } from '../test/faults/image-log.ts';
import { Rig } from '../test/faults/rig.ts';

jest.setTimeout(120_000);
const EVENTS = 400;

let image: BuiltImage;
beforeAll(async () => {
  image = await openBuiltImage('analytics');
});
afterAll(async () => {
  await stopBundler();
  await image?.remove();
});

describe('the worker’s image', () => {
  it('counts as the sources do, dead letters included, writes no file, and drains on SIGTERM', async () => {
    const rig = await Rig.open({ OPS_PORT: '0', LOG_LEVEL: 'info' });
    const worker = image.run(rig.env);
    try {
      await worker.waitFor('"msg":"ready"');
      const startMs = Date.now() - 30 * 60_000;
      await rig.feed(imageLog(createRandom(1), { events: EVENTS, spanMs: 5 * 60_000, startMs }), 100, 0);
      const report = await rig.reconcile();
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      worker.child.kill('SIGTERM');
      expect(await worker.ended).toBe(0);
    } finally {
      worker.child.kill('SIGKILL');
      await worker.ended;
      await rig.close();
    }
  });
});
