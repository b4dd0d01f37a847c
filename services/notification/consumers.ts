// Events that customers are told of in, notifications out. Repeatable: an event has one notification, however often it comes.
import type { Event } from '#contracts/envelope.ts';
import {
  orderCancelled,
  orderConfirmed,
  paymentRefunded,
  userChallengeIssued,
} from '#contracts/shop-topics.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Facts, NotificationStore, Wanted } from './domain.ts';

/** What is told, by topic. */
export const notificationConsumers = (store: NotificationStore): Subscription[] => [
  subscription(userChallengeIssued, (event) =>
    store.record(wanted(event, { template: event.data.purpose, challengeId: event.data.challengeId })),
  ),
  subscription(orderConfirmed, (event) => {
    const { orderId, total } = event.data;
    return store.record(wanted(event, { template: 'order-confirmed', orderId, total }));
  }),
  subscription(orderCancelled, (event) => {
    const { orderId, total, reason } = event.data;
    return store.record(wanted(event, { template: 'order-cancelled', orderId, total, reason }));
  }),
  subscription(paymentRefunded, (event) => {
    const { orderId, amount } = event.data;
    return store.record(wanted(event, { template: 'payment-refunded', orderId, amount }));
  }),
];

const wanted = (event: Event<{ readonly userId: string }>, facts: Facts): Wanted => ({
  causeSource: event.source,
  causeId: event.id,
  userId: event.data.userId,
  facts,
});
