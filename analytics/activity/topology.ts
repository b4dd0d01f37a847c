// Records of the shop's topics in; what a customer did, or the reason why it cannot be counted, out. Pure: the log alone
// decides, never the clock.
import type { ActivityKind, UserActivity } from '#contracts/activity.ts';
import { decodeEvent } from '#contracts/envelope.ts';
import type { Money } from '#contracts/money.ts';
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
import { clockFault, type Reading, type StampedRecord } from '../topology.ts';

/** One event of the shop, as far as it is kept. */
export interface Activity {
  readonly source: string;
  readonly id: string;
  readonly timeMs: number;
  readonly kind: ActivityKind;
  readonly facts: ActivityFacts;
}

/** What an event tells beside its kind and time. */
export type ActivityFacts = Pick<UserActivity, 'userId' | 'orderId' | 'amountMinor' | 'currency'>;

/** A topic of the shop, and what its records say. */
export interface ActivityTopic {
  readonly topic: Topic<unknown>;
  readonly read: (record: StampedRecord) => Reading<Activity>;
}

const orderFacts = (data: { userId: string; orderId: string; total: Money }): ActivityFacts => ({
  userId: data.userId,
  orderId: data.orderId,
  ...data.total,
});

const paymentFacts = (data: { userId: string; orderId: string; amount: Money }): ActivityFacts => ({
  userId: data.userId,
  orderId: data.orderId,
  ...data.amount,
});

/** Every topic of the shop that is counted, in a fixed order. */
export const ACTIVITY_TOPICS: readonly ActivityTopic[] = [
  activityTopic(userRegistered, 'user-registered', ({ userId }) => ({ userId })),
  activityTopic(orderPlaced, 'order-placed', orderFacts),
  activityTopic(orderConfirmed, 'order-confirmed', orderFacts),
  activityTopic(orderCancelled, 'order-cancelled', orderFacts),
  activityTopic(paymentSucceeded, 'payment-succeeded', paymentFacts),
  activityTopic(paymentFailed, 'payment-failed', ({ userId, orderId }) => ({ userId, orderId })),
  activityTopic(paymentRefunded, 'payment-refunded', paymentFacts),
];

function activityTopic<Data>(
  topic: Topic<Data>,
  kind: ActivityKind,
  factsOf: (data: Data) => ActivityFacts,
): ActivityTopic {
  const read = (record: StampedRecord): Reading<Activity> => {
    const decoded = decodeEvent(topic.event, record);
    if (!decoded.ok) return { ok: false, reason: decoded.fault, detail: decoded.detail };
    const { id, source, timeMs, data } = decoded.event;
    const facts = factsOf(data);
    for (const [field, text] of Object.entries({ userId: facts.userId, orderId: facts.orderId }))
      if (text !== undefined && !isStorable(text))
        return { ok: false, reason: 'bad-data', detail: `${field}: holds what no store can keep` };
    return clockFault(timeMs, record.timestampMs) ?? { ok: true, event: { source, id, timeMs, kind, facts } };
  };
  return { topic, read };
}

/** Postgres keeps no U+0000, and neither store half a surrogate pair: one such id must not make a commit fail for ever. */
const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
