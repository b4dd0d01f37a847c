// What the comparison starts from: everything that was read, and what the rules allow to be open.
import type { Revision, Snapshot } from './cloud-sql.ts';
import type { LogEnds } from './log-reader.ts';
import type { PartitionCount } from './oracle.ts';
import type { PublishedText } from './published.ts';
import type { ResultsRead } from './results-topic.ts';

/** Everything that was read. */
export interface Observed {
  /** The plain count up to exactly the snapshot's offsets, by partition. */
  readonly counted: ReadonlyMap<number, PartitionCount>;
  /** The ends of the log when the first look began. */
  readonly ends: readonly LogEnds[];
  readonly snapshot: Snapshot;
  /** Read after the sinks: what was published while they were read. */
  readonly revisionsSince: readonly Revision[];
  readonly firestore: readonly PublishedText[];
  readonly gcs: readonly PublishedText[];
  readonly results: ResultsRead;
  /** The dead-letter topic: digests of the raw values under each dlq-id. */
  readonly letters: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Allowances {
  /** How long after its end, and after its last record, a window may stay unpublished. */
  readonly openMsMax: number;
  readonly retentionMs: number;
  readonly letterRetentionMs: number;
  readonly nowMs: number;
}

/** Topics that were made anew under the same name: their log is gone, what was counted of it stands. */
export const retiredTopics = (snapshot: Snapshot): ReadonlySet<string> =>
  new Set(snapshot.parts.filter(({ isRetired }) => isRetired).map(({ topicId }) => topicId));
