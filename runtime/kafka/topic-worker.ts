// The work on one batch of a topic: decode, hand over, retry with pauses, dead letters, position. At least once, in order.
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeEvent, type Event } from '#contracts/envelope.ts';
import { backoffMs } from '../backoff.ts';
import { messageOf, RefusedEvent } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Registry } from '../metrics.ts';
import { inSpan } from '../spans.ts';
import { activeTraceparent, contextOf, traceIdOf } from '../trace.ts';
import { type ConsumerMetrics, consumerMetrics } from './consumer-metrics.ts';
import { type Buried, deadLetterForms, deadLetterTopic, type Refusal } from './dead-letters.ts';
import type { PartitionBatch } from './group-consumer.ts';
import type { FetchedRecord, UnreadableBatch } from './records.ts';
import { faultOf } from './send-faults.ts';
import type { Sender } from './sender.ts';
import type { Subscription } from './subscription.ts';

/** How patiently events are worked. */
export interface WorkOptions {
  /** Consumer group; the platform's prefix is put before it. */
  readonly group: string;
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

/** After this long a batch is left where it stands, so that the other topics get their turn. */
const TURN_MS = 500;

/** Decodes, hands over, retries, buries; knows nothing of groups and connections. */
export class TopicWorker {
  private readonly subscription: Subscription;
  private readonly options: WorkOptions;
  private readonly deadLetters: Sender;
  private readonly metrics: ConsumerMetrics;

  constructor(subscription: Subscription, options: WorkOptions, deadLetters: Sender) {
    this.subscription = subscription;
    this.options = options;
    this.deadLetters = deadLetters;
    this.metrics = consumerMetrics(options.registry, subscription.topic.name, options.group);
  }

  /** Shows these partitions alone. */
  assigned(partitions: readonly number[]): void {
    this.metrics.assigned(partitions);
  }

  /** Shows whether a partition waits while the others go on. */
  held(partition: number, isHeld: boolean): void {
    this.metrics.held(partition, isHeld);
  }

  /** Works records in order. Returns the position behind the last one that was worked. */
  async workBatch(batch: PartitionBatch): Promise<number> {
    const entries: (FetchedRecord | UnreadableBatch)[] = [];
    const add = (entry: FetchedRecord | UnreadableBatch): void => void entries.push(entry);
    batch.forEachRecord(add, add);
    const endOfTurnMs = performance.now() + TURN_MS;
    let position = batch.fetchedOffset;
    for (const entry of entries) {
      const isOver = performance.now() > endOfTurnMs && position > batch.fetchedOffset;
      if (isOver || !batch.isCurrent()) return position;
      if (!(await this.workEntry(batch, entry))) return position;
      position = ('fault' in entry ? entry.lastOffset : entry.offset) + 1;
      this.metrics.lag(batch.partition, batch.endOffset - position);
      batch.commit(position);
    }
    batch.commit(batch.nextOffset);
    return batch.nextOffset;
  }

  /** False when it was left, to be worked again by the member that has the partition then. */
  private async workEntry(batch: PartitionBatch, entry: FetchedRecord | UnreadableBatch): Promise<boolean> {
    if ('fault' in entry) {
      const refusal = { reason: entry.fault.code, detail: entry.fault.message };
      return this.bury(batch, wholeBatch(entry), refusal);
    }
    const decoded = decodeEvent(this.subscription.topic.event, entry);
    const refusal = decoded.ok
      ? await this.attempt(batch, decoded.event)
      : { reason: decoded.fault, detail: decoded.detail };
    if (refusal === 'left') return false;
    const trace = decoded.ok ? traceIdOf(decoded.event.traceparent) : {};
    if (refusal) return this.bury(batch, entry, refusal, trace);
    this.metrics.handled();
    return true;
  }

  /** Hands the event over, again and again. The refusal is of an event that can never be, or that failed as often as it may. */
  private async attempt(batch: PartitionBatch, event: Event<unknown>): Promise<Refusal | 'left' | undefined> {
    const { log, attemptCountMax = 5 } = this.options;
    const { topic, handle } = this.subscription;
    for (let failures = 1; ; failures += 1) {
      try {
        await this.inEventSpan(event, () => handle({ ...event, traceparent: activeTraceparent()! }));
        return undefined;
      } catch (error) {
        if (error instanceof RefusedEvent) return { reason: error.code, detail: error.message };
        const isOutage = this.options.isOutage?.(error) ?? false;
        const facts = { topic: topic.name, eventId: event.id, ...traceIdOf(event.traceparent) };
        log.warn({ ...facts, failures, isOutage, error }, 'event not handled');
        if (!isOutage && failures >= attemptCountMax) {
          return { reason: 'handler-failed', detail: messageOf(error) };
        }
        this.metrics.retried();
        if (!(await this.pause(batch, failures))) return 'left';
      }
    }
  }

  /** What the handler causes continues the trace that brought the event. */
  private inEventSpan(event: Event<unknown>, work: () => Promise<void>): Promise<void> {
    const { name } = this.subscription.topic;
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.destination.name': name,
      'messaging.consumer.group.name': this.options.group,
      'messaging.message.id': event.id,
    };
    const parent = contextOf(event.traceparent);
    return inSpan(`process ${name}`, { kind: 'consumer', parent, attributes }, work);
  }

  /** Without its dead letter a record is not passed over: its partition waits for as long as that cannot be written. */
  private async bury(
    batch: PartitionBatch,
    record: Buried,
    refusal: Refusal,
    trace: { traceId?: string } = {},
  ): Promise<boolean> {
    const { topic } = this.subscription;
    const at = { topic: topic.name, partition: batch.partition, offset: String(record.offset) };
    const forms = deadLetterForms(topic, record, at, { ...refusal, consumer: this.options.group });
    for (let failures = 1, form = 0; ; failures += 1) {
      try {
        await this.deadLetters.send(deadLetterTopic(topic), [forms[form]!()]);
        this.metrics.deadLetter(refusal.reason);
        this.options.log.error({ ...at, ...trace, ...refusal, form }, 'record sent to the dead letters');
        return true;
      } catch (error) {
        const isRefused = faultOf(error).of === 'record';
        this.options.log.error({ ...at, ...trace, failures, form, error }, 'dead letter not written');
        if (isRefused && form < forms.length - 1) {
          form += 1;
          continue;
        }
        this.metrics.retried();
        if (!(await this.pause(batch, failures))) return false;
        // Perhaps it may now be kept whole.
        form = 0;
      }
    }
  }

  /** False when the partition was given up meanwhile. */
  private async pause({ signal }: PartitionBatch, failures: number): Promise<boolean> {
    const { retryDelayMs = 200, retryDelayMsMax = 30_000 } = this.options;
    await sleep(backoffMs(failures - 1, retryDelayMs, retryDelayMsMax), undefined, { signal }).catch(
      () => {},
    );
    return !signal.aborted;
  }
}

/** A batch that cannot be read, as one record: its bytes are all that is known of it. */
const wholeBatch = ({ firstOffset, bytes }: UnreadableBatch): Buried => ({
  offset: firstOffset,
  key: null,
  value: bytes,
  rawHeaders: () => [],
});
