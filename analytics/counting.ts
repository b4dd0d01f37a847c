// Topics in, committed rows out: one consumer over several topics, each with claims, a fence and a worker of its own.
// Exactly once: see state.ts. What a record becomes is the topology's business, not this file's.
import { setInterval as every } from 'node:timers/promises';
import type { Topic } from '#contracts/topic.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { createGroupConsumer, type GroupConsumer, heartbeatMs } from '#runtime/kafka/group-consumer.ts';
import type { Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { Claims } from './claims.ts';
import type { AnalyticsConfig } from './config.ts';
import type { LogEvent, Topology } from './fold.ts';
import { type BrokerView, createBrokerView } from './log-ends.ts';
import type { CountingMetrics } from './metrics.ts';
import { WINDOWS_WAIT } from './state.sql.ts';
import { type Fence, PartitionState, type SaveRows } from './state.ts';
import { Worker } from './worker.ts';

/** How the records of one topic are counted. */
export interface Counting<Event extends LogEvent, Rows> {
  readonly topic: Topic<unknown>;
  readonly topology: Topology<Event, Rows>;
  readonly saveRows: SaveRows<Rows>;
}

export interface CountingOptions<Event extends LogEvent, Rows> {
  readonly config: AnalyticsConfig;
  readonly client: KafkaClient;
  readonly pool: Pool;
  readonly log: Logger;
  /** The consumer group. */
  readonly group: string;
  readonly countings: readonly Counting<Event, Rows>[];
  readonly metrics: CountingMetrics;
  /** Called with what was committed. */
  readonly onRows: (rows: Rows) => void;
  /** Names the holder of a claim, for people. */
  readonly owner: string;
  readonly onEnd: (reason: string) => void;
  /** @default the compare-and-swap fence */
  readonly fence?: Fence;
}

export interface RunningCount {
  /** Why it does not advance, as a sentence; undefined while it does. */
  trouble(): string | undefined;
  /** Finishes the batches in progress and leaves the group. */
  stop(): Promise<void>;
}

/** Positions are kept in Postgres: the group's offsets are written only so that lag can be seen. */
const LAG_SHOWN_EVERY_MS = 1_000;

interface Lane {
  readonly claims: Claims;
  readonly assign: (partitions: readonly number[]) => void;
  readonly worker: Pick<Worker<LogEvent, unknown>, 'handle' | 'settle'>;
}

export async function startCounting<Event extends LogEvent, Rows>(
  options: CountingOptions<Event, Rows>,
): Promise<RunningCount> {
  const { config, client, log } = options;
  const broker = createBrokerView(client);
  const seek: GroupConsumer['seek'] = (...place) => consumer.seek(...place);
  const lanes = new Map(
    options.countings.map((counting) => [counting.topic.name, createLane(options, counting, broker, seek)]),
  );
  const laneOf = (topic: string): Lane => lanes.get(topic)!;
  const consumer = createGroupConsumer({
    client,
    log,
    group: options.group,
    topics: [...lanes.keys()],
    partitionBytesMax: config.PARTITION_BYTES_MAX,
    sessionTimeoutMs: config.SESSION_TIMEOUT_MS,
    metadataAgeMsMax: config.METADATA_AGE_MS_MAX,
    onAssigned: (topic, partitions) => laneOf(topic).assign(partitions),
    commitIntervalMs: LAG_SHOWN_EVERY_MS,
    onBatch: async (batch) => {
      const position = await laneOf(batch.topic).worker.handle(batch);
      batch.commit(position);
      return position;
    },
  });
  const checking = new AbortController();
  const checks = checkEnds([...lanes.values()], options, checking.signal);
  await consumer.start();
  return {
    // A batch that waits for Flink's run to be over is no trouble.
    trouble: () =>
      [...lanes.values()].some(({ claims }) => claims.isHeldByFlink()) ? undefined : consumer.trouble(),
    stop: async () => {
      checking.abort();
      await consumer.stop();
      await Promise.all([...lanes.values()].map(({ worker }) => worker.settle()));
      for (const { claims } of lanes.values()) claims.close();
      await checks;
      await broker.close();
    },
  };
}

function createLane<Event extends LogEvent, Rows>(
  options: CountingOptions<Event, Rows>,
  { topic, topology, saveRows }: Counting<Event, Rows>,
  broker: BrokerView,
  seek: GroupConsumer['seek'],
): Lane {
  const { config, client, pool, owner, fence, onRows } = options;
  const log = options.log.child({ topic: topic.name });
  const metrics = options.metrics.of(topic.name);
  const seekIn = (part: number, offset: number): void => seek(topic.name, part, offset);
  const state = new PartitionState<Rows>({
    pool,
    topic: client.nameOf(topic.name),
    owner,
    seenIdsMax: config.SEEN_IDS_MAX,
    saveRows,
    ...(fence ? { fence } : {}),
  });
  const claims = new Claims({
    state,
    inspector: broker.of(topic.name),
    log,
    onHalt: (error) => halt(error, log, options),
    onEnd: metrics.lag,
  });
  const worker = new Worker<Event, Rows>({
    topology,
    state,
    claims,
    metrics,
    onRows,
    log,
    fencedWaitMs: heartbeatMs(config.SESSION_TIMEOUT_MS) + 100,
    seek: seekIn,
  });
  const assign = (partitions: readonly number[]): void => {
    metrics.assigned(partitions);
    claims.assign(partitions);
    for (const part of partitions) void readFromClaim(claims, part, seekIn);
  };
  return { claims, assign, worker };
}

function halt(error: AppError, log: Logger, { onEnd }: Pick<CountingOptions<never, never>, 'onEnd'>): void {
  log.fatal({ error, facts: error.facts }, error.message);
  onEnd(error.message);
}

/**
 * Reads on from the position in Postgres. The group's offsets may be ahead of it: a worker died between the two, or a seek was lost while
 * kafkajs started again. At the end of the log no further batch would reveal that.
 */
async function readFromClaim(
  claims: Claims,
  part: number,
  seek: (part: number, offset: number) => void,
): Promise<void> {
  const claim = await claims.reclaim(part);
  if (claim) seek(part, claim.readOffset);
}

/** How much less often the ends are fetched while no window waits for them; they then only reveal lost offsets. */
const REST_FACTOR = 10;

async function checkEnds(
  lanes: readonly Lane[],
  { config, pool, log }: Pick<CountingOptions<never, never>, 'config' | 'pool' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    let rested = 0;
    for await (const _ of every(config.END_CHECK_INTERVAL_MS, undefined, { signal })) {
      const isWaitedFor = await windowsWait(pool, log);
      rested = isWaitedFor ? 0 : (rested + 1) % REST_FACTOR;
      if (rested !== 0) continue;
      for (const { claims } of lanes) {
        await claims.checkEnds().catch((error: unknown) => {
          log.warn({ reason: messageOf(error) }, 'ends of the log not read, trying again');
        });
      }
    }
  } catch {
    // Aborted: the worker stops.
  }
}

async function windowsWait(pool: Pool, log: Logger): Promise<boolean> {
  try {
    return (await pool.query<{ wait: boolean }>(WINDOWS_WAIT)).rows[0]!.wait;
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'database not asked, trying again');
    return true;
  }
}
