// The process itself on the real Kafka: requests for money on one topic, what came of them on others.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { encodeEvent } from '#contracts/envelope.ts';
import {
  orderCancelled,
  paymentFailed,
  paymentRefunded,
  paymentRequested,
  paymentSucceeded,
  SHOP_TOPICS,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createProducer, createTopics, type Producer, publish } from '#runtime/kafka/client.ts';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { eventually } from '../../test/eventually.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts';
import { readTopic } from '../../test/topic-reader.ts';

const kafka = freshKafka();
const amount = { amountMinor: 1_250, currency: 'EUR' };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let issuer: TokenIssuer;
let producer: Producer;
let running: ModuleProcess;

const start = async (settings: Record<string, string>) => {
  running = runModule(`await import('./services/payment/main.ts')`, {
    ...issuer.settings,
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    PORT: '0',
    ...settings,
  });
  await running.waitFor('"ready"');
};

beforeAll(async () => {
  [database, issuer] = await Promise.all([freshDatabase(), startTokenIssuer()]);
  const topics = SHOP_TOPICS.map((topic) => ({ ...topic, partitions: 1 }));
  await createTopics(kafka.client, topicSettings(topics), 1);
  producer = createProducer(kafka.client);
  await producer.connect();
  await start({ PAYMENT_PROVIDER: 'sandbox', SANDBOX_LATE_MS: '200' });
}, 60_000);

afterAll(async () => {
  running.child.kill('SIGKILL');
  await producer.disconnect();
  await Promise.all([issuer.close(), database.drop(), kafka.drop()]);
}, 60_000);

/** Sends an event twice, as Kafka may. */
async function send<Data>(topic: Topic<Data>, key: string, data: Data): Promise<void> {
  const about = { id: `${key}/${topic.name}`, source: '/spec', time: new Date().toISOString() };
  const record = encodeEvent(topic.event, key, { ...about, data });
  await publish(kafka.client, producer, topic.name, [record, record]);
}

const request = (orderId: string, paymentMethod: string) =>
  send(paymentRequested, orderId, { orderId, userId: 'ann', amount, paymentMethod });

const keysOn = (topic: { readonly name: string }, count: number): Promise<string[]> =>
  eventually(async () => {
    const records = await readTopic(kafka.client, topic.name);
    return records.length >= count ? records.map(({ key }) => String(key)).toSorted() : undefined;
  });

it('charges, refuses and refunds, publishes each once, agrees with its provider, and stops at SIGTERM', async () => {
  await request('order-ok', 'pm_ok');
  await request('order-late', 'pm_late_ok');
  await request('order-declined', 'pm_declined');
  await request('order-back', 'pm_ok');
  expect(await keysOn(paymentSucceeded, 3)).toEqual(['order-back', 'order-late', 'order-ok']);
  expect(await keysOn(paymentFailed, 1)).toEqual(['order-declined']);
  const cancelled = { orderId: 'order-back', userId: 'ann', reason: 'by-customer' as const, total: amount };
  await send(orderCancelled, 'order-back', cancelled);
  expect(await keysOn(paymentRefunded, 1)).toEqual(['order-back']);

  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(running.output()).not.toMatch(/pm_|ann/);

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['services/payment/reconcile.ts', '--settle', '0'],
    { env: { DATABASE_URL: database.url, PAYMENT_PROVIDER: 'sandbox' } },
  );
  expect(stdout).toBe('4 payments compared, 0 under way, 0 differences\n');
}, 90_000);

it('does not start with a provider that lacks its settings', async () => {
  const failed = runModule(`await import('./services/payment/main.ts')`, {
    ...issuer.settings,
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    PAYMENT_PROVIDER: 'stripe',
  });
  expect(await failed.ended).toBe(1);
  expect(failed.output()).toContain('STRIPE_API_KEY and STRIPE_WEBHOOK_SECRETS');
}, 60_000);
