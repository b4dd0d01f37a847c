// When the next step of a payment is due, and which replica does it. Guarantee: a step is one taker's until its lease ends, after which
// another may take it: so a step is repeatable, and its lease longer than any call it makes.
import type { Pool } from '#runtime/postgres/database.ts';
import { LeaseQueue } from '#runtime/postgres/lease.ts';

export interface Schedule {
  /** The attempt's number, from 1 in each status; undefined when nothing is due or another has the lease. */
  take(orderId: string, leaseMs: number): Promise<number | undefined>;
  /** Ends the lease of an attempt. Changes nothing when the step is another's by now, or another step is due. */
  postpone(orderId: string, attempt: number, delayMs: number): Promise<void>;
  /** Orders with a step that is due, the longest waiting first. */
  due(countMax: number): Promise<string[]>;
  /** How long until the next step is due, in ms; undefined when none waits. */
  nextDueMs(): Promise<number | undefined>;
}

const QUEUE = new LeaseQueue({
  table: 'payment',
  id: 'order_id',
  dueAt: 'next_step_at',
  attempts: 'attempts',
  isOpen: 'next_step_at IS NOT NULL',
});

/**
 * The schedule in the payments' own rows.
 * @param onPostponed called when a step will be due again
 */
export const createSchedule = (pool: Pool, onPostponed: () => void = () => {}): Schedule => ({
  take: async (orderId, leaseMs) => (await QUEUE.takeOne(pool, orderId, { leaseMs }))?.attempt,
  postpone: async (orderId, attempt, delayMs) => {
    await QUEUE.release(pool, { id: orderId, attempt }, delayMs);
    onPostponed();
  },
  due: (countMax) => QUEUE.due(pool, countMax),
  nextDueMs: () => QUEUE.nextDueMs(pool),
});
