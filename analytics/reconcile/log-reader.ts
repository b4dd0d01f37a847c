// A topic read from its beginning up to given offsets, by the stock client and its own decoding: read_committed, a group of
// its own that is deleted afterwards. Reading on later continues where it stopped. One batch per partition in memory.
import { randomUUID } from 'node:crypto';
import { AppError, messageOf } from '#runtime/errors.ts';
import {
  type Consumer,
  type EachBatchPayload,
  type KafkaClient,
  type KafkaMessage,
  topicOffsets,
  withAdmin,
} from '#runtime/kafka/client.ts';

/** Where a partition begins and ends for a reader of committed records. */
export interface LogEnds {
  readonly part: number;
  readonly earliest: number;
  readonly end: number;
}

/** Takes each record, in the order of its partition. */
export type OnRecord = (part: number, message: KafkaMessage) => void;

const SILENCE_MS_MAX = 60_000;

/** The ends of every partition, as the broker tells them now. */
export async function logEnds(client: KafkaClient, topic: string): Promise<LogEnds[]> {
  const offsets = await topicOffsets(client, topic);
  return offsets
    .map(({ partition, low, high }) => ({ part: partition, earliest: Number(low), end: Number(high) }))
    .toSorted((a, b) => a.part - b.part);
}

export class LogReader {
  private readonly client: KafkaClient;
  private readonly topic: string;
  private readonly onRecord: OnRecord;
  private readonly groupId: string;
  private readonly consumer: Consumer;
  /** The next offset of each partition that will be taken. */
  private readonly positions = new Map<number, number>();
  private targets = new Map<number, number>();
  private isRunning = false;
  private lastMoveMs = 0;
  private crash: Error | undefined;

  constructor(client: KafkaClient, topic: string, onRecord: OnRecord) {
    this.client = client;
    this.topic = client.nameOf(topic);
    this.onRecord = onRecord;
    this.groupId = client.nameOf(`reconcile-${randomUUID()}`);
    this.consumer = client.kafka.consumer({
      groupId: this.groupId,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      maxBytesPerPartition: 1_048_576,
      maxWaitTimeInMs: 500,
      metadataMaxAge: 10_000,
      // The reader gives up itself, and says why.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
  }

  /** Nothing below this offset is there to be read, or is to be. */
  startAt(part: number, offset: number): void {
    if (offset > this.positionOf(part)) this.positions.set(part, offset);
  }

  /**
   * Reads every partition up to, and without, its target. A target at or below the position reads nothing.
   * @throws AppError `log-stalled` when the broker sends nothing more.
   */
  async readTo(targets: ReadonlyMap<number, number>, onProgress?: (left: number) => void): Promise<void> {
    this.targets = new Map(targets);
    if (this.left() === 0) return;
    this.lastMoveMs = performance.now();
    if (this.isRunning) this.resume();
    else await this.start();
    let reportedMs = performance.now();
    while (this.left() > 0) {
      if (this.crash) throw new AppError('log-unreadable', messageOf(this.crash), {}, this.crash);
      if (performance.now() - this.lastMoveMs > SILENCE_MS_MAX)
        throw new AppError(
          'log-stalled',
          `${this.topic}: no record for ${SILENCE_MS_MAX} ms, ${this.left()} are left`,
        );
      if (performance.now() - reportedMs > 2_000) {
        reportedMs = performance.now();
        onProgress?.(this.left());
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    if (!this.isRunning) return;
    await this.consumer.disconnect();
    // A group that the broker has deleted already needs no deleting.
    await withAdmin(this.client, (admin) => admin.deleteGroups([this.groupId])).catch(() => {});
  }

  /** Offsets that are still to be read. */
  private left(): number {
    let left = 0;
    for (const [part, target] of this.targets) left += Math.max(0, target - this.positionOf(part));
    return left;
  }

  private positionOf(part: number): number {
    return this.positions.get(part) ?? 0;
  }

  private async start(): Promise<void> {
    this.isRunning = true;
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => {
      this.crash = payload.error;
    });
    // Batches of only markers and aborted records reach no handler, yet they move the position.
    this.consumer.on(this.consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.moveTo(payload.partition, Number(payload.lastOffset) + 1);
    });
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [this.topic], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => this.take(payload),
    });
  }

  /** Takes what is below the target; a partition that has reached it pauses until there is another target. */
  private async take({ batch, pause, heartbeat, isStale }: EachBatchPayload): Promise<void> {
    const { partition, messages } = batch;
    const target = this.targets.get(partition) ?? 0;
    for (const message of messages) {
      // A seek happened while the heartbeat was in progress: the rest comes again.
      if (isStale()) return;
      const offset = Number(message.offset);
      if (offset < this.positionOf(partition)) continue;
      if (offset >= target) break;
      this.onRecord(partition, message);
      this.positions.set(partition, offset + 1);
      if (offset % 5_000 === 0) await heartbeat();
    }
    this.lastMoveMs = performance.now();
    if (Number(batch.lastOffset()) + 1 >= target) {
      this.moveTo(partition, target);
      pause();
    }
  }

  private moveTo(part: number, position: number): void {
    const target = this.targets.get(part) ?? 0;
    const next = Math.min(position, target);
    if (next <= this.positionOf(part)) return;
    this.positions.set(part, next);
    this.lastMoveMs = performance.now();
  }

  private resume(): void {
    const { topic } = this;
    for (const [part, target] of this.targets) {
      if (target <= this.positionOf(part)) continue;
      // What lay behind the former target was fetched and left: the client must fetch it again.
      this.consumer.seek({ topic, partition: part, offset: String(this.positionOf(part)) });
      this.consumer.resume([{ topic, partitions: [part] }]);
    }
  }
}
