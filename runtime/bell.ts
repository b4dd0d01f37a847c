// Waiting that ends early when somebody says that there is work: instead of looking every moment whether there is any.
import { isDoneWithin } from './deadline.ts';

export interface Bell {
  readonly ring: () => void;
  /**
   * Resolves when it rings or has rung since it was heard last, and after this long at the latest.
   * @param signal ends the waiting too
   */
  heard(waitMs: number, signal?: AbortSignal): Promise<void>;
}

/** One listener's bell: a ring between two waits is not lost, several are heard as one. */
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
