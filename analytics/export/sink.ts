// The port of everything that closed windows are published to.
import type { WindowTotal } from '#contracts/analytics.ts';

export type SinkName = 'firestore' | 'gcs' | 'results-topic';

/** Every sink there is; each revision is delivered to each. */
export const SINK_NAMES: readonly SinkName[] = ['firestore', 'gcs', 'results-topic'];

/**
 * A place that takes revisions of windows. Delivering the same revision again, or an older one after a newer one, must
 * leave the highest revision standing: redelivery is normal.
 */
export interface Sink {
  readonly name: SinkName;
  /** How many revisions may be under way at a time. */
  readonly concurrency: number;
  /** Resolves when the revision is durably stored; rejects to be tried again later. */
  deliver(total: WindowTotal): Promise<void>;
  close(): Promise<void>;
}
