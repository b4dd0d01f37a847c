// Topics in, batches out, in offset order per partition: one member of a group for all topics that a process reads. A partition
// whose batch takes long, fails, or that the broker refuses pauses alone; the others go on. Group offsets are written behind the
// work, so a batch may come again: correctness never rests on them, nor on seek(), which kafkajs may ignore.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from './backoff.ts';
import { GroupCommits } from './group-commits.ts';
import type { EachBatchPayload, KafkaClient } from './kafka.ts';
import { ASSIGNERS } from './kafka-assigner.ts';
import { createBatchConsumer } from './kafka-fetch.ts';
import { type BatchMessage, committedBatches, type PartitionFault } from './kafka-fetch-response.ts';
import { type FetchedRecord, forEachRecord, type UnreadableBatch } from './kafka-records.ts';
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
  /** Visits the committed records from `fetchedOffset` on, and in their place batches that cannot be read. */
  forEachRecord(
    visit: (record: FetchedRecord) => void,
    visitUnreadable: (batch: UnreadableBatch) => void,
  ): void;
  /** Aborted when the partition may be another member's from now on, or this member stops. */
  readonly signal: AbortSignal;
  /** False once the partition is to be given up or read from elsewhere. */
  isCurrent(): boolean;
  /** Has the group's offset written, soon and not awaited: the next member begins there. */
  commit(position: number): void;
}

export interface GroupConsumerOptions {
  readonly client: KafkaClient;
  readonly log: Logger;
  readonly group: string;
  readonly topics: readonly string[];
  /** Most bytes one fetch takes of one partition: bounds a batch, and with it a transaction. @default 256 KiB */
  readonly partitionBytesMax?: number;
  /** How long the group waits for a sign of life before it gives our partitions away. */
  readonly sessionTimeoutMs: number;
  /** How often new partitions are looked for. @default 5 minutes */
  readonly metadataAgeMsMax?: number;
  /** Shortest time between two writes of the group's offsets. @default 200 */
  readonly commitIntervalMs?: number;
  /** The group gave us these partitions of a topic, and no others, until the next call. Called for each topic. */
  readonly onAssigned?: (topic: string, partitions: readonly number[]) => void;
  /** Handles a batch and resolves to the position to read on from. What it throws is logged, and the batch comes again. */
  readonly onBatch: (batch: PartitionBatch) => Promise<number>;
  /** Longest that a partition may be held before `trouble` names it. @default a minute */
  readonly heldMsMax?: number;
  /** Told when a partition begins to hold (`true`) and when it goes on. */
  readonly onHold?: (topic: string, partition: number, isHeld: boolean) => void;
  /** The consumer ended for good; the process should too. */
  readonly onCrash: (error: Error) => void;
}

export interface GroupConsumer {
  start(): Promise<void>;
  /** Reads a partition from this offset on. Ignored while the partition is not assigned. */
  seek(topic: string, partition: number, offset: number): void;
  /** Why it does not advance, as a sentence; undefined while it does. */
  trouble(): string | undefined;
  /** Resolves when the batches at work are done, their offsets written, and the group is left. */
  stop(): Promise<void>;
}

/** How many partitions are worked on at a time: the rest is waiting for Postgres, not for the processor. */
const CONCURRENCY = 4;
/** A batch that takes longer no longer keeps the other partitions waiting. */
const PATIENCE_MS = 1_000;
/**
 * More than the partitions of a member bring together. A broker fills its answer in the order of the request: under a limit
 * that is reached, the partitions at the end would get nothing while those before them are behind.
 */
const FETCH_BYTES_MAX = 64 * 1024 * 1024;
/** A partition that waits for longer than this is no passing trouble. */
const HELD_MS_MAX = 60_000;
/** Longest wait of a fetch for news. The broker answers at once when there is some, so this delays no event. */
const FETCH_WAIT_MS_MAX = 5_000;

/**
 * How often a member shows that it lives, in ms. kafkajs does so between fetches only, so a fetch waits no longer than this
 * for news; a sixth of the session leaves room for lost ones.
 */
export const heartbeatMs = (sessionTimeoutMs: number): number =>
  Math.min(FETCH_WAIT_MS_MAX, Math.floor(sessionTimeoutMs / 6));

/** Makes a member; it joins when started. */
export const createGroupConsumer = (options: GroupConsumerOptions): GroupConsumer => new Member(options);

class Member implements GroupConsumer {
  private readonly options: GroupConsumerOptions;
  private readonly batches: ReturnType<typeof createBatchConsumer>;
  private readonly commits: GroupCommits;
  /** Names without the platform's prefix. */
  private readonly topics: ReadonlyMap<string, string>;
  private assigned: Readonly<Record<string, readonly number[]>> = {};
  /** Ends with the assignment. */
  private membership = new AbortController();
  private readonly working = new Map<string, Promise<void>>();
  /** Since when, by the clock of this process. */
  private readonly held = new Map<string, number>();
  /** When the broker last said that we are a member. */
  private memberAtMs = performance.now();
  private readonly failures = new Map<string, number>();
  private drained: Promise<void> | undefined;

  constructor(options: GroupConsumerOptions) {
    this.options = options;
    const { client, sessionTimeoutMs, log, commitIntervalMs = 200 } = options;
    this.topics = new Map(options.topics.map((topic) => [client.nameOf(topic), topic]));
    this.commits = new GroupCommits({ intervalMs: commitIntervalMs, isOurs: this.isAssigned, log });
    this.batches = createBatchConsumer(
      client.kafka,
      {
        groupId: client.nameOf(options.group),
        partitionAssigners: ASSIGNERS,
        sessionTimeout: sessionTimeoutMs,
        heartbeatInterval: heartbeatMs(sessionTimeoutMs),
        rebalanceTimeout: sessionTimeoutMs * 2,
        maxWaitTimeInMs: heartbeatMs(sessionTimeoutMs),
        metadataMaxAge: options.metadataAgeMsMax ?? 300_000,
        maxBytesPerPartition: options.partitionBytesMax ?? 262_144,
        maxBytes: FETCH_BYTES_MAX,
        allowAutoTopicCreation: false,
        readUncommitted: false,
        // kafkajs starts again by itself after what may pass, such as a coordinator that is loading; the rest is a crash.
        retry: { retries: 10 },
      },
      (fault) => void this.sitOut(fault),
    );
    const { consumer } = this.batches;
    consumer.on(consumer.events.REBALANCING, () => this.membership.abort());
    consumer.on(consumer.events.HEARTBEAT, () => {
      this.memberAtMs = performance.now();
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.join(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) options.onCrash(payload.error);
    });
  }

  async start(): Promise<void> {
    const { consumer } = this.batches;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics.keys()], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: (payload) => this.take(payload),
    });
  }

  seek(topic: string, partition: number, offset: number): void {
    this.seekTo(this.options.client.nameOf(topic), partition, offset);
  }

  trouble(): string | undefined {
    const now = performance.now();
    const silentMs = now - this.memberAtMs;
    // Without a beat for a whole session the group has given our partitions away.
    if (silentMs > this.options.sessionTimeoutMs) {
      return `no answer from the broker for ${Math.round(silentMs / 1_000)} s`;
    }
    const [longest] = [...this.held].toSorted(([, a], [, b]) => a - b);
    if (!longest || now - longest[1] < (this.options.heldMsMax ?? HELD_MS_MAX)) return undefined;
    return `${longest[0].slice(this.options.client.nameOf('').length)} has been held for ${Math.round((now - longest[1]) / 1_000)} s`;
  }

  async stop(): Promise<void> {
    this.drained ??= this.drain();
    await this.drained;
    this.batches.endWaiting();
    await this.batches.consumer.disconnect();
  }

  private async drain(): Promise<void> {
    this.membership.abort();
    await Promise.all(this.working.values());
    await this.commits.flush();
  }

  private join(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.membership.abort();
    this.membership = new AbortController();
    this.memberAtMs = performance.now();
    // It was told to stop while it joined.
    if (this.drained) this.membership.abort();
    this.assigned = assignment;
    for (const [name, topic] of this.topics) {
      const partitions = assignment[name] ?? [];
      this.options.log.info({ topic, partitions }, 'partitions assigned');
      this.options.onAssigned?.(topic, partitions);
    }
  }

  private readonly isAssigned = (name: string, partition: number): boolean =>
    this.assigned[name]?.includes(partition) ?? false;

  private seekTo(name: string, partition: number, offset: number): void {
    this.batches.consumer.seek({ topic: name, partition, offset: String(offset) });
  }

  /** Works a batch, for as long as the others can wait; if it takes longer its partition is held until it is done. */
  private async take(payload: EachBatchPayload): Promise<void> {
    // Nothing new is begun; asking again and again would only keep the processor busy.
    if (this.drained) {
      await this.drained;
      return;
    }
    const { batch } = payload;
    if (!payload.isRunning() || payload.isStale()) return;
    const place = placeOf(batch.topic, batch.partition);
    // Fetched before the partition was held, or by an earlier membership that still works on it.
    if (this.working.has(place)) return this.hold(batch.topic, batch.partition);
    this.commits.through(payload.commitOffsetsIfNecessary);
    const work = this.work(payload, place).finally(() => this.working.delete(place));
    this.working.set(place, work);
    const patience = new AbortController();
    const { signal } = patience;
    await Promise.race([work, sleep(PATIENCE_MS, undefined, { signal }).catch(() => {})]);
    patience.abort();
    if (this.working.get(place) === work) this.hold(batch.topic, batch.partition);
  }

  private async work(payload: EachBatchPayload, place: string): Promise<void> {
    const { signal } = this.membership;
    const batch = this.toPartitionBatch(payload, signal);
    const { topic, partition } = payload.batch;
    const position = await this.handle(batch, place);
    if (position === batch.nextOffset && batch.isCurrent()) payload.resolveOffset(payload.batch.lastOffset());
    // A new membership begins at the group's offset, and a position that somebody else has called for meanwhile counts.
    else if (batch.isCurrent()) this.seekTo(topic, partition, position);
    this.release(topic, partition);
  }

  /** The position to go on from. */
  private async handle(batch: PartitionBatch, place: string): Promise<number> {
    try {
      const position = await this.options.onBatch(batch);
      this.failures.delete(place);
      return position;
    } catch (error) {
      const { topic, partition, fetchedOffset } = batch;
      this.options.log.error(
        { topic, partition, fetchedOffset, error },
        'batch not handled; its partition waits and is tried again, the others go on',
      );
      await this.waitAfterFailure(place, batch.signal);
      return fetchedOffset;
    }
  }

  private async waitAfterFailure(place: string, signal: AbortSignal): Promise<void> {
    const failures = this.failures.get(place) ?? 0;
    this.failures.set(place, failures + 1);
    await sleep(backoffMs(failures), undefined, { signal }).catch(() => {});
  }

  /** A partition that the broker refuses: it is left out for a while, so that the others are served. */
  private async sitOut({ topic, partition, errorCode }: PartitionFault): Promise<void> {
    const place = placeOf(topic, partition);
    if (this.held.has(place)) return;
    this.options.log.error(
      { topic: this.topics.get(topic), partition, errorCode },
      'the broker refuses a partition; it waits and is tried again, the others go on',
    );
    this.hold(topic, partition);
    await this.waitAfterFailure(place, this.membership.signal);
    this.release(topic, partition);
  }

  private hold(name: string, partition: number): void {
    const place = placeOf(name, partition);
    if (this.held.has(place)) return;
    this.held.set(place, performance.now());
    this.batches.consumer.pause([{ topic: name, partitions: [partition] }]);
    this.options.onHold?.(this.topics.get(name)!, partition, true);
  }

  private release(name: string, partition: number): void {
    if (!this.held.delete(placeOf(name, partition))) return;
    this.batches.consumer.resume([{ topic: name, partitions: [partition] }]);
    this.options.onHold?.(this.topics.get(name)!, partition, false);
  }

  private toPartitionBatch(payload: EachBatchPayload, signal: AbortSignal): PartitionBatch {
    const batch = payload.batch as typeof payload.batch & { fetchedOffset: string };
    const fetchedOffset = Number(batch.fetchedOffset);
    return {
      topic: this.topics.get(batch.topic)!,
      partition: batch.partition,
      fetchedOffset,
      nextOffset: Number(batch.lastOffset()) + 1,
      endOffset: Number(batch.highWatermark),
      forEachRecord: (visit, visitUnreadable) => {
        const messages = batch.messages as unknown as BatchMessage[];
        visitRecords(messages, fetchedOffset, visit, visitUnreadable);
      },
      signal,
      isCurrent: () => !signal.aborted && payload.isRunning() && !payload.isStale(),
      commit: (position) => {
        if (this.isAssigned(batch.topic, batch.partition))
          this.commits.add(batch.topic, batch.partition, position);
      },
    };
  }
}

const placeOf = (name: string, partition: number): string => `${name}/${partition}`;

function visitRecords(
  messages: readonly BatchMessage[],
  fetchedOffset: number,
  visit: (record: FetchedRecord) => void,
  visitUnreadable: (batch: UnreadableBatch) => void,
): void {
  for (const batch of committedBatches(messages)) {
    if ('fault' in batch) {
      visitUnreadable(batch);
      continue;
    }
    forEachRecord(batch, (record) => {
      // A fetch answers with whole batches, so the first may begin before the offset that was asked for.
      if (record.offset >= fetchedOffset) visit(record);
    });
  }
}
