// Cancels overdue orders by the clock, so that an order that is never paid does not hold stock for long.
import type { Job } from '#runtime/jobs.ts';
import type { OrderStore } from './domain.ts';

const BATCH_COUNT_MAX = 100;

/** Expiry cancels in batches, a transaction each, until none is overdue. The next run continues where one was cut off. */
export const orderJobs = (
  orders: Pick<OrderStore, 'expire'>,
  expiryMs: number,
  everyMs: number,
  nowMs: () => number = Date.now,
): Job[] => [
  {
    name: 'expiry',
    everyMs,
    run: async () => {
      for (;;) {
        const at = nowMs();
        const placedBefore = new Date(at - expiryMs).toISOString();
        const count = await orders.expire(placedBefore, new Date(at).toISOString(), BATCH_COUNT_MAX);
        if (count < BATCH_COUNT_MAX) return;
      }
    },
  },
];
