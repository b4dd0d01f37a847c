// Hides how long work took: its answer, also a failure, comes at a whole step of time after the start. A difference of less than
// a step, such as "this address exists", cannot be measured from outside.
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
