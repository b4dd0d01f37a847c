// Partitions in, batches out, in offset order per partition; the caller owns the position. Group offsets are written only
// so that lag can be seen: correctness never rests on them, nor on seek(), which kafkajs may ignore.
import { messageOf } from './errors.ts';
import type { Consumer, KafkaClient } from './kafka.ts';
import { type BatchMessage, committedBatches, fetchRecordBatches } from './kafka-fetch.ts';
import { forEachRecord, type LogRecord } from './kafka-records.ts';
import type { Logger } from './log.ts';

/** What one fetch brought for one partition. */
export interface PartitionBatch {
  /** Without the platform's prefix. */
  readonly topic: string;
  readonly partition: number;
  /** The offset that the broker was asked for: everything between it and the first record is legally absent. */
  readonly fetchedOffset: number;
  /** The offset behind the last record, markers and removed records included. */
  readonly nextOffset: number;
  /** The partition's end as the broker told it with this fetch. */
  readonly endOffset: number;
  /** Visits the committed records from `fetchedOffset` on. */
  forEachRecord(visit: (record: LogRecord) => void): void;
  /** Keeps the membership while the work is long; throws when the group rebalances. */
  heartbeat(): Promise<void>;
  /** False once the partition is to be given up or read from elsewhere. */
  isCurrent(): boolean;
}

export interface PartitionConsumerOptions {
  readonly client: KafkaClient;
  readonly log: Logger;
  readonly group: string;
  readonly topics: readonly string[];
  /** Most bytes one fetch takes of one partition: bounds a batch, and with it a transaction. */
  readonly partitionBytesMax: number;
  readonly sessionTimeoutMs: number;
  /** How often new partitions are looked for. */
  readonly metadataAgeMsMax: number;
  /** The group gave us these partitions of a topic, and no others, until the next call. Called for each topic. */
  readonly onAssigned: (topic: string, partitions: readonly number[]) => void;
  /** Handles a batch and resolves to the position to read on from. */
  readonly onBatch: (batch: PartitionBatch) => Promise<number>;
  /** The consumer ended for good; the process should too. */
  readonly onCrash: (error: Error) => void;
}

export interface PartitionConsumer {
  start(): Promise<void>;
  /** Reads a partition from this offset on. Ignored while the partition is not assigned. */
  seek(topic: string, partition: number, offset: number): void;
  /** Resolves when the batches at work are done and the group is left. */
  stop(): Promise<void>;
}

/** How many partitions are worked on at a time: the rest is waiting for Postgres, not for the processor. */
const CONCURRENCY = 4;
/** Lag display needs no more than this. */
const OFFSET_COMMIT_EVERY_MS = 1_000;

/** A consumer whose positions live in the caller's store. All members of its group must read the same topics. */
export function createPartitionConsumer(options: PartitionConsumerOptions): PartitionConsumer {
  const { client, log } = options;
  fetchRecordBatches(client.kafka);
  const consumer = client.kafka.consumer({
    groupId: client.nameOf(options.group),
    sessionTimeout: options.sessionTimeoutMs,
    heartbeatInterval: Math.floor(options.sessionTimeoutMs / 6),
    rebalanceTimeout: options.sessionTimeoutMs * 2,
    metadataMaxAge: options.metadataAgeMsMax,
    maxBytesPerPartition: options.partitionBytesMax,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    // kafkajs starts again by itself after what may pass, such as a coordinator that is loading; the rest is a crash.
    retry: { retries: 10 },
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const topic of options.topics) {
      const partitions = payload.memberAssignment[client.nameOf(topic)] ?? [];
      log.info({ topic, partitions }, 'partitions assigned');
      options.onAssigned(topic, partitions);
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) options.onCrash(payload.error);
  });
  return {
    start: async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: options.topics.map(client.nameOf), fromBeginning: true });
      await consumer.run(runConfig(consumer, options));
    },
    seek: (topic, partition, offset) =>
      consumer.seek({ topic: client.nameOf(topic), partition, offset: String(offset) }),
    stop: () => consumer.disconnect(),
  };
}

function runConfig(consumer: Consumer, options: PartitionConsumerOptions): Parameters<Consumer['run']>[0] {
  const showLag = createLagDisplay(consumer, options);
  const topics = new Map(options.topics.map((topic) => [options.client.nameOf(topic), topic]));
  return {
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: CONCURRENCY,
    eachBatch: async ({ batch, heartbeat, isRunning, isStale, resolveOffset }) => {
      const fetched = batch as typeof batch & { fetchedOffset: string };
      const isCurrent = () => isRunning() && !isStale();
      if (!isCurrent()) return;
      const topic = topics.get(batch.topic)!;
      const partitionBatch = toPartitionBatch(topic, fetched, heartbeat, isCurrent);
      const position = await options.onBatch(partitionBatch);
      if (position === partitionBatch.nextOffset) resolveOffset(batch.lastOffset());
      else consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(position) });
      await showLag(batch.topic, batch.partition, position);
    },
  };
}

function toPartitionBatch(
  topic: string,
  batch: {
    partition: number;
    fetchedOffset: string;
    highWatermark: string;
    messages: unknown[];
    lastOffset(): string;
  },
  heartbeat: () => Promise<void>,
  isCurrent: () => boolean,
): PartitionBatch {
  const messages = batch.messages as BatchMessage[];
  const fetchedOffset = Number(batch.fetchedOffset);
  return {
    topic,
    partition: batch.partition,
    fetchedOffset,
    nextOffset: Number(batch.lastOffset()) + 1,
    endOffset: Number(batch.highWatermark),
    forEachRecord: (visit) => {
      for (const recordBatch of committedBatches(messages)) {
        forEachRecord(recordBatch, (record) => {
          // A fetch answers with whole batches, so the first may begin before the offset that was asked for.
          if (record.offset >= fetchedOffset) visit(record);
        });
      }
    },
    heartbeat,
    isCurrent,
  };
}

function createLagDisplay(consumer: Consumer, { log }: PartitionConsumerOptions) {
  const shownAtMs = new Map<string, number>();
  return async (topic: string, partition: number, position: number): Promise<void> => {
    const now = performance.now();
    const place = `${topic}/${partition}`;
    if (now - (shownAtMs.get(place) ?? Number.NEGATIVE_INFINITY) < OFFSET_COMMIT_EVERY_MS) return;
    shownAtMs.set(place, now);
    try {
      await consumer.commitOffsets([{ topic, partition, offset: String(position) }]);
    } catch (error) {
      log.debug(
        { topic, partition, reason: messageOf(error) },
        'group offset not written; only the lag display is behind',
      );
    }
  };
}
