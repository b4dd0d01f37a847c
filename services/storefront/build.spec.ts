import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { assertHashed, buildPages } from './build.ts';

describe('the built pages', () => {
  it('are one folder, however many builds there are at once', async () => {
    const folders = new Set(await Promise.all([buildPages(), buildPages(), buildPages()]));
    expect(folders.size).toBe(1);
    const [folder] = folders as unknown as [string];
    const assets = await readdir(join(folder, 'assets'));
    expect(assets.map((name) => name.replace(/-[A-Z0-9]{8}\./, '.')).toSorted()).toEqual([
      'app.js',
      'app.js.br',
      'app.js.gz',
      'card.css',
      'card.css.br',
      'card.css.gz',
      'card.js',
      'card.js.br',
      'card.js.gz',
      'platform.css',
      'platform.css.br',
      'platform.css.gz',
      'platform.js',
      'platform.js.br',
      'platform.js.gz',
      'seller.css',
      'seller.css.br',
      'seller.css.gz',
      'seller.js',
      'seller.js.br',
      'seller.js.gz',
      'shop.css',
      'shop.css.br',
      'shop.css.gz',
    ]);
  });

  it('are type-checked as browsers run them by `npm run types`', async () => {
    const file = join(import.meta.dirname, '../../package.json');
    const { scripts } = JSON.parse(await readFile(file, 'utf8')) as { scripts: Record<string, string> };
    expect(scripts.types).toContain('tsc --noEmit -p services/storefront/pages');
  });

  it('hold no file of ours on which their name does not depend', async () => {
    await expect(
      assertHashed(['pages/pages.tsx', '../../node_modules/preact/x.js', '<define:X>']),
    ).resolves.toBe(undefined);
    await expect(assertHashed(['pages/pages.tsx', '../../runtime/own.ts'])).rejects.toThrow(
      'must hash what pages import: runtime/own.ts',
    );
  });

  it('send no framework to browsers', async () => {
    const folder = join(await buildPages(), 'assets');
    for (const script of (await readdir(folder)).filter((name) => name.endsWith('.js')))
      expect((await readFile(join(folder, script))).length).toBeLessThan(10_000);
  });
});
