// The newest orders as the topics have them: their names, times, places and traces, never what is in them. Nothing is read before
// the first request; then the newest records of each topic are, and from then on those that come.
import { decodeEvent, type EventContract } from '#contracts/envelope.ts';
import { PROCESSES } from '#contracts/processes.ts';
import { SHOP_TOPICS } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { isDoneWithin } from '#runtime/deadline.ts';
import type { KafkaClient, KafkaMessage } from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';
import { spanContextOf } from '#runtime/trace.ts';
import type { OrderEvent, OrderSeen, OrdersSeen } from './answers.ts';
import { type Followed, followTopics, headersOf } from './topic-tail.ts';

const RECORDS_MAX = 2_000;
const ORDERS_MAX = 2_000;
const EVENTS_MAX = 50;
/** A person at a page waits no longer; what has been read by then is shown. */
const CATCH_UP_MS_MAX = 4_000;
export const LISTED_MAX = 25;

const ORDER_TOPICS: ReadonlyMap<string, Topic<unknown>> = new Map(
  SHOP_TOPICS.filter(({ key }) => key === 'orderId').map((topic) => [topic.name, topic]),
);
const FIRST_TOPIC = 'order.placed';
const PUBLISHERS: ReadonlyMap<string, string> = new Map(
  PROCESSES.flatMap(({ name, publishes }) => publishes.map((topic) => [topic.name, name] as const)),
);

export interface OrderEvents {
  /** The newest first; with a beginning of an id only those. */
  list(beginning?: string): Promise<OrdersSeen>;
  /** In the order in which they happened; empty for an order that is not known. */
  of(orderId: string): Promise<readonly OrderEvent[]>;
  readonly isReading: () => boolean;
  stop(): Promise<void>;
}

/** @param recordsMax of each partition the newest that are read; a laptop that was loaded for hours has many more */
export function createOrderEvents(client: KafkaClient, log: Logger, recordsMax = RECORDS_MAX): OrderEvents {
  const orders = new Map<string, OrderEvent[]>();
  let followed: Followed | undefined;
  const read = (): Promise<boolean> => {
    followed ??= followTopics({
      client,
      topics: [...ORDER_TOPICS.keys()],
      log,
      newestMax: recordsMax,
      keep: (topic, partition, message) => keepEvent(orders, topic, partition, message),
    });
    return isDoneWithin(CATCH_UP_MS_MAX, followed.caughtUp);
  };
  return {
    list: async (beginning = '') => {
      const isComplete = await read();
      const found = [...orders].filter(([orderId]) => orderId.startsWith(beginning)).flatMap(seenOf);
      const newestFirst = found.toSorted((one, other) => other.placedAt.localeCompare(one.placedAt));
      return { orders: newestFirst.slice(0, LISTED_MAX), isComplete };
    },
    of: async (orderId) => {
      await read();
      return (orders.get(orderId) ?? []).toSorted((one, other) => one.at.localeCompare(other.at));
    },
    isReading: () => followed?.isReading() ?? false,
    stop: async () => followed?.stop(),
  };
}

/** The order, where its beginning is known: records before it may be gone. */
function seenOf([orderId, events]: [string, readonly OrderEvent[]]): OrderSeen[] {
  const placed = events.find(({ topic }) => topic === FIRST_TOPIC);
  const last = events.reduce((latest, event) => (event.at >= latest.at ? event : latest), events[0]!);
  return placed ? [{ orderId, placedAt: placed.at, last, events: events.length }] : [];
}

/** Adds to a map that never grows beyond its limits: the order that came first makes room. */
export function keepEvent(
  orders: Map<string, OrderEvent[]>,
  topicName: string,
  partition: number,
  message: Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'headers'>,
): void {
  const topic = ORDER_TOPICS.get(topicName);
  const orderId = message.key?.toString() ?? '';
  const event = topic && eventOf(topic, orderId, partition, message);
  if (!event) return;
  const events = orders.get(orderId) ?? [];
  // After a broker that was away its records are given again.
  if (
    events.length >= EVENTS_MAX ||
    events.some((one) => one.topic === event.topic && one.place === event.place)
  )
    return;
  events.push(event);
  orders.set(orderId, events);
  if (orders.size > ORDERS_MAX) orders.delete(orders.keys().next().value!);
}

/** Undefined for a record that is no event of its topic about this order: dead letters have those. */
function eventOf(
  { name, event: contract }: Topic<unknown>,
  orderId: string,
  partition: number,
  { offset, value, headers }: Pick<KafkaMessage, 'offset' | 'value' | 'headers'>,
): OrderEvent | undefined {
  const decoded = decodeEvent(contract as EventContract<object>, { value, headers: headersOf(headers) });
  if (!decoded.ok) return undefined;
  const { id, timeMs, traceparent, data } = decoded.event;
  const { reason, orderId: named } = data as { reason?: unknown; orderId?: unknown };
  if (named !== orderId) return undefined;
  return {
    topic: name,
    service: PUBLISHERS.get(name) ?? 'unknown',
    at: new Date(timeMs).toISOString(),
    place: `${partition}/${offset}`,
    eventId: id,
    traceId: spanContextOf(traceparent)?.traceId,
    reason: typeof reason === 'string' ? reason : undefined,
  };
}
