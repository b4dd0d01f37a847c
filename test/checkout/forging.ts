// Publishes forgeries to a running shop, and says which dead letters and which differences must follow from them.
import { randomUUID } from 'node:crypto';
import { revisionId, type WindowTotal, windowKey } from '#contracts/analytics.ts';
import { encodeEvent } from '#contracts/envelope.ts';
import { analyticsResults } from '#contracts/topics.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { createProducer, type KafkaClient, publish } from '#runtime/kafka/client.ts';
import { ownOf } from '#runtime/own.ts';
import { type Forgery, TAKEN, type TrueOrder, type Victims } from './forgery.ts';
import type { Wanted } from './letters.ts';
import type { Shop } from './shop.ts';
import { PRICE_MINOR } from './stock.ts';

/** A forgery that was published. */
export interface Forged {
  readonly forgery: Forgery;
  /** Of the record: the order, product or user that it speaks of. */
  readonly key: string;
  readonly place: string;
}

/** The `source` of all forged events. */
export const FORGED_SOURCE = '/services/forged';

/** Sends each once. */
export async function forge(
  client: KafkaClient,
  forgeries: readonly Forgery[],
  victims: Victims,
): Promise<Forged[]> {
  const producer = createProducer(client);
  await producer.connect();
  const forged: Forged[] = [];
  try {
    for (const forgery of forgeries) {
      const { topic, afterMs = 0 } = forgery;
      const data = forgery.data(victims);
      const key = String(ownOf(data as Record<string, unknown>, topic.key));
      const time = new Date(Date.now() + afterMs).toISOString();
      const record = encodeEvent(topic.event, key, { id: randomUUID(), source: FORGED_SOURCE, time, data });
      const [sent] = await producer.send({ topic: client.nameOf(topic.name), acks: -1, messages: [record] });
      forged.push({ forgery, key, place: `${sent!.partition}/${sent!.baseOffset}` });
    }
  } finally {
    await producer.disconnect();
  }
  return forged;
}

/** The dead letters that must follow: of the forgeries, and of the events that services published because of them. */
export const wantedLetters = (forged: readonly Forged[]): Wanted[] =>
  forged.flatMap(({ forgery, key, place }) => {
    const { what, topic, outcomes, consequences = [] } = forgery;
    const refusals = Object.entries(outcomes).filter(([, outcome]) => outcome !== TAKEN);
    return [
      ...refusals.map(([consumer, reason]) => ({ what, topic: topic.name, place, consumer, reason })),
      ...consequences.map((one) => ({ ...one, what, topic: one.topic.name, key })),
    ];
  });

/** What `reconcile:orders` must report, sorted. */
export const wantedDifferences = (forged: readonly Forged[]): string[] =>
  forged.flatMap(({ forgery, key }) => (forgery.found ?? []).map((rule) => `${rule}: ${key}`)).toSorted();

/** Makes a charge as somebody with the provider's key could; returns what `reconcile:payments` must report. */
export async function forgeCharge(shop: Shop): Promise<string> {
  const orderId = `never-${randomUUID()}`;
  await shop.query(
    `INSERT INTO payment.sandbox_charge (payment_id, order_id, amount_minor, currency, calls, outcome)
     VALUES ('pay_forged', $1, 100, 'EUR', 1, 'succeeded')`,
    [orderId],
  );
  return `the provider says succeeded, we know nothing of it: ${orderId}`;
}

/** Publishes totals that the worker did not count to the topic of its results; returns what `reconcile` must report. */
export async function forgeResult(client: KafkaClient): Promise<string> {
  const numbers = { events: 1, bytes: '1', lateEvents: 0, lateBytes: '0' };
  const window = { windowStart: '2026-01-01T00:00:00.000Z', windowEnd: '2026-01-01T00:01:00.000Z' };
  const data: WindowTotal = { ...window, ...numbers, sizeLabel: 'small', revision: 1 };
  const about = { id: revisionId(data), source: FORGED_SOURCE, time: new Date().toISOString() };
  const producer = createProducer(client);
  await producer.connect();
  await publish(client, producer, analyticsResults.name, [
    encodeEvent(analyticsResults.event, windowKey(data), { ...about, data }),
  ]);
  await producer.disconnect();
  return `results-topic: ${windowKey(data)}`;
}

/** Takes true orders from the shop as it is now. A call @throws when all have been taken. */
export async function findVictims(shop: Shop, productIds: readonly string[]): Promise<Victims> {
  const rows = await shop.query<Omit<TrueOrder, 'paymentId'> & { how: string }>(
    `SELECT order_id AS "orderId", user_id AS "userId", lines, COALESCE(history->-1->>'reason', status) AS how,
       json_build_object('amountMinor', total_minor, 'currency', currency) AS total
     FROM "order".orders ORDER BY placed_at, order_id`,
  );
  const ended = (wanted: string): TrueOrder[] =>
    rows
      .filter(({ how }) => how === wanted)
      .map(({ how: _how, ...order }) => ({ ...order, paymentId: derivedId('pay', order.orderId) }));
  return {
    confirmed: oneByOne(ended('confirmed')),
    rejected: oneByOne(ended('stock-rejected')),
    product: oneByOne(productIds.map((productId) => ({ productId, priceMinor: PRICE_MINOR }))),
  };
}

function oneByOne<One>(all: readonly One[]): () => One {
  const left = [...all];
  return () => {
    const next = left.shift();
    if (!next) throw new Error(`all ${all.length} were taken`);
    return next;
  };
}
