import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { freshDatabase } from '../../../test/fresh.ts';
import { consume, eventOf, openProduct, type TestProduct } from '../test-product.ts';

let shop: TestProduct;
beforeAll(async () => {
  shop = await openProduct(await freshDatabase());
});
afterAll(async () => {
  await shop.close();
});

const keyOf = (productId: string, uploadId: string) => `uploads/${productId}/${uploadId}.jpg`;

async function sign(productId: string, uploadId: string): Promise<void> {
  const file = { fileName: `${uploadId}.jpg`, contentType: 'image/jpeg', bytes: 1_000 };
  await shop.uploadLog.record({ uploadId, productId, key: keyOf(productId, uploadId), ...file });
}
const render = (productId: string, uploadId: string, timeMs: number, width = 160) => {
  const source = { bucket: 'raw', key: keyOf(productId, uploadId), version: 'v1' };
  const key = `renditions/${productId}/${uploadId}/v1/${width}.jpg`;
  const rendition = {
    bucket: 'processed',
    key,
    format: 'jpeg' as const,
    width,
    height: width / 2,
    bytes: 1_000,
  };
  const data = { productId, source, rendition, sizeTable: 1 };
  return consume(
    shop,
    productImagesProcessed,
    eventOf(productImagesProcessed, `${source.key}/${width}`, data, timeMs),
  );
};
const reject = (productId: string, uploadId: string, timeMs: number) => {
  const source = { bucket: 'raw', key: keyOf(productId, uploadId), version: 'v1' };
  const quarantine = { bucket: 'raw', key: `quarantine/${uploadId}` };
  const data = { source, quarantine, reason: 'undecodable' as const, detail: 'the file ends too early' };
  return consume(
    shop,
    productImagesRejected,
    eventOf(productImagesRejected, `${source.key}/rejected`, data, timeMs),
  );
};
const states = async (productId: string) =>
  (await shop.uploadLog.list(productId, { limit: 10 })).map(({ fileName, state }) => `${fileName} ${state}`);
/** A product with an upload of each of these ids. */
async function album(...names: string[]) {
  const productId = `album-${randomUUID().slice(0, 8)}`;
  const ids = names.map((name) => `${name}-${randomUUID().slice(0, 8)}`);
  await shop.stock(productId, 0);
  for (const id of ids) await sign(productId, id);
  return { productId, ids };
}

describe('an upload', () => {
  it('waits until its event comes, and is then shown', async () => {
    const { productId, ids } = await album('cup');
    expect(await states(productId)).toEqual([`${ids[0]}.jpg waiting`]);
    await render(productId, ids[0]!, 1_000);
    expect(await states(productId)).toEqual([`${ids[0]}.jpg shown`]);
  });

  it('is replaced by a later one, also when its own events come last', async () => {
    const { productId, ids } = await album('old', 'new');
    await render(productId, ids[1]!, 2_000);
    await render(productId, ids[0]!, 1_000);
    expect(await states(productId)).toEqual([`${ids[1]}.jpg shown`, `${ids[0]}.jpg replaced`]);
  });

  it('that was rejected says why, while the photo before it stays', async () => {
    const { productId, ids } = await album('good', 'bad');
    await render(productId, ids[0]!, 1_000);
    await reject(productId, ids[1]!, 2_000);
    const [bad, good] = await shop.uploadLog.list(productId, { limit: 10 });
    expect(bad).toMatchObject({
      state: 'rejected',
      rejection: { reason: 'undecodable', detail: 'the file ends too early' },
    });
    expect(good!.state).toBe('shown');
    expect(good).not.toHaveProperty('rejection');
  });

  it('keeps the latest word on its key, in whatever order events come and however often', async () => {
    const { productId, ids } = await album('twice');
    await reject(productId, ids[0]!, 2_000);
    await render(productId, ids[0]!, 1_000);
    expect(await states(productId)).toEqual([`${ids[0]}.jpg rejected`]);
    await render(productId, ids[0]!, 3_000, 480);
    await reject(productId, ids[0]!, 2_000);
    expect(await states(productId)).toEqual([`${ids[0]}.jpg shown`]);
  });

  it('takes no rejection of a time to come, which nothing true would ever replace', async () => {
    const { productId, ids } = await album('soon');
    await expect(reject(productId, ids[0]!, Date.now() + 3_600_000)).rejects.toMatchObject({
      code: 'photo-of-the-future',
    });
    expect(await states(productId)).toEqual([`${ids[0]}.jpg waiting`]);
  });

  it('of another seller is not in this list', async () => {
    const { productId, ids } = await album('mine');
    await reject(productId, 'not-signed-here', 1_000);
    expect(await states(productId)).toEqual([`${ids[0]}.jpg waiting`]);
  });
});
