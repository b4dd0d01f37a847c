import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { imageOf } from '../images.ts';
import { readOverlays } from '../overlays.ts';
import { loadCommands, loadImages } from './load.ts';

const TAG = '0123456789abcdef';
const tags = new Map([
  ['cart', TAG],
  ['order', TAG],
]);
const folder = mkdtempSync(join(tmpdir(), 'load-images-'));
const before = process.env.PATH;
afterAll(() => {
  process.env.PATH = before;
  rmSync(folder, { recursive: true });
});

/** Programs on the path that write down how they were called, and end so. */
function stageProgram(name: string, code: number): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${join(folder, 'calls')}'\nexit ${code}\n`);
  chmodSync(file, 0o755);
  process.env.PATH = [folder, before].join(delimiter);
}

describe('images for a laptop', () => {
  it('are built under the very names that manifests give them', () => {
    const built = loadCommands({ target: 'docker', folder, tags }).map((command) => command.at(-2));
    expect(built).toEqual([`shop.local/cart:${TAG}`, `shop.local/order:${TAG}`]);
    const lock = { cart: { tag: TAG } };
    expect(built[0]).toBe(imageOf(readOverlays()[0]!, 'cart', lock));
  });

  it('are loaded into the named cluster of kind, all at once after they were built', () => {
    stageProgram('docker', 0);
    stageProgram('kind', 0);
    loadImages({ target: 'kind', folder, tags, cluster: 'shop' });
    expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')).toEqual([
      `docker build --provenance=false --tag shop.local/cart:${TAG} ${join(folder, 'cart')}`,
      `docker build --provenance=false --tag shop.local/order:${TAG} ${join(folder, 'order')}`,
      `kind load docker-image --name shop shop.local/cart:${TAG} shop.local/order:${TAG}`,
    ]);
  });

  it('that cannot be built stop everything, with the command that failed', () => {
    stageProgram('docker', 3);
    rmSync(join(folder, 'calls'));
    expect(() => loadImages({ target: 'kind', folder, tags })).toThrow(/docker build .*cart.*exit code 3/);
    expect(readFileSync(join(folder, 'calls'), 'utf8')).not.toContain('kind');
  });
});
