// A bound on the wait for a store that does not answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';

/** The result of the work. @throws AppError `delivery-timeout` when it takes longer; the work itself goes on unheard. */
export async function withinMs<Result>(limitMs: number, work: Promise<Result>): Promise<Result> {
  const timer = new AbortController();
  const tooLate = sleep(limitMs, undefined, { signal: timer.signal }).then((): never => {
    throw new AppError('delivery-timeout', `no answer within ${limitMs} ms`);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => {});
  }
}
