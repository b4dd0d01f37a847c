// Requests for money and cancellations in, commands to the payments out. At least once and in any order: each event counts once, and
// a cancellation that overtakes its request is remembered.
import type { Event } from '#contracts/envelope.ts';
import { orderCancelled, paymentRequested } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { causeOf } from '#runtime/decisions.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Collector, Command, PaymentStore } from './domain.ts';

/** What the payment service listens to. */
export function paymentConsumers(store: PaymentStore, collector: Collector): Subscription[] {
  const handle = async <Data extends { readonly orderId: string }>(
    topic: Topic<Data>,
    event: Event<Data>,
    command: Command,
  ): Promise<void> => {
    const { orderId } = event.data;
    const { decision } = await store.handle(orderId, command, { cause: causeOf(topic, event) });
    if (decision.kind === 'refused' || decision.kind === 'impossible')
      throw new RefusedEvent(decision.why, `${command.kind} is refused: ${decision.why}`, { orderId });
    // Not awaited to its end: a provider's slow answer must not hold up the orders behind.
    await collector.collect(orderId);
  };
  return [
    subscription(paymentRequested, (event) => {
      // Made of the order's id: even from a database that lost rows an order is charged under the same key.
      const paymentId = derivedId('pay', event.data.orderId);
      const request = { ...event.data, paymentId, requestedAtMs: Date.now() };
      return handle(paymentRequested, event, { kind: 'request', request });
    }),
    subscription(orderCancelled, (event) => {
      const { userId, total } = event.data;
      return handle(orderCancelled, event, { kind: 'note-cancellation', userId, total });
    }),
  ];
}
