// The port of everything that closed windows are published to.
import { revisionId, type WindowTotal } from '#contracts/analytics.ts';
import { AppError } from '#runtime/errors.ts';

export type SinkName = 'firestore' | 'gcs' | 'results-topic';

/** Every sink there is; each revision is delivered to each. */
export const SINK_NAMES: readonly SinkName[] = ['firestore', 'gcs', 'results-topic'];

/**
 * A place that takes revisions of windows. Delivering the same revision again, or an older one after a newer one, must
 * leave the highest revision standing: redelivery is normal.
 */
export interface Sink {
  readonly name: SinkName;
  /** How many deliveries may be under way at a time. */
  readonly concurrency: number;
  /** How many revisions one delivery takes. */
  readonly batchMax: number;
  /**
   * Called before a round reads what is due. A sink that fences former leaders takes its fence here: what a former leader
   * read before cannot be delivered any more.
   */
  begin?(): Promise<void>;
  /** Resolves when all of the revisions are durably stored; rejects to have all of them tried again later. */
  deliver(totals: readonly WindowTotal[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * The sink holds this very revision with other numbers: the database was restored or replayed, and its revisions start again.
 * The delivery stays in the queue, so that the backlog shows it (docs/runbooks/restored-database.md).
 */
export function sinkAhead(sink: SinkName, total: WindowTotal): AppError {
  const revision = revisionId(total);
  return new AppError(
    'sink-ahead',
    `${sink} holds ${revision} with other numbers: the database was restored or replayed. See docs/runbooks/restored-database.md`,
    { sink, revision },
  );
}
