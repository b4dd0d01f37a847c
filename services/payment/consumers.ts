// Requests for money and cancellations in, commands to the payments out. At least once and in any order: each event counts once, and
// a cancellation that overtakes its request is remembered.
import type { Event } from '#contracts/envelope.ts';
import { orderCancelled, paymentRequested } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Cause, Collector, PaymentStore } from './domain.ts';

/** What the payment service listens to. */
export function createConsumers(store: PaymentStore, collector: Collector): Subscription[] {
  return [
    subscription(paymentRequested, async (event) => {
      const { orderId } = event.data;
      const request = {
        ...event.data, // Made of the order's id: even from a database that lost rows an order is charged under the same key.
        paymentId: derivedId('pay', orderId),
        requestedAtMs: Date.now(),
      };
      await store.execute(orderId, { kind: 'request', request }, causeOf(paymentRequested, event));
      // Not awaited to its end: a provider's slow answer must not hold up the orders behind.
      await collector.collect(orderId);
    }),
    subscription(orderCancelled, async (event) => {
      const { orderId, userId, total } = event.data;
      await store.execute(
        orderId,
        { kind: 'note-cancellation', userId, total },
        causeOf(orderCancelled, event),
      );
      await collector.collect(orderId);
    }),
  ];
}

const causeOf = (topic: Topic<unknown>, event: Event<unknown>): Cause => ({
  group: `payment-${topic.name}`,
  eventId: event.id,
});
