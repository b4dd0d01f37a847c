// A wait that ends early when there is work, so that a loop need not look for work every moment.
import { isDoneWithin } from './deadline.ts';

export interface Bell {
  readonly ring: () => void;
  /**
   * Resolves when it rings or has rung since the last wait, and after this long at the latest.
   * @param signal ends the waiting too
   */
  heard(waitMs: number, signal?: AbortSignal): Promise<void>;
}

/** The bell of one listener: a ring between two waits is not lost, several rings count as one. */
export function createBell(): Bell {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    heard: async (waitMs, signal) => {
      await isDoneWithin(waitMs, rung.promise, signal);
      rung = Promise.withResolvers();
    },
  };
}
