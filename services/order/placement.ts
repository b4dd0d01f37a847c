// What a customer wants in, a placed order out. Its id is made of the customer and the idempotency key: whatever is lost on the
// way, the same request leads to the same order, at the price at which it was first placed.
import { idFromKey } from '#runtime/http/idempotency.ts';
import type { Order, OrderStore, Placement } from './domain.ts';
import type { PriceList } from './price-list.ts';
import { priceLines, type WantedLine } from './pricing.ts';

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

/** Places orders. The same wish again, by its key, is the same order. */
export const createPlacement =
  (orders: OrderStore, prices: PriceList) =>
  async (wish: Wish): Promise<Placement> => {
    const orderId = idFromKey('order', wish.userId, wish.idempotencyKey);
    // First, or prices that changed between two tries would refuse what is placed already.
    const placed = await orders.find(orderId);
    if (placed) return sameOrder(placed, wish);
    const { lines, currency, expectedTotalMinor, userId, paymentMethod } = wish;
    const known = await prices.read(lines.map(({ productId }) => productId));
    const priced = priceLines(lines, currency, expectedTotalMinor, known);
    if (!priced.ok) {
      const { code: why, ...facts } = priced.fault;
      return { kind: 'refused', why, facts };
    }
    const { state } = await orders.handle(orderId, {
      type: 'place',
      at: new Date().toISOString(),
      orderId,
      userId,
      lines: [...priced.lines],
      total: priced.total,
      paymentMethod,
    });
    return sameOrder(state, wish);
  };

function sameOrder(order: Order | undefined, wish: Wish): Placement {
  const wanted = (lines: readonly WantedLine[]) =>
    JSON.stringify(lines.map(({ productId, quantity }) => [productId, quantity]));
  if (order?.total.currency === wish.currency && wanted(order.lines) === wanted(wish.lines))
    return { kind: 'placed', order };
  return { kind: 'refused', why: 'idempotency-key-reused', facts: {} };
}
