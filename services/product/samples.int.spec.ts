import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { samplePhotos } from '../../demo/sample-photos.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { addSamples, sampleProducts } from './samples.ts';
import { openProduct } from './test-product.ts';

const run = promisify(execFile);
const shop = openForSpec(async () => openProduct(await freshDatabase()));

it('adds each sample product with its pieces, once', async () => {
  await addSamples(shop.products, shop.warehouse);
  await addSamples(shop.products, shop.warehouse);
  const found = await shop.catalogue.search({ isActive: true }, { limit: 100 });
  expect(found).toHaveLength(sampleProducts.length);
  for (const { productId, pieceCount } of sampleProducts) {
    expect(found.find((one) => one.productId === productId)?.availableCount).toBe(pieceCount);
  }
  expect(await shop.published()).toHaveLength(sampleProducts.length);
});

it('can be added by a command, on a database that has nothing yet', async () => {
  const empty = await freshDatabase();
  try {
    const env = { ...process.env, DATABASE_URL: empty.url, LOG_LEVEL: 'error' };
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'samples.ts')], { env });
    expect(stdout).toBe(`${sampleProducts.length} sample products are there\n`);
  } finally {
    await empty.drop();
  }
}, 20_000);

it('has a product for every sample photo that is not refused', () => {
  const shown = new Set(sampleProducts.map(({ productId }) => productId));
  const photographed = samplePhotos(24, 1)
    .filter(({ isRefused }) => !isRefused)
    .map(({ fileName }) => fileName.replace(/\.[a-z]+$/, ''));
  expect(photographed.filter((productId) => !shown.has(productId))).toEqual([]);
});
