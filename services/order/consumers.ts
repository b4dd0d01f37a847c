// Product prices, and the answers of the product and payment services in; commands to orders out. At least once, each topic in
// the order of its key and the topics in any: the inbox drops repeats, and the domain what comes too late.
import type { Event } from '#contracts/envelope.ts';
import type { ProductChanged } from '#contracts/products.ts';
import {
  paymentFailed,
  paymentSucceeded,
  productChanged,
  stockRejected,
  stockReserved,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { type AnyDecision, causeOf } from '#runtime/decisions.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Command, OrderStore } from './domain.ts';

/** What the consumers need of the service. */
export interface Consumed {
  readonly orders: Pick<OrderStore, 'handle'>;
  readonly recordPrice: (product: ProductChanged) => Promise<AnyDecision<unknown>>;
}

export const orderConsumers = ({ orders, recordPrice }: Consumed): Subscription[] => [
  subscription(productChanged, async ({ data: product }) => {
    const { productId, version } = product;
    const decision = await recordPrice(product);
    if (decision.kind === 'impossible')
      throw new RefusedEvent(decision.why, `version ${version} of product ${productId}`, { productId });
  }),
  subscription(stockReserved, (event) =>
    handle(orders, stockReserved, event, { type: 'stockReserved', at: now() }),
  ),
  subscription(stockRejected, (event) => {
    const { productId } = event.data;
    return handle(orders, stockRejected, event, { type: 'stockRejected', at: now(), productId });
  }),
  subscription(paymentSucceeded, (event) => {
    const { paymentId, userId, amount } = event.data;
    const about = { paymentId, isOfOrder: isPaymentOf(event.data), userId, amount };
    return handle(orders, paymentSucceeded, event, { type: 'paymentSucceeded', at: now(), ...about });
  }),
  subscription(paymentFailed, (event) => {
    const { paymentId, userId } = event.data;
    const about = { paymentId, isOfOrder: isPaymentOf(event.data), userId };
    return handle(orders, paymentFailed, event, { type: 'paymentFailed', at: now(), ...about });
  }),
];

const now = (): string => new Date().toISOString();

const isPaymentOf = (event: { readonly paymentId: string; readonly orderId: string }): boolean =>
  event.paymentId === derivedId('pay', event.orderId);

async function handle<Data extends { readonly orderId: string }>(
  orders: Consumed['orders'],
  topic: Topic<Data>,
  event: Event<Data>,
  command: Command,
): Promise<void> {
  const { orderId } = event.data;
  const { decision } = await orders.handle(orderId, command, { cause: causeOf(topic, event) });
  if (decision.kind !== 'impossible') return;
  const facts = { orderId, command: command.type, why: decision.why };
  throw new RefusedEvent('order-impossible', `${command.type} of order ${orderId}: ${decision.why}`, facts);
}
