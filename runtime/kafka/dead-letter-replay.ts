// In: dead letters. Out: their records, published to their topic again. At least once: the offset of a separate group says how far it
// came, written after each letter, so that a second run continues where the first has ended, and inboxes drop what came twice.
import type { Topic } from '#contracts/topic.ts';
import { REPLAY_GROUP } from '#contracts/topics.ts';
import type { Logger } from '../log.ts';
import { type KafkaClient, type Message, topicOffsets, withAdmin } from './client.ts';
import { DEAD_LETTER_HEADERS, deadLetterTopic, writableHeaders } from './dead-letters.ts';
import { createGroupConsumer, type PartitionBatch } from './group-consumer.ts';
import type { FetchedRecord } from './records.ts';
import { Sender } from './sender.ts';

/** A dead letter that has not been replayed yet. */
export interface WaitingLetter {
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  /** Holds no values of the record. */
  readonly detail: string;
  /** Who refused the record. */
  readonly consumer: string;
  /** Where the record itself is: `topic partition/offset`. */
  readonly origin: string;
  /** False for what was kept in part only, or is no single record: it cannot be replayed. */
  readonly isWhole: boolean;
}

export interface ReplayOptions {
  readonly client: KafkaClient;
  readonly topic: Topic<unknown>;
  readonly log: Logger;
  /** Called with each letter; the outcome says what became of it. */
  readonly onLetter: (letter: WaitingLetter, outcome: 'listed' | 'replayed' | 'left') => void;
  /** Looks only: publishes nothing, and the next run sees the same letters. */
  readonly isList: boolean;
}

const OURS = 'dlq-';

/** Goes through all dead letters of the topic that wait at this moment. */
export async function replayDeadLetters(options: ReplayOptions): Promise<void> {
  const { client, topic, log } = options;
  const name = deadLetterTopic(topic);
  const waiting = await waitingUntil(client, name);
  if (waiting.size === 0) return;
  const sender = new Sender(client);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const settle = (partition: number): void => {
    waiting.delete(partition);
    if (waiting.size === 0) resolve();
  };
  const consumer = createGroupConsumer({
    client,
    log,
    group: REPLAY_GROUP,
    topics: [name],
    sessionTimeoutMs: 30_000,
    // What another run works on at the same time is that one's business.
    onAssigned: (_topic, partitions) => {
      for (const partition of waiting.keys()) if (!partitions.includes(partition)) settle(partition);
    },
    onBatch: async (batch) => {
      const end = waiting.get(batch.partition);
      if (end === undefined) return batch.nextOffset;
      const position = await replayBatch(batch, end, options, sender).catch((error: unknown) => {
        reject(error);
        throw error;
      });
      if (position >= end) settle(batch.partition);
      return position;
    },
    onCrash: reject,
  });
  await consumer.start();
  try {
    await promise;
  } finally {
    await consumer.stop();
    await sender.close();
  }
}

/** By partition, the end up to which letters wait; only partitions in which any do. */
async function waitingUntil(client: KafkaClient, name: string): Promise<Map<number, number>> {
  const ends = await topicOffsets(client, name);
  return withAdmin(client, async (admin) => {
    const [found] = await admin.fetchOffsets({
      groupId: client.nameOf(REPLAY_GROUP),
      topics: [client.nameOf(name)],
    });
    const done = new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return new Map(
      ends
        .filter(({ partition, low, high }) => Number(high) > Math.max(Number(low), done.get(partition) ?? 0))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
  });
}

async function replayBatch(
  batch: PartitionBatch,
  end: number,
  { topic, isList, onLetter }: ReplayOptions,
  sender: Sender,
): Promise<number> {
  const records: FetchedRecord[] = [];
  batch.forEachRecord(
    (record) => records.push(record),
    ({ fault }) => {
      throw fault;
    },
  );
  for (const record of records) {
    if (record.offset >= end || !batch.isCurrent()) return record.offset;
    const letter = letterOf(batch.partition, record);
    const isReplayed = !isList && letter.isWhole;
    if (isReplayed) await sender.send(topic.name, [originalOf(record)]);
    onLetter(letter, isList ? 'listed' : isReplayed ? 'replayed' : 'left');
    if (!isList) batch.commit(record.offset + 1);
  }
  return batch.nextOffset;
}

/** What a record of a dead-letter topic says of itself. */
export function letterOf(partition: number, { offset, headers }: FetchedRecord): WaitingLetter {
  const told = new Map(Object.entries(headers));
  const of = (name: string): string => told.get(name) ?? '?';
  const reason = of(DEAD_LETTER_HEADERS.reason);
  const isCut = told.has(DEAD_LETTER_HEADERS.cut) || told.has('dlq-body');
  return {
    partition,
    offset,
    reason,
    detail: of(DEAD_LETTER_HEADERS.detail),
    consumer: of(DEAD_LETTER_HEADERS.consumer),
    origin: `${of(DEAD_LETTER_HEADERS.topic)} ${of(DEAD_LETTER_HEADERS.partition)}/${of(DEAD_LETTER_HEADERS.offset)}`,
    isWhole: !isCut && reason !== 'batch-unreadable',
  };
}

/** As it was before it was refused. */
function originalOf(record: FetchedRecord): Message {
  const headers = record.rawHeaders().filter(([name]) => !name.startsWith(OURS));
  return { key: record.key, value: record.value, headers: writableHeaders(headers) };
}
