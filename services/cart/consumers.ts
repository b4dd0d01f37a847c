// Products and placed orders in, changed carts out. Repeatable: products by their version, orders by an inbox.
import { orderPlaced, productChanged } from '#contracts/shop-topics.ts';
import { type Subscription, subscription } from '#runtime/subscription.ts';
import { type CartStore, withoutOrdered } from './domain.ts';

/** What the cart listens to. */
export const cartConsumers = (store: CartStore): Subscription[] => [
  subscription(productChanged, ({ data }) => store.learnProduct(data)),
  subscription(orderPlaced, ({ id, data }) =>
    store.changeOnce(id, data.userId, (cart) => withoutOrdered(cart, data.lines)),
  ),
];
