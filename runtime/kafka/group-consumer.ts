// Topics in, batches out, in offset order per partition: one member of a group for all topics that a process reads. A partition
// whose batch takes long, fails, or that the broker refuses waits alone; the others go on. Group offsets are written behind the
// work, so a batch may come again: correctness never rests on them, nor on seek(), which kafkajs may ignore.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { isDoneWithin } from '../deadline.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { ASSIGNERS } from './assigner.ts';
import type { EachBatchPayload, KafkaClient } from './client.ts';
import { type BatchMessage, createBatchConsumer, type PartitionFault, visitRecords } from './fetch.ts';
import { GroupCommits } from './group-commits.ts';
import { Lane } from './group-lane.ts';
import type { FetchedRecord, UnreadableBatch } from './records.ts';

/** What one fetch brought for one partition. */
export interface PartitionBatch {
  /** Without the platform's prefix. */
  readonly topic: string;
  readonly partition: number;
  /** The offset that the broker was asked for: everything between it and the first record is legally absent. */
  readonly fetchedOffset: number;
  /** The offset behind the last record, markers and removed records included. */
  readonly nextOffset: number;
  /** The partition's end as the broker gave it with this fetch. */
  readonly endOffset: number;
  /** Visits the committed records from `fetchedOffset` on, and in their place batches that cannot be read. */
  forEachRecord(
    visit: (record: FetchedRecord) => void,
    visitUnreadable: (batch: UnreadableBatch) => void,
  ): void;
  /** Aborted when the partition may be another member's from now on, or this member stops. */
  readonly signal: AbortSignal;
  /** False once the partition must be given up, or read from another offset. */
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
  /**
   * Handles a batch and resolves to the position to go on from: one within the batch brings the rest of it, any other reads the
   * partition from there. What it throws is logged, and the batch comes again. The next batch is fetched meanwhile.
   */
  readonly onBatch: (batch: PartitionBatch) => Promise<number>;
  /** Longest that a partition may be held before `trouble` names it. @default a minute */
  readonly heldMsMax?: number;
  /** Called when a partition begins to hold (`true`) and when it continues. */
  readonly onHold?: (topic: string, partition: number, isHeld: boolean) => void;
  /**
   * For work with an end, such as a replay: called when kafkajs has given up, and the consumer stays ended.
   * @default it starts again, after pauses that grow; `trouble` says why it ended
   */
  readonly onCrash?: (error: Error) => void;
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
/** A batch that takes longer no longer counts as one of those. */
const PATIENCE_MS = 1_000;
/**
 * More than the partitions of a member bring together. A broker fills its answer in the order of the request: under a limit
 * that is reached, the partitions at the end would get nothing while those before them are behind.
 */
const FETCH_BYTES_MAX = 64 * 1024 * 1024;
/**
 * Longest that the next fetch waits for the work on what the last one brought. Fetching at once would take the processor from that
 * work, and would bring one record at a time where a moment later it brings several.
 */
const FETCH_AHEAD_AFTER_MS = 20;
/** More than the partitions of a member. */
const LANES_MAX = 256;
/** Shortest wait of a fetch while a partition is paused. */
const PAUSED_WAIT_MS_MIN = 10;
/** A partition that waits for longer than this is no passing trouble. */
const HELD_MS_MAX = 60_000;
/** Pauses before it starts again, at first and at most. */
const RESTART_MS_MIN = 500;
const RESTART_MS_MAX = 30_000;
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
  /** By place, such as `topic/0`. */
  private readonly lanes = new Map<string, Lane<PartitionBatch>>();
  /** Batches at work that others wait for. */
  private readonly turns = new Set<Promise<void>>();
  /** When the broker last said that we are a member. */
  private memberAtMs = performance.now();
  private drained: Promise<void> | undefined;
  /** How often it has ended since it was last a member, and why the last time. */
  private crashes = { count: 0, reason: '' };
  private readonly ending = new AbortController();

  constructor(options: GroupConsumerOptions) {
    this.options = options;
    const { client, sessionTimeoutMs, log, commitIntervalMs = 200 } = options;
    this.topics = new Map(options.topics.map((topic) => [client.nameOf(topic), topic]));
    this.commits = new GroupCommits({ intervalMs: commitIntervalMs, isOurs: this.isAssigned, log });
    const longestWaitMs = heartbeatMs(sessionTimeoutMs);
    this.batches = createBatchConsumer(client.kafka, {
      config: {
        groupId: client.nameOf(options.group),
        partitionAssigners: ASSIGNERS,
        sessionTimeout: sessionTimeoutMs,
        heartbeatInterval: longestWaitMs,
        rebalanceTimeout: sessionTimeoutMs * 2,
        metadataMaxAge: options.metadataAgeMsMax ?? 300_000,
        maxBytesPerPartition: options.partitionBytesMax ?? 262_144,
        maxBytes: FETCH_BYTES_MAX,
        allowAutoTopicCreation: false,
        readUncommitted: false,
        // kafkajs itself starts again after a fault that it knows to pass, such as a coordinator that is loading; any other is a crash.
        retry: { retries: 10 },
      },
      waitMs: () => this.waitMs(longestWaitMs),
      onFault: (fault) => this.sitOut(fault),
    });
    const { consumer } = this.batches;
    consumer.on(consumer.events.REBALANCING, () => this.endMembership());
    consumer.on(consumer.events.HEARTBEAT, () => {
      this.memberAtMs = performance.now();
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.join(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.endMembership();
      if (!payload.restart) this.afterCrash(payload.error);
    });
  }

  async start(): Promise<void> {
    const { consumer } = this.batches;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics.keys()], fromBeginning: true });
    await this.run();
  }

  seek(topic: string, partition: number, offset: number): void {
    this.seekTo(this.options.client.nameOf(topic), partition, offset);
  }

  trouble(): string | undefined {
    const silentMs = performance.now() - this.memberAtMs;
    // Without a beat for a whole session the group has given our partitions away.
    if (silentMs > this.options.sessionTimeoutMs) {
      const silence = `no answer from the broker for ${Math.round(silentMs / 1_000)} s`;
      return this.crashes.count === 0 ? silence : `${silence}: ${this.crashes.reason}`;
    }
    const { heldMsMax = HELD_MS_MAX, client } = this.options;
    for (const [place, { heldSince }] of this.lanes) {
      const heldMs = heldSince === undefined ? 0 : performance.now() - heldSince;
      if (heldMs >= heldMsMax)
        return `${place.slice(client.nameOf('').length)} has been held for ${Math.round(heldMs / 1_000)} s`;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    this.drained ??= this.drain();
    await this.drained;
    this.batches.endWaiting();
    this.ending.abort();
    await this.batches.consumer.disconnect();
  }

  private run(): Promise<void> {
    return this.batches.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Each batch is handed to its lane at once; `inTurn` limits how many are at work.
      partitionsConsumedConcurrently: LANES_MAX,
      eachBatch: (payload) => this.take(payload),
    });
  }

  /**
   * kafkajs gives up after some faults that pass, such as a broker that stops while it is asked for the group's coordinator. If the
   * process ended then, customers would get no answers either, and every service meets such a fault at the same moment.
   */
  private afterCrash(error: Error): void {
    const { onCrash, log } = this.options;
    if (onCrash) return onCrash(error);
    if (this.drained) return;
    const { count } = this.crashes;
    const pauseMs = backoffMs(count, RESTART_MS_MIN, RESTART_MS_MAX);
    this.crashes = { count: count + 1, reason: error.message };
    log.error({ reason: error.message, pauseMs }, 'the consumer has ended; it starts again after a pause');
    void this.runAfter(pauseMs);
  }

  private async runAfter(pauseMs: number): Promise<void> {
    try {
      await sleep(pauseMs, undefined, { signal: this.ending.signal });
      await this.run();
    } catch (error) {
      if (!this.ending.signal.aborted) this.afterCrash(error as Error);
    }
  }

  private async drain(): Promise<void> {
    this.endMembership();
    await Promise.all([...this.lanes.values()].map((lane) => lane.done()));
    await this.commits.flush();
  }

  private join(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.endMembership();
    this.membership = new AbortController();
    this.memberAtMs = performance.now();
    this.crashes = { count: 0, reason: '' };
    // `stop` was called while it joined.
    if (this.drained) this.membership.abort();
    this.assigned = assignment;
    for (const lane of this.lanes.values()) lane.pauseAgain();
    for (const [name, topic] of this.topics) {
      const partitions = assignment[name] ?? [];
      this.options.log.info({ topic, partitions }, 'partitions assigned');
      this.options.onAssigned?.(topic, partitions);
    }
  }

  /** What was fetched is another's from now on, perhaps. */
  private endMembership(): void {
    this.membership.abort();
    for (const lane of this.lanes.values()) lane.restart();
  }

  private readonly isAssigned = (name: string, partition: number): boolean =>
    this.assigned[name]?.includes(partition) ?? false;

  private seekTo(name: string, partition: number, offset: number): void {
    this.laneOf(name, partition).restart();
    this.call(() => this.batches.consumer.seek({ topic: name, partition, offset: String(offset) }));
  }

  /**
   * Calls kafkajs. While it restarts its consumer after an error, it has no group and such calls throw: they are then not needed,
   * since the new membership begins at the group's offsets with nothing paused.
   */
  private call(something: () => void): void {
    try {
      something();
    } catch (error) {
      this.options.log.debug({ reason: messageOf(error) }, 'the consumer is starting again');
    }
  }

  private laneOf(name: string, partition: number): Lane<PartitionBatch> {
    const place = `${name}/${partition}`;
    const known = this.lanes.get(place);
    if (known) return known;
    const { log, onBatch, onHold } = this.options;
    const topic = this.topics.get(name)!;
    const paused = [{ topic: name, partitions: [partition] }];
    const { consumer } = this.batches;
    const lane = new Lane<PartitionBatch>({
      handle: (batch) => this.inTurn(() => onBatch(batch)),
      onFailure: ({ fetchedOffset }, error) =>
        log.error(
          { topic, partition, fetchedOffset, error },
          'batch not handled; its partition waits and is tried again, the others go on',
        ),
      restOf: (batch, position) => ({ ...batch, fetchedOffset: position }),
      seek: (position) => this.seekTo(name, partition, position),
      onPause: (isPaused) => this.call(() => (isPaused ? consumer.pause(paused) : consumer.resume(paused))),
      onHold: (isHeld) => onHold?.(topic, partition, isHeld),
    });
    this.lanes.set(place, lane);
    return lane;
  }

  /** Hands a batch to its partition's lane; the consumer fetches the next one meanwhile. */
  private async take(payload: EachBatchPayload): Promise<void> {
    // Nothing new is begun; asking again and again would only keep the processor busy.
    if (this.drained) {
      await this.drained;
      return;
    }
    if (!payload.isRunning() || payload.isStale()) return;
    this.commits.through(payload.commitOffsetsIfNecessary);
    payload.resolveOffset(payload.batch.lastOffset());
    const lane = this.laneOf(payload.batch.topic, payload.batch.partition);
    lane.add(this.toPartitionBatch(payload, lane));
    await lane.doneWithin(FETCH_AHEAD_AFTER_MS);
  }

  /** Works once few enough others are at work. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.turns.size >= CONCURRENCY) await Promise.race(this.turns);
    const working = work();
    const turn: Promise<void> = isDoneWithin(
      PATIENCE_MS,
      working.catch(() => {}),
    ).then(() => void this.turns.delete(turn));
    this.turns.add(turn);
    return working;
  }

  /**
   * How long a fetch may wait for news, so that a partition whose pause ends meanwhile is fetched soon: half as long as the
   * newest pause has lasted. So a wait adds at most half to a pause, and a long pause costs few fetches.
   */
  private waitMs(longestMs: number): number {
    const pauses = [...this.lanes.values()].flatMap(({ pausedSince }) => pausedSince ?? []);
    if (pauses.length === 0) return longestMs;
    const halfItsAge = Math.floor((performance.now() - Math.max(...pauses)) / 2);
    return Math.min(longestMs, Math.max(PAUSED_WAIT_MS_MIN, halfItsAge));
  }

  private sitOut({ topic, partition, errorCode }: PartitionFault): void {
    if (!this.laneOf(topic, partition).sitOut(this.membership.signal)) return;
    this.options.log.error(
      { topic: this.topics.get(topic), partition, errorCode },
      'the broker refuses a partition; it waits and is tried again, the others go on',
    );
  }

  private toPartitionBatch(payload: EachBatchPayload, lane: Lane<PartitionBatch>): PartitionBatch {
    const batch = payload.batch as typeof payload.batch & { fetchedOffset: string };
    const { signal } = this.membership;
    const { reading } = lane;
    return {
      topic: this.topics.get(batch.topic)!,
      partition: batch.partition,
      fetchedOffset: Number(batch.fetchedOffset),
      nextOffset: Number(batch.lastOffset()) + 1,
      endOffset: Number(batch.highWatermark),
      forEachRecord(visit, visitUnreadable) {
        const messages = batch.messages as unknown as BatchMessage[];
        visitRecords(messages, this.fetchedOffset, visit, visitUnreadable);
      },
      signal,
      isCurrent: () => !signal.aborted && payload.isRunning() && lane.reading === reading,
      commit: (position) => {
        if (this.isAssigned(batch.topic, batch.partition))
          this.commits.add(batch.topic, batch.partition, position);
      },
    };
  }
}
