// Hides how long work took: the answer, also a failed one, comes at a whole step of time after the start. What differs by
// less than a step, as "this address exists" does, cannot be measured from outside.
import { setTimeout as sleep } from 'node:timers/promises';

export async function inEvenTime<Result>(stepMs: number, work: () => Promise<Result>): Promise<Result> {
  const startMs = performance.now();
  try {
    return await work();
  } finally {
    const tookMs = performance.now() - startMs;
    await sleep(Math.ceil(tookMs / stepMs) * stepMs - tookMs);
  }
}
