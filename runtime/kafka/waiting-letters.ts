// The records that wait in dead-letter topics, only for show: read by a separate group that commits nothing, so that a replay finds the
// same letters.
import { randomUUID } from 'node:crypto';
import type { Topic } from '#contracts/topic.ts';
import { REPLAY_GROUP } from '#contracts/topics.ts';
import { within } from '../deadline.ts';
import type { Logger } from '../log.ts';
import type { KafkaClient } from './client.ts';
import { letterOf, type WaitingLetter } from './dead-letter-replay.ts';
import { deadLetterTopic } from './dead-letters.ts';
import { createGroupConsumer, type PartitionBatch } from './group-consumer.ts';
import type { Positions } from './positions.ts';
import type { FetchedRecord } from './records.ts';

/** The letters of one partition that no replay has come to yet. */
export interface WaitingRange {
  /** Whose dead letters they are. */
  readonly topic: Topic<unknown>;
  readonly partition: number;
  readonly from: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Which letters wait now. Asks only: without letters this is all that a look costs. */
export async function waitingRanges(
  positions: Positions,
  topics: readonly Topic<unknown>[],
): Promise<WaitingRange[]> {
  const names = topics.map(deadLetterTopic);
  const replayed = await positions.committed(REPLAY_GROUP, names);
  const ends = await positions.ends(names);
  return topics.flatMap((topic, at) =>
    ends.get(names[at]!)!.flatMap(({ partition, low, high }) => {
      const from = Math.max(Number(low), replayed.get(names[at]!)?.get(partition) ?? 0);
      return Number(high) > from ? [{ topic, partition, from, end: Number(high) }] : [];
    }),
  );
}

export interface ReadLettersOptions {
  readonly client: KafkaClient;
  readonly log: Logger;
  /** Who reads: its groups begin with this name, so that it needs no right on groups of others. */
  readonly reader: string;
  readonly ranges: readonly WaitingRange[];
  /** Called with each letter; the record's buffers must not outlive the call. */
  readonly onLetter: (topic: Topic<unknown>, letter: WaitingLetter, record: FetchedRecord) => void;
  /** @default 20 s */
  readonly msMax?: number;
}

/** Reads these letters. @throws AppError `deadline-exceeded`; whatever ends the consumer */
export async function readLetters({
  client,
  log,
  reader,
  ranges,
  onLetter,
  msMax = 20_000,
}: ReadLettersOptions): Promise<void> {
  if (ranges.length === 0) return;
  const left = new Map(
    ranges.map((range) => [placeOf(deadLetterTopic(range.topic), range.partition), range]),
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const consumer = createGroupConsumer({
    client,
    log,
    // The broker forgets a group that commits nothing once it is empty.
    group: `${reader}-letters-${randomUUID()}`,
    topics: [...new Set(ranges.map(({ topic }) => deadLetterTopic(topic)))],
    sessionTimeoutMs: 10_000,
    onBatch: async (batch) => {
      const place = placeOf(batch.topic, batch.partition);
      const range = left.get(place);
      if (!range) return batch.endOffset;
      if (batch.fetchedOffset < range.from) return range.from;
      visitLetters(batch, range, onLetter);
      if (batch.nextOffset >= range.end) left.delete(place);
      if (left.size === 0) resolve();
      return batch.nextOffset;
    },
    onCrash: reject,
  });
  await consumer.start();
  try {
    await within(msMax, promise, { what: 'reading the dead letters' });
  } finally {
    await consumer.stop();
  }
}

const placeOf = (topic: string, partition: number): string => `${topic} ${partition}`;

function visitLetters(
  batch: PartitionBatch,
  { topic, end }: WaitingRange,
  onLetter: ReadLettersOptions['onLetter'],
): void {
  batch.forEachRecord(
    (record) => {
      if (record.offset < end) onLetter(topic, letterOf(batch.partition, record), record);
    },
    // A replay stops there and says so.
    () => {},
  );
}
