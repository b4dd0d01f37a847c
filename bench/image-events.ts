// Events as the Lambda makes them: five renditions a photo, of one product, one time and one source object.
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { median } from './statistics.ts';

const EDGES = [160, 480, 960, 1_920, 3_840];
const PRODUCTS = 5_000;
const PHOTOS_PER_SEND = 1_000;
const SAMPLE_PHOTOS = 4_000;
const ROUNDS = 15;

/** The renditions of photo number `photo`; event times advance 10 ms a photo from `startMs`. */
export function renditionsOf(photo: number, startMs: number): EncodedRecord[] {
  const productId = `product-${photo % PRODUCTS}`;
  const upload = `upload-${String(photo).padStart(9, '0')}`;
  const time = new Date(startMs + photo * 10).toISOString();
  return EDGES.map((edge, index) =>
    encodeEvent(IMAGE_PROCESSED, productId, {
      id: `${upload}-${index}`,
      source: '/product-images',
      time,
      data: {
        productId,
        source: { bucket: 'product-images', key: `uploads/${productId}/${upload}.jpg`, version: `v${photo}` },
        rendition: {
          bucket: 'processed-images',
          key: `renditions/${productId}/${upload}/v${photo}/${edge}.jpg`,
          format: 'jpeg',
          width: edge,
          height: Math.round(edge * 0.75),
          bytes: edge * 90 + (photo % 1_000),
        },
        sizeTable: 1,
      },
    }),
  );
}

/** Fills the topic by plain sends, two at a time. */
export async function fillLog(client: KafkaClient, photos: number): Promise<void> {
  const producer = client.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const topic = client.nameOf(productImagesProcessed.name);
  const startMs = Date.now() - photos * 10;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < photos) {
      const from = next;
      next += PHOTOS_PER_SEND;
      const messages: EncodedRecord[] = [];
      const to = Math.min(photos, from + PHOTOS_PER_SEND);
      for (let photo = from; photo < to; photo += 1) messages.push(...renditionsOf(photo, startMs));
      await producer.send({ topic, acks: 1, messages });
      if (from % 40_000 === 0)
        console.log(`filling the log: ${from * EDGES.length} of ${photos * EDGES.length} events`);
    }
  };
  await Promise.all([lane(), lane()]);
  await producer.disconnect();
}

/** How many of these events' values JSON.parse alone takes in a second, from the bytes as they come off the wire. */
export function jsonParsePerSecond(): number {
  const values = Array.from({ length: SAMPLE_PHOTOS }, (_, photo) => renditionsOf(photo, 1_795_000_000_000))
    .flat()
    .map((record) => Buffer.from(record.value));
  const rates = Array.from({ length: ROUNDS }, () => {
    const startedAtMs = performance.now();
    let products = 0;
    for (const value of values)
      products += (JSON.parse(value.toString()) as { productId: string }).productId.length;
    if (products === 0) throw new Error('nothing was parsed');
    return values.length / ((performance.now() - startedAtMs) / 1_000);
  });
  return median(rates);
}
