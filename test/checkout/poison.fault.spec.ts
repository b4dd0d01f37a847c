// Every kind of bad record on every topic that the services consume, while customers check out: no process ends, nobody waits, and
// each bad record is a dead letter of each of its consumers.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { PROCESSES } from '#contracts/processes.ts';
import type { Topic } from '#contracts/topic.ts';
import { reconcileOrders } from '../../services/reconcile-orders.ts';
import { OwnServer } from '../faults/own-server.ts';
import { seeded } from '../faults/random.ts';
import { SEEDS } from '../faults/seeds.ts';
import { lz4Uncompressed } from '../lz4.ts';
import { readTopic } from '../topic-reader.ts';
import { type Checkout, checkOutAll, planCheckouts } from './customers.ts';
import { moneyAmiss, ordersAmiss, untold } from './findings.ts';
import { type Placed, POISONS, poison } from './poisons.ts';
import { SERVICES } from './service-plans.ts';
import { type Servers, Shop } from './shop.ts';
import { fillShelves, openAccounts } from './stock.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

const CHECKOUTS = 40;
const SETTLE_MS = 120_000;
const LETTERS_WAIT_MS = 120_000;

let servers: Servers;
let shop: Shop | undefined;
beforeAll(async () => {
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Uncompressed;
  const [kafka, postgres] = await Promise.all([
    OwnServer.start('KAFKA_BROKERS'),
    OwnServer.start('DATABASE_URL'),
  ]);
  servers = { kafka, postgres };
}, 120_000);
afterEach(async () => {
  await shop?.close();
  shop = undefined;
}, 60_000);
afterAll(async () => {
  await Promise.all([servers.kafka.remove(), servers.postgres.remove()]);
}, 60_000);

/** Consumers of each topic among the services that run, by name. */
function consumersOf(topic: string): string[] {
  return PROCESSES.filter(
    ({ name, consumes }) =>
      (SERVICES as readonly string[]).includes(name) && consumes.some((one) => one.name === topic),
  ).map(({ name }) => name);
}

const consumedTopics = (): Topic<unknown>[] => {
  const consumed = new Map<string, Topic<unknown>>();
  for (const { name, consumes } of PROCESSES) {
    if ((SERVICES as readonly string[]).includes(name))
      for (const topic of consumes) consumed.set(topic.name, topic);
  }
  return [...consumed.values()];
};

/** Bad records that are not yet the dead letters that they are to be: one of each consumer. */
async function unburied(
  ofShop: Shop,
  topics: readonly Topic<unknown>[],
  placed: readonly Placed[],
): Promise<string[]> {
  const counts = new Map<string, number>();
  for (const topic of topics) {
    for (const { headers } of await readTopic(ofShop.client, topic.deadLetters!)) {
      const key = `${topic.name} ${String(headers?.['dlq-partition'])}/${String(headers?.['dlq-offset'])}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return placed.flatMap(({ kind, topic, place }) => {
    const found = counts.get(`${topic} ${place}`) ?? 0;
    const wanted = consumersOf(topic);
    return found === wanted.length
      ? []
      : [`${kind} on ${topic} ${place}: ${found} dead letters of ${wanted.join(', ')}`];
  });
}

async function whenBuried(
  ofShop: Shop,
  topics: readonly Topic<unknown>[],
  placed: readonly Placed[],
): Promise<string[]> {
  const deadline = performance.now() + LETTERS_WAIT_MS;
  for (;;) {
    const left = await unburied(ofShop, topics, placed);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(500);
  }
}

const pids = (ofShop: Shop): Record<string, number> =>
  Object.fromEntries(SERVICES.map((service) => [service, ofShop.pid(service)]));

describe('bad records on every topic', () => {
  it.each(SEEDS)(
    'are dead letters of each consumer, end no process and hold up no checkout (seed %i)',
    async (seed) => {
      shop = await Shop.open(servers);
      const productIds = await fillShelves(shop, CHECKOUTS * 8);
      const plan = (count: number, who: string): Checkout[] =>
        planCheckouts(seeded(seed), count, productIds).map((one) => ({
          ...one,
          userId: `${who}-${one.userId}`,
        }));
      const checkouts = [...plan(CHECKOUTS, 'calm'), ...plan(CHECKOUTS, 'poisoned')];
      await openAccounts(
        shop,
        checkouts.map(({ userId }) => userId),
      );
      const before = pids(shop);
      const told = await checkOutAll(shop, checkouts.slice(0, CHECKOUTS));
      const topics = consumedTopics();
      const [placed, more] = await Promise.all([
        poison(shop.client, topics, { gzip: CompressionTypes.GZIP, lz4: CompressionTypes.LZ4 }),
        checkOutAll(shop, checkouts.slice(CHECKOUTS)),
      ]);
      told.push(...more);

      expect(await whenBuried(shop, topics, placed)).toEqual([]);
      expect(placed).toHaveLength(topics.length * POISONS.length);
      const report = await reconcileOrders(shop.databaseUrl, SETTLE_MS);
      expect([report.differences, report.pending]).toEqual([[], []]);
      expect(await ordersAmiss(shop, told)).toEqual([]);
      expect(await moneyAmiss(shop)).toEqual([]);
      expect(await untold(shop)).toEqual([]);
      expect(pids(shop)).toEqual(before);
      expect(await shop.troubles()).toEqual({});
    },
    480_000,
  );
});
