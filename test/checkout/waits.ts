// Customers in, how long each waited for the end of the order out; and whether one crowd waited longer than another.
import type { Told } from './customers.ts';
import type { Shop } from './shop.ts';

/** How much longer the slowest of a hundred may wait while bad records come. */
const LONGER_MS_MAX = 1_000;

/** From the first request to the last step of the order; of those with whom nothing but the shop takes time. */
export async function waitsMs(shop: Shop, told: readonly Told[]): Promise<number[]> {
  const rows = await shop.query<{ order_id: string; ended: string }>(
    `SELECT order_id, history->-1->>'at' AS ended FROM "order".orders`,
  );
  const ended = new Map(rows.map((row) => [row.order_id, Date.parse(row.ended)]));
  return told.filter(({ isPrompt }) => isPrompt).map(({ orderId, askedMs }) => ended.get(orderId)! - askedMs);
}

/** The 99th percentile by nearest rank: of fewer than a hundred the longest. NaN where one never ended. */
export function p99(waits: readonly number[]): number {
  if (waits.some(Number.isNaN)) return Number.NaN;
  const sorted = waits.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

/** Nothing when the second crowd waited no longer than the first, but for a second; NaN is longer than everything. */
export const heldUp = (normal: readonly number[], poisoned: readonly number[]): string[] =>
  p99(poisoned) <= p99(normal) + LONGER_MS_MAX ? [] : [`p99 ${p99(poisoned)} ms, normally ${p99(normal)} ms`];
