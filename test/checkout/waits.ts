// How long customers wait until their order has ended, and whether one group of customers waited longer than another.
import type { PlacedOrder } from './customers.ts';
import type { Shop } from './shop.ts';

/** How much longer the slowest of a hundred may wait while bad records come. */
const LONGER_MS_MAX = 1_000;

/** The waits from the first request to the order's last step, of the orders whose time only the shop decides. */
export async function waitsMs(shop: Shop, placedOrders: readonly PlacedOrder[]): Promise<number[]> {
  const rows = await shop.query<{ order_id: string; ended: string }>(
    `SELECT order_id, history->-1->>'at' AS ended FROM "order".orders`,
  );
  const ended = new Map(rows.map((row) => [row.order_id, Date.parse(row.ended)]));
  const prompt = placedOrders.filter(({ isPrompt }) => isPrompt);
  return prompt.map(({ orderId, askedMs }) => ended.get(orderId)! - askedMs);
}

/** The 99th percentile by nearest rank: of fewer than a hundred the longest. NaN where one never ended. */
export function p99(waits: readonly number[]): number {
  if (waits.some(Number.isNaN)) return Number.NaN;
  const sorted = waits.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

/** A fault when the second group waited more than a second longer than the first; NaN counts as longer. */
export const heldUp = (normal: readonly number[], poisoned: readonly number[]): string[] =>
  p99(poisoned) <= p99(normal) + LONGER_MS_MAX ? [] : [`p99 ${p99(poisoned)} ms, normally ${p99(normal)} ms`];
