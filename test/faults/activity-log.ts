// A log of a shop as production writes it: orders that are placed, paid, refunded or cancelled, some events twice, some poison.
// The same random source gives the same log.
import { encodeEvent } from '#contracts/envelope.ts';
import {
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  paymentFailed,
  paymentRefunded,
  paymentSucceeded,
  userRegistered,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { createProducer, type KafkaClient } from '#runtime/kafka/client.ts';
import type { Random } from '../../demo/samples/random.ts';
import type { LogEntry } from './image-log.ts';

/** A record, and the topic it goes to. */
export interface ActivityEntry {
  readonly topic: Topic<unknown>;
  readonly entry: LogEntry;
}

export interface ActivityLogShape {
  readonly orders: number;
  /** Orders begin within this time. */
  readonly startMs: number;
  readonly spanMs: number;
}

/** One event, with a new id unless one is given. */
export function activity<Data>(
  topic: Topic<Data>,
  key: string,
  data: Data,
  at: { readonly timeMs: number; readonly id?: string },
): ActivityEntry {
  const event = {
    id: at.id ?? `${key}/${topic.name}`,
    source: '/faults',
    time: new Date(at.timeMs).toISOString(),
    data,
  };
  return { topic, entry: encodeEvent(topic.event, key, event) };
}

/** In the order in which they happened. */
export function activityLog(random: Random, { orders, startMs, spanMs }: ActivityLogShape): ActivityEntry[] {
  const entries = Array.from({ length: orders }, (_, index) => {
    const timeMs = startMs + Math.floor((spanMs * index) / orders);
    return lifeOf(random, `o${index}`, timeMs);
  }).flat();
  const often = entries.flatMap((entry) => (random.next() < 0.1 ? [entry, entry] : [entry]));
  return often.flatMap((entry) => (random.next() < 0.03 ? [entry, poison(random, entry)] : [entry]));
}

/** The events of one order, to its end. */
function lifeOf(random: Random, orderId: string, timeMs: number): ActivityEntry[] {
  const userId = `u${random.whole(1, 40)}`;
  const total = { amountMinor: random.whole(1, 50_000), currency: random.pick(['EUR', 'CHF', 'JPY']) };
  const lines = [{ productId: 'p1', quantity: 1, unitPriceMinor: total.amountMinor }];
  const paymentId = `pay-${orderId}`;
  const [placed, paid, over] = [timeMs, timeMs + 1_000, timeMs + 2_000].map((at) => ({ timeMs: at }));
  const payment = { paymentId, orderId, userId, amount: total };
  const begin = [
    activity(userRegistered, userId, { userId }, placed!),
    activity(orderPlaced, orderId, { orderId, userId, lines, total }, placed!),
  ];
  const cancelled = (reason: 'payment-failed' | 'by-customer') =>
    activity(orderCancelled, orderId, { orderId, userId, reason, total }, over!);
  const succeeded = activity(paymentSucceeded, orderId, payment, paid!);
  const failed = { paymentId, orderId, userId, reason: 'declined' as const };
  return random.pick([
    [...begin, succeeded, activity(orderConfirmed, orderId, { orderId, userId, paymentId, total }, over!)],
    [...begin, activity(paymentFailed, orderId, failed, paid!), cancelled('payment-failed')],
    [...begin, succeeded, cancelled('by-customer'), activity(paymentRefunded, orderId, payment, over!)],
  ]);
}

function poison(random: Random, { topic, entry }: ActivityEntry): ActivityEntry {
  const change = random.pick<Partial<LogEntry>>([
    { value: null },
    { value: Buffer.from([0x7b, 0xff, 0xfe]) },
    { value: '{"userId":' },
    { value: '{"userId":""}' },
    { value: String(entry.value).replace(/"userId":"/, '"userId":"\\u0000') },
    { value: String(entry.value).replace(/"userId":"/, '"userId":"\\ud800') },
    { headers: { ...entry.headers, ce_type: `${topic.event.type}9` } },
    { headers: { ...entry.headers, ce_time: new Date(Date.now() + 3_600_000).toISOString() } },
    { headers: { ...entry.headers, ce_time: '2001-01-01T00:00:00Z' } },
  ]);
  return { topic, entry: { ...entry, ...change } };
}

/** Sends them in order, in sends of `perSend`, each to its topic. */
export async function feedActivity(
  client: KafkaClient,
  entries: readonly ActivityEntry[],
  perSend = 200,
): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  for (let at = 0; at < entries.length; at += perSend) {
    const byTopic = Map.groupBy(entries.slice(at, at + perSend), ({ topic }) => topic.name);
    const topicMessages = [...byTopic].map(([topic, group]) => ({
      topic: client.nameOf(topic),
      messages: group.map(({ entry }) => ({ ...entry, headers: { ...entry.headers } })),
    }));
    await producer.sendBatch({ acks: -1, topicMessages });
  }
  await producer.disconnect();
}
