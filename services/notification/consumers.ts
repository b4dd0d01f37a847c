// Events that customers are notified of in, notifications out. Repeatable: an event has one notification, however often it comes.
import type { Event } from '#contracts/envelope.ts';
import {
  orderCancelled,
  orderConfirmed,
  paymentRefunded,
  userChallengeIssued,
} from '#contracts/shop-topics.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Facts, NotificationStore } from './domain.ts';

/** What customers are notified of, by topic. */
export const notificationConsumers = (store: NotificationStore): Subscription[] => [
  subscription(userChallengeIssued, (event) =>
    record(store, event, { template: event.data.purpose, challengeId: event.data.challengeId }),
  ),
  subscription(orderConfirmed, (event) => {
    const { orderId, total } = event.data;
    return record(store, event, { template: 'order-confirmed', orderId, total });
  }),
  subscription(orderCancelled, (event) => {
    const { orderId, total, reason } = event.data;
    return record(store, event, { template: 'order-cancelled', orderId, total, reason });
  }),
  subscription(paymentRefunded, (event) => {
    const { orderId, amount } = event.data;
    return record(store, event, { template: 'payment-refunded', orderId, amount });
  }),
];

async function record(
  store: NotificationStore,
  { source, id, data: { userId } }: Event<{ readonly userId: string }>,
  facts: Facts,
): Promise<void> {
  const decision = await store.record({ causeSource: source, causeId: id, userId, facts });
  if (decision.kind === 'happened') return;
  const orderId = 'orderId' in facts ? facts.orderId : undefined;
  throw new RefusedEvent(decision.why, `${facts.template} of order ${orderId}`, { orderId });
}
