// How long to wait before trying again: doubling, capped, with jitter so that many waiters do not come back at once.

/** Milliseconds before attempt number `attempt` (0 for the first retry), between half and all of the doubled base. */
export function backoffMs(
  attempt: number,
  baseMs = 200,
  maxMs = 5_000,
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * random();
}
