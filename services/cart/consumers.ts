// Products and placed orders in, changed carts out. Repeatable: products by their version, orders by an inbox.
import { isTotalOfLines } from '#contracts/orders.ts';
import { orderPlaced, productChanged } from '#contracts/shop-topics.ts';
import { causeOf } from '#runtime/decisions.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import type { CartStore } from './domain.ts';

/** What the cart listens to. */
export const cartConsumers = (store: CartStore): Subscription[] => [
  subscription(productChanged, async ({ data: product }) => {
    const { productId, version } = product;
    const decision = await store.learnProduct(product);
    if (decision.kind === 'impossible')
      throw new RefusedEvent(decision.why, `version ${version} of product ${productId}`, { productId });
  }),
  subscription(orderPlaced, async (event) => {
    const { orderId, userId, lines: ordered } = event.data;
    if (!isTotalOfLines(event.data))
      throw new RefusedEvent('order-total-is-not-its-lines', `order ${orderId}`, { orderId });
    await store.handle(userId, { kind: 'take-out-ordered', ordered }, { cause: causeOf(orderPlaced, event) });
  }),
];
