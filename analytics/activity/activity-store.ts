// The port of the store that user_activity is delivered to.
import type { ActivityDocument } from './activity-sums.ts';

/**
 * A place that takes documents of activity, one per event. What it holds is never changed: the same document again is a
 * delivery that succeeded before, and another one under the same id is refused.
 */
export interface ActivityStore {
  /**
   * Resolves when all of the documents are durably stored, with the ids of those that it holds with another content; rejects
   * to have all of them tried again later.
   */
  create(documents: readonly ActivityDocument[]): Promise<readonly string[]>;
  /** Resolves when none of the documents is there any more; one that never was is no fault. */
  remove(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
