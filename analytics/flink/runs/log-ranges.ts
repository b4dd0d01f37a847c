// Ranges of a topic's partitions read once, in order, by a group of its own that is deleted afterwards.
import { randomUUID } from 'node:crypto';
import { AppError } from '#runtime/errors.ts';
import { type KafkaClient, withAdmin } from '#runtime/kafka/client.ts';
import { createGroupConsumer, type PartitionBatch } from '#runtime/kafka/group-consumer.ts';
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
  /** Called with each batch; it may include records below the range's start. */
  readonly onBatch: (part: number, batch: RecordSource) => void;
  /** Longest wait for the next batch. @default 60 s */
  readonly silenceMsMax?: number;
}

const SESSION_MS = 30_000;
const BATCH_BYTES_MAX = 2_097_152;
const LOOK_EVERY_MS = 1_000;

/** How far the reading is. */
class Reading {
  readonly done = Promise.withResolvers<void>();
  movedAtMs = performance.now();
  private readonly onBatch: RangesOptions['onBatch'];
  private readonly places: ReadonlyMap<number, { at: number; readonly to: number }>;

  constructor({ ranges, onBatch }: RangesOptions) {
    this.onBatch = onBatch;
    this.places = new Map(
      ranges
        .filter(({ fromOffset, toOffset }) => fromOffset < toOffset)
        .map(({ part, fromOffset, toOffset }) => [part, { at: fromOffset, to: toOffset }]),
    );
    if (this.places.size === 0) this.done.resolve();
  }

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  positionOf(part: number): number | undefined {
    return this.places.get(part)?.at;
  }

  /** Resolves with the offset to read on from. */
  async take(batch: PartitionBatch): Promise<number> {
    const place = this.places.get(batch.partition);
    // Held, so that it is not fetched any further.
    if (!place || place.at >= place.to) {
      await this.done.promise.catch(() => {});
      return batch.nextOffset;
    }
    if (batch.fetchedOffset > place.at || batch.nextOffset <= place.at) return place.at;
    this.onBatch(batch.partition, upTo(batch, place.to));
    place.at = batch.nextOffset;
    this.movedAtMs = performance.now();
    if ([...this.places.values()].every(({ at, to }) => at >= to)) this.done.resolve();
    return batch.nextOffset;
  }
}

/** @throws AppError `log-stalled` when the broker sends nothing more. */
export async function readRanges(options: RangesOptions): Promise<void> {
  const reading = new Reading(options);
  if (reading.isEmpty) return;
  const { client, topic, log, silenceMsMax = 60_000 } = options;
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
        const position = reading.positionOf(part);
        if (position !== undefined) consumer.seek(topic, part, position);
      }
    },
    onBatch: (batch) => reading.take(batch),
    onCrash: reading.done.reject,
  });
  const watch = setInterval(() => {
    if (performance.now() - reading.movedAtMs > silenceMsMax)
      reading.done.reject(
        new AppError('log-stalled', `${topic}: the broker sent nothing for ${silenceMsMax} ms`),
      );
  }, LOOK_EVERY_MS);
  try {
    await consumer.start();
    await reading.done.promise;
  } finally {
    clearInterval(watch);
    reading.done.resolve();
    await consumer.stop();
    // A group that the broker has deleted already needs no deleting.
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
