import { describe, expect, it } from '@jest/globals';
import type { Event } from '#contracts/envelope.ts';
import type { ImageProcessed } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { freshDatabase } from '../../../test/fresh.ts';
import { openForSpec } from '../../../test/open-for-spec.ts';
import { consume, eventOf, openProduct } from '../test-product.ts';

const shop = openForSpec(async () => openProduct(await freshDatabase()));

/** A rendition of an upload, `width` pixels wide and half as high, in an event with an id of its own. */
const rendition = (
  productId: string,
  uploadId: string,
  timeMs: number,
  width: number,
): Event<ImageProcessed> => {
  const key = `uploads/${productId}/${uploadId}.jpg`;
  const made = { bucket: 'processed', key: `renditions/${productId}/${uploadId}/v1/${width}.jpg` };
  return eventOf(
    productImagesProcessed,
    `${key}/v1/${width}`,
    {
      productId,
      source: { bucket: 'raw', key, version: 'v1' },
      rendition: { ...made, format: 'jpeg', width, height: width / 2, bytes: 1_000 },
      sizeTable: 1,
    },
    timeMs,
  );
};
const attach = (event: Event<ImageProcessed>) => consume(shop, productImagesProcessed, event);
const refused = (code: string) => expect.objectContaining({ name: 'RefusedEvent', code });
const shown = async (productId: string) =>
  (await shop.catalogue.find(productId))!.renditions.map(({ label, key }) => [label, key.split('/')[2]]);

describe('a product', () => {
  it('shows the renditions of its upload, from the smallest to the largest, each once', async () => {
    await shop.stock('cup', 0);
    const [small, large] = [rendition('cup', 'u1', 1_000, 160), rendition('cup', 'u1', 1_000, 1_920)];
    for (const event of [large, small, large, { ...small, id: 'published again' }]) await attach(event);
    expect(await shown('cup')).toEqual([
      ['thumbnail', 'u1'],
      ['large', 'u1'],
    ]);
  });

  it('shows the latest upload alone, also when an older one arrives later', async () => {
    await shop.stock('pot', 0);
    await attach(rendition('pot', 'old', 1_000, 160));
    await attach(rendition('pot', 'new', 2_000, 480));
    await attach(rendition('pot', 'old', 1_000, 1_920));
    expect(await shown('pot')).toEqual([['small', 'new']]);
  });

  it('shows a photo that was made before it', async () => {
    await attach(rendition('bowl', 'u1', 1_000, 160));
    await shop.stock('bowl', 0);
    expect(await shown('bowl')).toEqual([['thumbnail', 'u1']]);
  });

  it('shows one upload when the renditions of two come at the same time', async () => {
    await shop.stock('vase', 0);
    const widths = [160, 480, 960, 1_920];
    const events = widths.flatMap((width) => [
      rendition('vase', 'a', 1_000, width),
      rendition('vase', 'b', 1_001, width),
    ]);
    await Promise.all(events.map((event) => attach(event)));
    const uploads = (await shown('vase')).map(([, upload]) => upload);
    expect(uploads).toEqual(['b', 'b', 'b', 'b']);
  });

  it('refuses a photo dated in the future, which no later one would ever replace', async () => {
    await shop.stock('jar', 0);
    await expect(attach(rendition('jar', 'u9', Date.now() + 3_600_000, 160))).rejects.toEqual(
      refused('photo-of-the-future'),
    );
    await attach(rendition('jar', 'u1', Date.now() + 60_000, 160));
    expect(await shown('jar')).toEqual([['thumbnail', 'u1']]);
  });

  it('refuses a photo whose files are not those of an upload for it', async () => {
    await shop.stock('tin', 0);
    const mine = rendition('tin', 'u1', 1_000, 160);
    const { source, rendition: made } = rendition('can', 'u1', 1_000, 160).data;
    const forged: Partial<ImageProcessed>[] = [
      { source },
      { rendition: made },
      { source, rendition: made },
      { source: { ...source, key: 'elsewhere/u1.jpg' } },
      { rendition: { ...made, key: `${made.key}/../../../tin/u1/v1/160.jpg` } },
    ];
    for (const over of forged)
      await expect(attach({ ...mine, data: { ...mine.data, ...over } })).rejects.toEqual(
        refused('photo-of-another-upload'),
      );
    expect(await shown('tin')).toEqual([]);
  });
});
