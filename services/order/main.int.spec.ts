// The process itself on the real Kafka: an order over HTTP, the answers of the others on their topics, its events on its own.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import {
  orderConfirmed,
  orderPlaced,
  paymentRequested,
  paymentSucceeded,
  productChanged,
  SHOP_TOPICS,
  stockReserved,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { createProducer, createTopics, type Producer, publish } from '#runtime/kafka/client.ts';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { eventually } from '../../test/eventually.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts';
import { readTopic } from '../../test/topic-reader.ts';

const kafka = freshKafka();
const price = { amountMinor: 450, currency: 'EUR' };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let issuer: TokenIssuer;
let producer: Producer;
let running: ModuleProcess;
let address: string;

beforeAll(async () => {
  [database, issuer] = await Promise.all([freshDatabase(), startTokenIssuer()]);
  const topics = SHOP_TOPICS.map((topic) => ({ ...topic, partitions: 1 }));
  await createTopics(kafka.client, topicSettings(topics), 1);
  producer = createProducer(kafka.client);
  await producer.connect();
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  running = runModule(`await import('./services/order/main.ts')`, {
    ...issuer.settings,
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    PORT: String(port),
  });
  await running.waitFor('"ready"');
}, 60_000);

afterAll(async () => {
  running.child.kill('SIGKILL');
  await producer.disconnect();
  await Promise.all([issuer.close(), database.drop(), kafka.drop()]);
}, 60_000);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Sends an event twice, as Kafka may. */
async function send<Data>(topic: Topic<Data>, key: string, data: Data): Promise<void> {
  const about = { id: `${key}/${topic.name}`, source: '/spec', time: new Date().toISOString() };
  const record = encodeEvent(topic.event, key, { ...about, data });
  await publish(kafka.client, producer, topic.name, [record, record]);
}

const idsOn = (topic: { readonly name: string }) =>
  eventually(async () => {
    const records = await readTopic(kafka.client, topic.name);
    return records.length > 0 ? records.map(({ headers }) => String(headers?.ce_id)) : undefined;
  });

it('leads an order to its confirmation, publishes each step once, and stops at SIGTERM', async () => {
  await send(productChanged, 'tea', { productId: 'tea', version: 1, name: 'Tea', price, isActive: true });
  const token = await issuer.tokenFor({ kind: 'user', userId: 'ann', role: 'customer' });
  const place = () =>
    fetch(`${address}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'idempotency-key': 'key-of-the-spec',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        lines: [{ productId: 'tea', quantity: 2 }],
        currency: 'EUR',
        paymentMethod: 'pm_1',
      }),
    });
  // Until the price has come through Kafka the product is unknown, and that answer is stored under the key.
  await eventually(async () => {
    const answer = await fetch(`${address}/metrics`);
    return /consumer_\w+total\{[^}]*product\.changed[^}]*\} [1-9]/.test(await answer.text()) || undefined;
  });
  const placed = await place();
  expect(placed.status).toBe(201);
  const { orderId } = (await placed.json()) as { orderId: string };

  expect(await idsOn(orderPlaced)).toEqual([`${orderId}/placed`]);
  await send(stockReserved, orderId, { orderId });
  expect(await idsOn(paymentRequested)).toEqual([`${orderId}/payment-requested`]);
  const amount = { amountMinor: 900, currency: 'EUR' };
  await send(paymentSucceeded, orderId, {
    paymentId: derivedId('pay', orderId),
    orderId,
    userId: 'ann',
    amount,
  });
  expect(await idsOn(orderConfirmed)).toEqual([`${orderId}/confirmed`]);

  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(running.output()).not.toMatch(/pm_1|ann/);
}, 60_000);
