// Events of renditions, published as the Lambda does.
import { encodeEvent } from '#contracts/envelope.ts';
import { type ImageProcessed, type ImageRejected, renditionPrefix } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer, type KafkaClient, publish } from '#runtime/kafka/client.ts';

const WIDTHS = [160, 480, 960, 1_920];
/** In a window that is over, so that its sums are published soon. */
export const PHOTO_AGE_MS = 600_000;

/** One rendition of the only upload for a product. */
export function photoOf(productId: string, width = 480): ImageProcessed {
  const uploadId = 'u1';
  return {
    productId,
    source: { bucket: 'product-images', key: `uploads/${productId}/${uploadId}.jpg`, version: '1' },
    rendition: {
      bucket: 'processed-images',
      key: `${renditionPrefix({ productId, uploadId })}1/${width}.jpg`,
      format: 'jpeg',
      width,
      height: width / 2,
      bytes: width * 10,
    },
    sizeTable: 1,
  };
}

/** The refusal of the only upload for a product. */
export const rejectionOf = (productId: string): ImageRejected => ({
  source: photoOf(productId).source,
  quarantine: { bucket: 'product-images', key: `quarantine/${productId}` },
  reason: 'undecodable',
  detail: 'the picture ends too early',
});

/** Publishes the renditions of one photo of each product; returns how many they are. */
export async function publishRenditions(
  client: KafkaClient,
  productIds: readonly string[],
  ageMs = PHOTO_AGE_MS,
): Promise<number> {
  const { name, event } = productImagesProcessed;
  const time = new Date(Date.now() - ageMs).toISOString();
  const records = productIds.flatMap((productId) =>
    WIDTHS.map((width) => {
      const about = { id: `${productId}/${width}`, source: '/lambda/image-renditions', time };
      return encodeEvent(event, productId, { ...about, data: photoOf(productId, width) });
    }),
  );
  const producer = createProducer(client);
  await producer.connect();
  await publish(client, producer, name, records);
  await producer.disconnect();
  return records.length;
}
