// bench:checkout: how long an order takes from placed to confirmed, at rest and under a steady stream of orders, on a platform of
// its own. From the time of its `order.placed` to that of its `order.confirmed`, both by this machine's clock: four services and
// four topics are between. The ratio is the median against as many bare hops (a record sent and received) on the same broker.
// Growth: an order keeps to one partition of each topic, so ten times the orders are more partitions and replicas, and take as long
// each, until Postgres's commits are what ends first (bench/services.ts).
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import { loadConfig } from '#runtime/config.ts';
import {
  createKafka,
  createProducer,
  createTopics,
  type KafkaClient,
  kafkaConfig,
} from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { signUp } from '../demo/checkout/account.ts';
import type { DemoConfig } from '../demo/checkout/config.ts';
import { ask } from '../demo/checkout/http.ts';
import { readTopic } from '../test/topic-reader.ts';
import { readOptions } from './options.ts';
import { onPlatform } from './platform.ts';
import { median, round } from './statistics.ts';

const HELP = `Measures how long an order takes from placed to confirmed.

  npm run bench:checkout -- [--orders 200] [--stream 300] [--everyMs 40]

  --orders    orders one after the other, each when the last one is confirmed
  --stream    orders in a steady stream
  --everyMs   pause between those, in milliseconds`;

/** placed, stock reserved, payment requested, payment succeeded: each is an event from one service to the next. */
const HOPS = 4;

interface Customer {
  readonly accessToken: string;
}
interface Product {
  readonly productId: string;
  readonly price: { readonly amountMinor: number; readonly currency: string };
}

const { orders, stream, everyMs } = readOptions(HELP, { orders: 200, stream: 300, everyMs: 40 });

await onPlatform(
  async ({ env }) => {
    const config = env as unknown as DemoConfig;
    const kafka = createKafka(loadConfig(kafkaConfig, env), 'bench', createLogger('bench', 'silent'));
    const customer = await signUp(config, () => {});
    const product = nextProduct(await stockedProducts(config));
    const database = new pg.Client({ connectionString: env.DATABASE_URL! });
    await database.connect();
    console.error('orders one after the other');
    const alone: string[] = [];
    for (let n = 0; n < orders; n += 1) {
      alone.push(await place(config, customer, product()));
      await untilConfirmed(database, alone.at(-1)!);
    }
    console.error('orders in a stream');
    const streamed: Promise<string>[] = [];
    for (let n = 0; n < stream; n += 1) {
      streamed.push(place(config, customer, product()));
      await sleep(everyMs);
    }
    const inStream = await Promise.all(streamed);
    for (const orderId of inStream) await untilConfirmed(database, orderId);
    await database.end();
    report(await durations(kafka, alone), await durations(kafka, inStream), await bareHopMs(kafka));
  },
  { RATE_LIMIT_PER_MINUTE: '100000' },
);

type Stocked = Product & { availableCount: number };

async function stockedProducts({ PRODUCT_SERVICE_URL: url }: DemoConfig): Promise<Stocked[]> {
  const { items } = await ask<{ items: Stocked[] }>(`${url}/products?limit=100`);
  const pieces = items.reduce((sum, { availableCount }) => sum + availableCount, 0);
  if (pieces < orders + stream)
    throw new Error(`the shop has ${pieces} pieces in stock: ask for fewer orders`);
  return items;
}

/** One after the other, as long as there are pieces left. */
function nextProduct(products: readonly Stocked[]): () => Product {
  const left = products.map((product) => ({ product, pieces: product.availableCount }));
  let at = 0;
  return () => {
    for (;;) {
      const one = left[at++ % left.length]!;
      if (one.pieces-- > 0) return one.product;
    }
  };
}

async function place(config: DemoConfig, { accessToken }: Customer, product: Product): Promise<string> {
  const { orderId } = await ask<{ orderId: string }>(`${config.ORDER_SERVICE_URL}/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'idempotency-key': randomUUID() },
    body: {
      lines: [{ productId: product.productId, quantity: 1 }],
      currency: product.price.currency,
      expectedTotalMinor: product.price.amountMinor,
      paymentMethod: 'pm_ok',
    },
  });
  return orderId;
}

async function untilConfirmed(database: pg.Client, orderId: string): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ status: string }>(
      'SELECT status FROM "order".orders WHERE order_id = $1',
      [orderId],
    );
    if (rows[0]?.status === 'confirmed') return;
    if (rows[0]?.status === 'cancelled') throw new Error(`order ${orderId} was cancelled`);
    await sleep(10);
  }
}

async function durations(kafka: KafkaClient, orderIds: readonly string[]): Promise<number[]> {
  const timesOf = async (topic: string): Promise<Map<string, number>> => {
    const records = await readTopic(kafka, topic);
    return new Map(records.map(({ key, headers }) => [String(key), Date.parse(String(headers?.ce_time))]));
  };
  const [placed, confirmed] = [await timesOf(orderPlaced.name), await timesOf(orderConfirmed.name)];
  return orderIds.map((id) => confirmed.get(id)! - placed.get(id)!);
}

/** From a send to the moment a consumer has the record, one at a time. */
async function bareHopMs(kafka: KafkaClient): Promise<number> {
  const topic = `bench-hop-${randomUUID()}`;
  await createTopics(kafka, [{ topic, partitions: 1, config: {} }], 1);
  const consumer = kafka.kafka.consumer({ groupId: topic });
  const producer = createProducer(kafka);
  let arrived = Promise.withResolvers<void>();
  await Promise.all([consumer.connect(), producer.connect()]);
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: async () => arrived.resolve() });
  const hops: number[] = [];
  for (let n = 0; n < 100; n += 1) {
    const startedAtMs = performance.now();
    await producer.send({ topic, acks: -1, messages: [{ value: 'x' }] });
    await arrived.promise;
    arrived = Promise.withResolvers();
    hops.push(performance.now() - startedAtMs);
  }
  await Promise.all([consumer.disconnect(), producer.disconnect()]);
  return median(hops);
}

function percentile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}

function report(alone: readonly number[], inStream: readonly number[], hopMs: number): void {
  const rows = [
    { orders: 'one after the other', p50Ms: percentile(alone, 0.5), p99Ms: percentile(alone, 0.99) },
    { orders: 'in a stream', p50Ms: percentile(inStream, 0.5), p99Ms: percentile(inStream, 0.99) },
  ];
  console.table(rows);
  const [{ p50Ms, p99Ms }, streamed] = rows as [(typeof rows)[0], (typeof rows)[0]];
  console.log(
    JSON.stringify({
      bench: 'checkout',
      ratio: round(p50Ms / (HOPS * hopMs)),
      p50Ms,
      p99Ms,
      streamP50Ms: streamed.p50Ms,
      streamP99Ms: streamed.p99Ms,
      bareHopMs: round(hopMs),
    }),
  );
}
