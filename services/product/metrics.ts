// How long the oldest open reservation has been open, as a metric: an order whose end never comes holds its pieces for ever.
import { Gauge, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';

const OLDEST = `SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(created_at)), 0)::float8 AS age_s
  FROM reservation WHERE state = 'open'`;

/** Asked at every scrape; keeps its last value while the database is away: readiness reports that. */
export const createProductMetrics = (registry: Registry, pool: Pool): Gauge =>
  new Gauge({
    name: 'product_reservation_open_age_seconds',
    help: 'Age of the oldest reservation that is neither sold nor given back; 0 without one',
    registers: [registry],
    async collect() {
      const found = await pool.query<{ age_s: number }>(OLDEST).catch(() => undefined);
      if (found) this.set(found.rows[0]!.age_s);
    },
  });
