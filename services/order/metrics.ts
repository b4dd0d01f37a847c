// What operators watch of the saga: how orders move and end, what is ignored and why, and what should never have come.
import { Counter, Gauge, Histogram, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { Command, Decision, Order } from './domain.ts';

/** Counts decisions; a paid order that is cancelled already shows as ignored `paymentSucceeded`, why `late`. */
export function createOrderMetrics(registry: Registry) {
  const registers = [registry];
  const transitions = new Counter({
    name: 'order_transitions_total',
    help: 'Transitions of orders by what they became, and why if cancelled',
    labelNames: ['status', 'reason'],
    registers,
  });
  const ignored = new Counter({
    name: 'order_commands_ignored_total',
    help: 'Commands without effect: duplicates, and answers that came when the order had moved on',
    labelNames: ['command', 'why'],
    registers,
  });
  const impossible = new Counter({
    name: 'order_commands_impossible_total',
    help: 'Attempts at commands that can never be while every service keeps its promises',
    labelNames: ['command', 'why'],
    registers,
  });
  const duration = new Histogram({
    name: 'order_saga_duration_seconds',
    help: 'From placed to confirmed or cancelled',
    labelNames: ['status'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1_800],
    registers,
  });
  ignored.inc({ command: 'paymentSucceeded', why: 'late' }, 0);
  return (command: Command['type'], decision: Decision, order: Order | undefined): void => {
    if (decision.kind === 'ignored') return ignored.inc({ command, why: decision.why });
    if (decision.kind === 'impossible') return impossible.inc({ command, why: decision.why });
    const [first, last] = [order?.history[0], order?.history.at(-1)];
    if (!first || !last) return undefined;
    transitions.inc({ status: last.status, reason: last.reason ?? '' });
    if (last.status !== 'confirmed' && last.status !== 'cancelled') return undefined;
    duration.observe(
      { status: last.status },
      Math.max(0, Date.parse(last.at) - Date.parse(first.at)) / 1_000,
    );
  };
}

// Reads the index of what may expire.
const OLDEST = `
SELECT s.status, coalesce(extract(epoch FROM now() - min(o.placed_at)), 0)::float8 AS age_s
FROM unnest(ARRAY['placed', 'reserved']) AS s (status)
LEFT JOIN orders o ON o.status = s.status AND o.status IN ('placed', 'reserved') GROUP BY s.status`;

/** How long the oldest open order has been open: one that never ends holds stock, and its customer waits. Asked at every scrape; keeps its last value while the database is away: readiness reports that. */
export const watchOpenOrders = (pool: Pool, registry: Registry): Gauge =>
  new Gauge({
    name: 'order_open_oldest_seconds',
    help: 'Age of the oldest order that is neither confirmed nor cancelled, since it was placed; 0 without one',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      const found = await pool.query<{ status: string; age_s: number }>(OLDEST).catch(() => undefined);
      for (const { status, age_s } of found?.rows ?? []) this.set({ status }, age_s);
    },
  });
