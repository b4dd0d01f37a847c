// For what another process does in its own time. Jest's own time-out is the limit.
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 100;

/** Asks again and again until the answer is not undefined. */
export async function eventually<Found>(ask: () => Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(PAUSE_MS);
  }
}
