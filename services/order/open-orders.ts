// How long the oldest open order has been open, as a metric: one that never ends holds stock, and its customer waits.
import { Gauge, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';

// Reads the index of what may expire.
const OLDEST = `
SELECT s.status, coalesce(extract(epoch FROM now() - min(o.placed_at)), 0)::float8 AS age_s
FROM unnest(ARRAY['placed', 'reserved']) AS s (status)
LEFT JOIN orders o ON o.status = s.status AND o.status IN ('placed', 'reserved') GROUP BY s.status`;

/** Asked at every scrape; keeps its last value while the database is away, which readiness tells. */
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
