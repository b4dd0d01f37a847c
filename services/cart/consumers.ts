// Products and placed orders in, changed carts out. Repeatable: products by their version, orders by an inbox.
import { isTotalOfLines } from '#contracts/orders.ts';
import { orderPlaced, productChanged } from '#contracts/shop-topics.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { type Subscription, subscription } from '#runtime/kafka/subscription.ts';
import { type CartStore, withoutOrdered } from './domain.ts';

/** What the cart listens to. */
export const cartConsumers = (store: CartStore): Subscription[] => [
  subscription(productChanged, ({ data }) => store.learnProduct(data)),
  subscription(orderPlaced, async ({ id, data }) => {
    const { orderId, userId, lines } = data;
    if (!isTotalOfLines(data))
      throw new RefusedEvent('order-total-is-not-its-lines', `order ${orderId}`, { orderId });
    await store.changeOnce(id, userId, (cart) => withoutOrdered(cart, lines));
  }),
];
