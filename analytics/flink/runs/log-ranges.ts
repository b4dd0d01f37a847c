// Ranges of a topic's partitions read once, in order, by a group of its own that is deleted afterwards.
import { randomUUID } from 'node:crypto';
import { AppError } from '#runtime/errors.ts';
import { createGroupConsumer, type PartitionBatch } from '#runtime/group-consumer.ts';
import { type KafkaClient, withAdmin } from '#runtime/kafka.ts';
import type { Logger } from '#runtime/log.ts';
import type { RecordSource } from '../../fold.ts';

export interface LogRange {
  readonly part: number;
  readonly fromOffset: number;
  /** The first offset that is not read. */
  readonly toOffset: number;
}

export interface RangesOptions {
  readonly client: KafkaClient;
  /** Without the platform's prefix. */
  readonly topic: string;
  readonly ranges: readonly LogRange[];
  readonly log: Logger;
  /** Told of each batch; records below the range's start may be among it. */
  readonly onBatch: (part: number, batch: RecordSource) => void;
  /** Longest wait for the next batch. @default 60 s */
  readonly silenceMsMax?: number;
}

const SESSION_MS = 30_000;
const BATCH_BYTES_MAX = 2_097_152;
const LOOK_EVERY_MS = 1_000;

/** @throws AppError `log-stalled` when the broker sends nothing more. */
export async function readRanges(options: RangesOptions): Promise<void> {
  const positions = new Map(
    options.ranges
      .filter(({ fromOffset, toOffset }) => fromOffset < toOffset)
      .map((range) => [range.part, { at: range.fromOffset, to: range.toOffset }]),
  );
  if (positions.size === 0) return;
  const { client, topic, log, onBatch, silenceMsMax = 60_000 } = options;
  const done = Promise.withResolvers<void>();
  let movedAtMs = performance.now();
  const take = async (batch: PartitionBatch): Promise<number> => {
    const place = positions.get(batch.partition);
    // Held, so that it is not fetched any further.
    if (!place || place.at >= place.to) {
      await done.promise.catch(() => {});
      return batch.nextOffset;
    }
    if (batch.fetchedOffset > place.at || batch.nextOffset <= place.at) return place.at;
    onBatch(batch.partition, upTo(batch, place.to));
    place.at = batch.nextOffset;
    movedAtMs = performance.now();
    if ([...positions.values()].every(({ at, to }) => at >= to)) done.resolve();
    return batch.nextOffset;
  };
  const group = `engine-${randomUUID()}`;
  const consumer = createGroupConsumer({
    client,
    log,
    group,
    topics: [topic],
    partitionBytesMax: BATCH_BYTES_MAX,
    sessionTimeoutMs: SESSION_MS,
    onAssigned: (_, partitions) => {
      for (const part of partitions) {
        const place = positions.get(part);
        if (place) consumer.seek(topic, part, place.at);
      }
    },
    onBatch: take,
    onCrash: done.reject,
  });
  const watch = setInterval(() => {
    if (performance.now() - movedAtMs > silenceMsMax)
      done.reject(new AppError('log-stalled', `${topic}: the broker sent nothing for ${silenceMsMax} ms`));
  }, LOOK_EVERY_MS);
  try {
    await consumer.start();
    await done.promise;
  } finally {
    clearInterval(watch);
    done.resolve();
    await consumer.stop();
    // A group that the broker has forgotten already needs no deleting.
    await withAdmin(client, (admin) => admin.deleteGroups([client.nameOf(group)])).catch(() => {});
  }
}

const upTo = (batch: PartitionBatch, toOffset: number): RecordSource => ({
  nextOffset: Math.min(batch.nextOffset, toOffset),
  forEachRecord: (visit, visitUnreadable) =>
    batch.forEachRecord(
      (record) => {
        if (record.offset < toOffset) visit(record);
      },
      (unreadable) => {
        if (unreadable.firstOffset < toOffset) visitUnreadable(unreadable);
      },
    ),
});
