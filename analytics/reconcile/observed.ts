// What the comparison starts from: everything that was read, and what the rules allow to be open.
import type { Revision, Snapshot } from './cloud-sql.ts';
import type { LogEnds } from './log-reader.ts';
import type { PartitionCount, PlainCount } from './oracle.ts';
import type { PublishedText } from './published.ts';
import type { ResultsRead } from './results-topic.ts';
import type { PartState, TopicState } from './topic-state.ts';

/** What was read of one topic and of its consumption. */
export interface TopicObserved {
  /** The plain count up to exactly the state's offsets, by partition. */
  readonly counted: ReadonlyMap<number, PlainCount>;
  /** The ends of the log when the first look began. */
  readonly ends: readonly LogEnds[];
  readonly snapshot: TopicState;
  /** The dead-letter topic: digests of the raw values under each dlq-id. */
  readonly letters: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Everything that was read of the images. */
export interface Observed extends TopicObserved {
  readonly counted: ReadonlyMap<number, PartitionCount>;
  readonly snapshot: Snapshot;
  /** Read after the sinks: what was published while they were read. */
  readonly revisionsSince: readonly Revision[];
  readonly firestore: readonly PublishedText[];
  readonly gcs: readonly PublishedText[];
  readonly results: ResultsRead;
}

export interface Allowances {
  /** How long after its end, and after its last record, a window may stay unpublished. */
  readonly openMsMax: number;
  readonly retentionMs: number;
  readonly letterRetentionMs: number;
  readonly nowMs: number;
}

/** Topics that were created again under the same name: their log is gone, their rows are taken as they are. */
export const retiredTopics = (snapshot: Pick<TopicState, 'parts'>): ReadonlySet<string> =>
  new Set(snapshot.parts.filter(({ isRetired }) => isRetired).map(({ topicId }) => topicId));

/** The positions of the topic that exists now. */
export const liveParts = ({ snapshot }: Pick<TopicObserved, 'snapshot'>): PartState[] =>
  snapshot.parts.filter(({ isRetired }) => !isRetired);
