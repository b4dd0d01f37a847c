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
import { derivedId } from '#runtime/derived-id.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { Circumstances, Orders } from './domain.ts';

/** What the consumers need of the service. */
export interface Consumed {
  readonly orders: Pick<Orders, 'change'>;
  readonly recordPrice: (product: ProductChanged) => Promise<void>;
}

export const orderConsumers = ({ orders, recordPrice }: Consumed): Subscription[] => [
  subscription(productChanged, ({ data }) => recordPrice(data)),
  subscription(stockReserved, async (event) => {
    const command = { type: 'stockReserved', at: now() } as const;
    await orders.change(event.data.orderId, command, taking(stockReserved, event));
  }),
  subscription(stockRejected, async (event) => {
    const { orderId, productId } = event.data;
    const command = { type: 'stockRejected', at: now(), productId } as const;
    await orders.change(orderId, command, taking(stockRejected, event));
  }),
  subscription(paymentSucceeded, async (event) => {
    const { orderId, paymentId, userId, amount } = event.data;
    const isOfOrder = paymentId === derivedId('pay', orderId);
    const command = { type: 'paymentSucceeded', at: now(), paymentId, isOfOrder, userId, amount } as const;
    await orders.change(orderId, command, taking(paymentSucceeded, event));
  }),
  subscription(paymentFailed, async (event) => {
    const { orderId, paymentId, userId } = event.data;
    const isOfOrder = paymentId === derivedId('pay', orderId);
    const command = { type: 'paymentFailed', at: now(), paymentId, isOfOrder, userId } as const;
    await orders.change(orderId, command, taking(paymentFailed, event));
  }),
];

const now = (): string => new Date().toISOString();

/** An inbox group for each topic: ids are unique only within what one service sends. */
const taking = <Data>(topic: Topic<Data>, { id }: Event<Data>): Circumstances => ({
  taken: { group: `order-${topic.name}`, eventId: id },
});
