// What customers do, request by request: look around, buy, come back. A journey's turn decides its choices, so that the same turns
// are the same requests for every driver; only ids, tokens and what is in stock differ.
import { type Customer, renewSession } from './customers.ts';
import { type Ask, ask, isOneOf, type Journey, pause, pick } from './step.ts';

/** How a journey that placed an order ended; `sold-out` placed none. */
export type Outcome = 'confirmed' | 'declined' | 'sold-out' | 'unended';

/** What a journey returns to its driver. */
export interface JourneyResult {
  /** The customer from now on: sessions are renewed. */
  readonly customer: Customer | undefined;
  readonly outcome?: Outcome;
  /** From the order's placing until the customer saw how it ended, in milliseconds. */
  readonly endedAfterMs?: number;
}

export type JourneyName = 'browse' | 'buy' | 'return';

/** One run of a journey; without a customer it is anonymous. */
export interface Visit {
  readonly turn: number;
  readonly customer: Customer | undefined;
  /** Makes an id that no other visit has. */
  readonly newId: () => string;
}

const WORDS = ['vase', 'cup', 'candle', 'tea', 'lamp', 'bowl', 'pot', 'bottle', 'stoneware', 'glass'];
const CATEGORIES = ['kitchen', 'living', 'table'];
const THINK_S = 0.25;
/** Nine of ten means of payment are good. */
const DECLINED_SHARE = 0.1;
const LOOKS_MAX = 60;
const LOOK_EVERY_S = 0.25;

export const JOURNEYS: Readonly<Record<JourneyName, (visit: Visit) => Journey<JourneyResult>>> = {
  browse,
  buy,
  return: returnLater,
};

interface Product {
  readonly productId: string;
  readonly availableCount: number;
  readonly price: { readonly amountMinor: number; readonly currency: string };
}

const get = (name: string, service: Ask['service'], path: string, customer: Customer | undefined): Ask => ({
  name,
  service,
  method: 'GET',
  path,
  answers: [200],
  ...(customer && { token: customer.accessToken }),
});

/** Searches, looks through a category, and at one product. */
function* browse({ turn, customer }: Visit): Journey<JourneyResult> {
  yield* ask(get('categories', 'product', '/categories', customer));
  yield* ask(get('search', 'product', `/products?q=${pick(WORDS, turn)}&limit=20`, customer));
  yield* pause(THINK_S);
  const category = pick(CATEGORIES, turn + 1);
  const page = yield* ask(get('list', 'product', `/products?category=${category}&limit=50`, customer));
  yield* pause(THINK_S);
  const product = choose(page.text, turn);
  if (product) yield* ask(get('product', 'product', `/products/${product.productId}`, customer));
  return { customer };
}

/** Looks around, fills the cart, orders, and waits to see how it ends. */
function* buy(visit: Visit): Journey<JourneyResult> {
  const { turn, customer, newId } = visit;
  if (!customer) throw new TypeError('only a signed-in customer can buy');
  const list = `/products?category=${pick(CATEGORIES, turn)}&limit=50`;
  const page = yield* ask(get('list', 'product', list, customer));
  yield* pause(THINK_S);
  const product = choose(page.text, turn);
  if (!product) return { customer, outcome: 'sold-out' };
  const { productId, price } = product;
  yield* ask(get('product', 'product', `/products/${productId}`, customer));
  yield* pause(THINK_S);
  yield* ask(change(customer, 'fill-cart', 'PUT', `/cart/lines/${productId}`, { quantity: 1 }));
  yield* ask(get('cart', 'cart', '/cart', customer));
  yield* pause(THINK_S);
  const isDeclined = isOneOf(DECLINED_SHARE, turn);
  const placedAtMs = Date.now();
  const placed = yield* ask({
    name: 'place-order',
    service: 'order',
    method: 'POST',
    path: '/orders',
    answers: [201],
    token: customer.accessToken,
    idempotencyKey: newId(),
    body: {
      lines: [{ productId, quantity: 1 }],
      currency: price.currency,
      paymentMethod: isDeclined ? 'pm_declined' : 'pm_ok',
    },
  });
  const { orderId } = JSON.parse(placed.text) as { orderId: string };
  const outcome = yield* endOf(orderId, customer, isDeclined);
  const endedAfterMs = Date.now() - placedAtMs;
  yield* ask(change(customer, 'empty-cart', 'DELETE', '/cart'));
  return { customer, outcome, endedAfterMs };
}

/** Comes back with the session of last time. */
function* returnLater({ customer }: Visit): Journey<JourneyResult> {
  if (!customer) throw new TypeError('only a returning customer can come back');
  const renewed = yield* renewSession(customer);
  yield* ask(get('profile', 'user', '/users/me', renewed));
  yield* ask(get('orders', 'order', '/orders?limit=20', renewed));
  return { customer: renewed };
}

function choose(page: string, turn: number): Product | undefined {
  const { items } = JSON.parse(page) as { items: readonly Product[] };
  const left = items.filter(({ availableCount }) => availableCount > 0);
  return left.length === 0 ? undefined : pick(left, turn);
}

const change = (
  customer: Customer,
  name: string,
  method: 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Ask => ({
  name,
  service: 'cart',
  method,
  path,
  answers: [200],
  token: customer.accessToken,
  ...(body !== undefined && { body }),
});

/** An order with a good means of payment is cancelled only for want of stock: another customer was faster. */
function* endOf(orderId: string, customer: Customer, isDeclined: boolean): Journey<Outcome> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const { text } = yield* ask(get('order', 'order', `/orders/${orderId}`, customer));
    const { status } = JSON.parse(text) as { status: string };
    if (status === 'confirmed') return 'confirmed';
    if (status === 'cancelled') return isDeclined ? 'declined' : 'sold-out';
    yield* pause(LOOK_EVERY_S);
  }
  return 'unended';
}
