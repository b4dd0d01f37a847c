// What a customer wants in, a placed order out. Its id is made of the customer and the idempotency key: whatever is lost on the
// way, the same request comes to the same order, at the price it was first placed at.
import { idFromKey } from '#runtime/http/idempotency.ts';
import type { Order, Orders } from './domain.ts';
import type { PriceList } from './price-list.ts';
import { priceLines, type WantedLine } from './pricing.ts';
import { refusal } from './refusals.ts';

export interface Wish {
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly lines: readonly WantedLine[];
  readonly currency: string;
  /** The total that the customer has seen. */
  readonly expectedTotalMinor?: number | undefined;
  /** The provider's token. */
  readonly paymentMethod: string;
}

/**
 * Places orders.
 * @throws Problem with the code and the facts of the pricing fault, or `idempotency-key-reused` when the key stood for another order
 */
export const createPlacement = (orders: Orders, prices: PriceList) => async (wish: Wish) => {
  const orderId = idFromKey('order', wish.userId, wish.idempotencyKey);
  // First, or prices that changed between two tries would refuse what is placed already.
  const placed = await orders.find(orderId);
  if (placed) return sameOrder(placed, wish);
  const { lines, currency, expectedTotalMinor, userId, paymentMethod } = wish;
  const known = await prices.read(lines.map(({ productId }) => productId));
  const priced = priceLines(lines, currency, expectedTotalMinor, known);
  if (!priced.ok) {
    const { code, ...facts } = priced.fault;
    throw refusal(code, facts);
  }
  const order = await orders.change(orderId, {
    type: 'place',
    at: new Date().toISOString(),
    orderId,
    userId,
    lines: [...priced.lines],
    total: priced.total,
    paymentMethod,
  });
  return sameOrder(order, wish);
};

function sameOrder(order: Order | undefined, wish: Wish): Order {
  const wanted = (lines: readonly WantedLine[]) =>
    JSON.stringify(lines.map(({ productId, quantity }) => [productId, quantity]));
  if (order?.total.currency === wish.currency && wanted(order.lines) === wanted(wish.lines)) return order;
  throw refusal('idempotency-key-reused');
}
