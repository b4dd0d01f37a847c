// The process itself: from an order on the topic to the answer on another one.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import { ORDER_CANCELLED, ORDER_PLACED } from '#contracts/orders.ts';
import { orderCancelled, orderPlaced, SHOP_TOPICS, stockReserved } from '#contracts/shop-topics.ts';
import { productImagesProcessed, productImagesRejected, topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, publish } from '#runtime/kafka/client.ts';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { cancelledData, openProduct, placedData, type TestProduct } from './test-product.ts';

const kafka = freshKafka();
let database: Awaited<ReturnType<typeof freshDatabase>>;
let shop: TestProduct;
let running: ModuleProcess;
beforeAll(async () => {
  database = await freshDatabase();
  shop = await openProduct(database.url);
  const topics = [...SHOP_TOPICS, productImagesProcessed, productImagesRejected].map((topic) => ({ ...topic, partitions: 1 }));
  await createTopics(kafka.client, topicSettings(topics), 1);
  running = runModule(`await import('./services/product/main.ts')`, {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    PORT: '0',
    TOKEN_ISSUER: 'https://shop.example',
    TOKEN_AUDIENCE: 'shop',
    TOKEN_JWKS_URL: 'http://127.0.0.1:9/jwks.json',
    IMAGES_BASE_URL: 'https://images.example',
    PRODUCT_IMAGES_BUCKET: 'photos',
  });
  await running.waitFor('"ready"');
}, 60_000);
afterAll(async () => {
  running.child.kill('SIGKILL');
  await shop.pool.end();
  await Promise.all([database.drop(), kafka.drop()]);
});

/** Waits until a question is answered with something. */
async function eventually<Found>(ask: () => Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(100);
  }
}
const stockWhen = (reserved: number) =>
  eventually(async () => {
    const stock = await shop.warehouse.stock('cup');
    return stock?.reserved === reserved ? stock : undefined;
  });

it('answers an order once although it comes twice, gives its pieces back, and stops when told', async () => {
  await shop.stock('cup', 5);
  const producer = createProducer(kafka.client);
  await producer.connect();
  const common = { source: '/services/order', time: new Date().toISOString() };
  const placed = { ...common, id: 'o-1/placed', data: placedData('o-1', { cup: 2 }) };
  const record = encodeEvent(ORDER_PLACED, 'o-1', placed);
  await publish(kafka.client, producer, orderPlaced.name, [record, record]);
  expect(await stockWhen(2)).toEqual({ onHand: 5, reserved: 2 });

  const told = await eventually(async () => {
    const records = await readTopic(kafka.client, stockReserved.name);
    return records.length > 0 ? records : undefined;
  });
  expect(told.map(({ key, value }) => [String(key), String(value)])).toEqual([['o-1', '{"orderId":"o-1"}']]);

  const cancelled = { ...common, id: 'o-1/cancelled', data: cancelledData('o-1') };
  await publish(kafka.client, producer, orderCancelled.name, [
    encodeEvent(ORDER_CANCELLED, 'o-1', cancelled),
  ]);
  expect(await stockWhen(0)).toEqual({ onHand: 5, reserved: 0 });
  await producer.disconnect();

  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
}, 60_000);
