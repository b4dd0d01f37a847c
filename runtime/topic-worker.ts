// The work on one batch of a topic: decode, hand over, retry with pauses, dead letters, commit. At least once, in order.
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent, type Event } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { type ConsumerMetrics, consumerMetrics } from './consumer-metrics.ts';
import { deadLetterOf, publishDeadLetter, type Refusal } from './dead-letters.ts';
import { messageOf } from './errors.ts';
import {
  createProducer,
  type EachBatchPayload,
  type KafkaClient,
  type KafkaMessage,
  type Producer,
} from './kafka.ts';
import type { Logger } from './log.ts';
import type { Registry } from './metrics.ts';

const HEARTBEAT_CHECK_MS = 1_000;
/** What a killed process repeats at most, when its events take long. */
const COMMIT_EVERY_MS = 5_000;

/** What is worked, by whom, and how patiently. */
export interface WorkOptions<Data> {
  readonly client: KafkaClient;
  readonly topic: Topic<Data>;
  /** Consumer group; the platform's prefix is put before it. */
  readonly group: string;
  /** Must be repeatable: the same event may come again (drop repeats by an inbox). */
  readonly handle: (event: Event<Data>) => Promise<void>;
  readonly log: Logger;
  readonly registry: Registry;
  /** Attempts at one event before it is a dead letter. @default 5 */
  readonly attemptCountMax?: number;
  /** Pause after the first failure; doubles with each one. @default 200 */
  readonly retryDelayMs?: number;
  /** @default 30_000 */
  readonly retryDelayMsMax?: number;
  /** True for errors of our surroundings and not of the event (the database is away): retried without end. */
  readonly isOutage?: (error: unknown) => boolean;
}

/** Thrown inside a batch to leave it: the event in hand stays unresolved and comes again. */
class Leaving extends Error {}

/** Decodes, hands over, retries, buries; knows nothing of groups and connections. */
export class TopicWorker<Data> {
  private readonly options: WorkOptions<Data>;
  private readonly deadLetters: Producer;
  private readonly metrics: ConsumerMetrics;

  constructor(options: WorkOptions<Data>) {
    this.options = options;
    this.deadLetters = createProducer(options.client);
    this.metrics = consumerMetrics(options.registry, options.topic.name, options.group);
  }

  connect = (): Promise<void> => this.deadLetters.connect();
  disconnect = (): Promise<void> => this.deadLetters.disconnect();

  /** Works records in order and commits how far it came, however the batch ends. */
  async workBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    let done: KafkaMessage | undefined;
    let committedAtMs = Date.now();
    try {
      for (const message of batch.messages) {
        if (!payload.isRunning() || payload.isStale()) break;
        await whileHeartbeating(payload, () => this.workRecord(payload, message));
        payload.resolveOffset(message.offset);
        done = message;
        this.metrics.lag(batch.partition, BigInt(batch.highWatermark) - BigInt(message.offset) - 1n);
        await payload.heartbeat();
        if (Date.now() - committedAtMs < COMMIT_EVERY_MS) continue;
        await commitNext(payload, message.offset);
        committedAtMs = Date.now();
      }
    } catch (error) {
      if (!(error instanceof Leaving)) throw error;
    } finally {
      if (done) await commitNext(payload, done.offset);
    }
  }

  private async workRecord(payload: EachBatchPayload, message: KafkaMessage): Promise<void> {
    const decoded = decodeEvent(this.options.topic.event, {
      value: message.value,
      headers: singleHeaders(message.headers),
    });
    const refusal = decoded.ok
      ? await this.attempt(payload, decoded.event)
      : { reason: decoded.fault, detail: decoded.detail };
    if (!refusal) return this.metrics.handled();
    const at = { partition: payload.batch.partition, offset: message.offset };
    const { client, topic, log } = this.options;
    await publishDeadLetter(client, this.deadLetters, topic, deadLetterOf(topic, message, at, refusal));
    this.metrics.deadLetter(refusal.reason);
    log.error({ topic: topic.name, ...at, ...refusal }, 'record sent to the dead letters');
  }

  /** The refusal of an event that failed as often as it may. */
  private async attempt(payload: EachBatchPayload, event: Event<Data>): Promise<Refusal | undefined> {
    for (let failures = 1; ; ) {
      try {
        await this.options.handle(event);
        return undefined;
      } catch (error) {
        const isOutage = this.options.isOutage?.(error) ?? false;
        this.options.log.warn({ eventId: event.id, failures, isOutage, error }, 'event not handled');
        if (!isOutage && failures >= (this.options.attemptCountMax ?? 5)) {
          return { reason: 'handler-failed', detail: messageOf(error) };
        }
        this.metrics.retried();
        await pause(payload, this.delayMs(failures));
        failures += 1;
      }
    }
  }

  /** Doubles up to the maximum; the upper half is drawn by lot, so that processes do not return in step. */
  private delayMs(failures: number): number {
    const { retryDelayMs = 200, retryDelayMsMax = 30_000 } = this.options;
    const ceiling = Math.min(retryDelayMsMax, retryDelayMs * 2 ** Math.min(failures - 1, 30));
    return ceiling * (0.5 + Math.random() / 2);
  }
}

/** Sleeps in slices: a rebalance (heartbeat throws) or a stop ends the waiting. */
async function pause(payload: EachBatchPayload, delayMs: number): Promise<void> {
  for (let leftMs = delayMs; leftMs > 0; leftMs -= HEARTBEAT_CHECK_MS) {
    if (!payload.isRunning() || payload.isStale()) throw new Leaving();
    await sleep(Math.min(leftMs, HEARTBEAT_CHECK_MS));
    await payload.heartbeat();
  }
}

/** kafkajs beats only between records: a slow handler needs a clock of its own. The client drops beats that are early. */
async function whileHeartbeating(payload: EachBatchPayload, work: () => Promise<void>): Promise<void> {
  // A failed beat is left to the next one that the batch awaits, where it can end the batch.
  const clock = setInterval(() => void payload.heartbeat().catch(() => {}), HEARTBEAT_CHECK_MS);
  try {
    await work();
  } finally {
    clearInterval(clock);
  }
}

/**
 * Commits the offset after the given one. Through the batch and not `consumer.commitOffsets`, which does nothing once
 * the consumer is stopping and retries for minutes when the group has moved on.
 */
async function commitNext(payload: EachBatchPayload, offset: string): Promise<void> {
  const next = String(BigInt(offset) + 1n);
  const { topic, partition } = payload.batch;
  await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });
}

/** Of a header that was written twice the last one counts. */
function singleHeaders(headers: KafkaMessage['headers']): Record<string, Buffer | string | undefined> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  );
}
