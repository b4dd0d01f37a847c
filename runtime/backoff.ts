// How long to wait before trying again: doubling, capped, with jitter so that many waiters do not come back at once.

/**
 * Whole milliseconds before a retry, between half and all of `baseMs` doubled with each attempt.
 * @param attempt 0 before the first retry
 * @param maxMs the longest wait that it grows to
 * @param random 0 to 1; places the wait in the upper half
 */
export function backoffMs(
  attempt: number,
  baseMs = 200,
  maxMs = 5_000,
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(full / 2 + (full / 2) * random());
}
