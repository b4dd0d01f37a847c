// When the next step of a payment is due, and who has it in hand. Guarantee: a step is one taker's until its lease ends, after which
// another may take it: so a step is repeatable, and its lease longer than any call it makes.
import type { Pool } from '#runtime/postgres/database.ts';

export interface Schedule {
  /** The attempt's number, from 1 in each status; undefined when nothing is due or another has it in hand. */
  take(orderId: string, leaseMs: number): Promise<number | undefined>;
  postpone(orderId: string, delayMs: number): Promise<void>;
  /** Orders with a step that is due, the longest waiting first. */
  due(countMax: number): Promise<string[]>;
  /** How long until the next step is due, in ms; undefined when none waits. */
  nextDueMs(): Promise<number | undefined>;
}

/**
 * The schedule in the payments' own rows.
 * @param onPostponed called when a step will be due again
 */
export function createSchedule(pool: Pool, onPostponed: () => void = () => {}): Schedule {
  return {
    take: async (orderId, leaseMs) => {
      const { rows } = await pool.query<{ attempts: number }>(
        `UPDATE payment SET attempts = attempts + 1, next_step_at = clock_timestamp() + $2 * interval '1 ms'
         WHERE order_id = $1 AND next_step_at <= clock_timestamp() RETURNING attempts`,
        [orderId, leaseMs],
      );
      return rows[0]?.attempts;
    },
    postpone: async (orderId, delayMs) => {
      await pool.query(
        `UPDATE payment SET next_step_at = clock_timestamp() + $2 * interval '1 ms'
         WHERE order_id = $1 AND next_step_at IS NOT NULL`,
        [orderId, delayMs],
      );
      onPostponed();
    },
    due: async (countMax) => {
      const { rows } = await pool.query<{ order_id: string }>(
        'SELECT order_id FROM payment WHERE next_step_at <= clock_timestamp() ORDER BY next_step_at LIMIT $1',
        [countMax],
      );
      return rows.map((row) => row.order_id);
    },
    nextDueMs: async () => {
      const { rows } = await pool.query<{ ms: number | null }>(
        `SELECT extract(epoch FROM min(next_step_at) - clock_timestamp())::float8 * 1000 AS ms
         FROM payment WHERE next_step_at IS NOT NULL`,
      );
      return rows[0]?.ms ?? undefined;
    },
  };
}
