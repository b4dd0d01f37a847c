// The parts of analytics, put together: consuming with its claims, and exporting. main.ts and the reliability suite both
// start it here; the suite swaps single parts to break them on purpose.
import { setInterval as every } from 'node:timers/promises';
import { productImagesProcessed } from '#contracts/topics.ts';
import { messageOf } from '#runtime/errors.ts';
import type { KafkaClient } from '#runtime/kafka.ts';
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import { createPartitionConsumer } from '#runtime/partition-consumer.ts';
import type { Pool } from '#runtime/postgres.ts';
import { Claims } from './claims.ts';
import type { AnalyticsConfig } from './config.ts';
import { createDeadLetterPublisher } from './export/dead-letters.ts';
import { createExporter } from './export/exporter.ts';
import { createFirestoreSink } from './export/firestore-sink.ts';
import { createGcsSink } from './export/gcs-sink.ts';
import { createLeadership } from './export/leadership.ts';
import { createExporterMetrics } from './export/metrics.ts';
import { createResultsTopicSink } from './export/results-topic-sink.ts';
import type { Sink } from './export/sink.ts';
import { createLogInspector } from './log-ends.ts';
import { createWorkerMetrics } from './metrics.ts';
import { type Fence, PartitionState } from './state.ts';
import { Worker } from './worker.ts';

export interface AnalyticsOptions {
  readonly config: AnalyticsConfig;
  readonly client: KafkaClient;
  readonly pool: Pool;
  readonly log: Logger;
  readonly registry: Registry;
  /** Who holds a claim, for people. */
  readonly owner: string;
  /** The worker cannot go on: the process should end, not linger. */
  readonly onEnd: (reason: string) => void;
  /** @default the compare-and-swap fence */
  readonly fence?: Fence;
  /** @default Firestore, GCS and the results topic */
  readonly sinks?: readonly Sink[];
}

export interface Analytics {
  /** Finishes the batches at work, leaves the group, then ends the exporter. */
  stop(): Promise<void>;
}

export async function startAnalytics(options: AnalyticsOptions): Promise<Analytics> {
  const exporter = assembleExporter(options);
  const consuming = await startConsuming(options);
  exporter.start();
  return {
    stop: async () => {
      await consuming.stop();
      await exporter.stop();
    },
  };
}

async function startConsuming(options: AnalyticsOptions): Promise<Analytics> {
  const { config, client, pool, log } = options;
  const topic = productImagesProcessed.name;
  const metrics = createWorkerMetrics(options.registry);
  const inspector = createLogInspector(client, topic);
  const state = new PartitionState({
    pool,
    topic: client.nameOf(topic),
    owner: options.owner,
    seenIdsMax: config.SEEN_IDS_MAX,
    ...(options.fence ? { fence: options.fence } : {}),
  });
  const claims = new Claims({
    state,
    inspector,
    log,
    onHalt: (error) => {
      log.fatal({ error, facts: error.facts }, error.message);
      options.onEnd(error.message);
    },
    onEnd: (claim, endOffset) => metrics.lag(claim.part, endOffset - claim.nextOffset),
  });
  const worker = new Worker({
    state,
    claims,
    metrics,
    log,
    patience: { outOfOrderBoundMs: config.OUT_OF_ORDER_BOUND_MS, latenessMs: config.LATENESS_MS },
    fencedWaitMs: Math.ceil(config.SESSION_TIMEOUT_MS / 6) + 100,
    seek: (part, offset) => consumer.seek(part, offset),
  });
  const consumer = createPartitionConsumer({
    client,
    log,
    group: config.ANALYTICS_GROUP,
    topic,
    partitionBytesMax: config.PARTITION_BYTES_MAX,
    sessionTimeoutMs: config.SESSION_TIMEOUT_MS,
    metadataAgeMsMax: config.METADATA_AGE_MS_MAX,
    onAssigned: (partitions) => claims.assign(partitions),
    onBatch: (batch) => worker.handle(batch),
    onCrash: (error) => options.onEnd(`consumer crashed: ${error.message}`),
  });
  const checking = new AbortController();
  const checks = checkEnds(claims, config.END_CHECK_INTERVAL_MS, checking.signal, log);
  await consumer.start();
  return {
    stop: async () => {
      checking.abort();
      await consumer.stop();
      await worker.settle();
      claims.close();
      await checks;
      await inspector.close();
    },
  };
}

async function checkEnds(
  claims: Claims,
  intervalMs: number,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  try {
    for await (const _ of every(intervalMs, undefined, { signal })) {
      await claims.checkEnds().catch((error: unknown) => {
        log.warn({ reason: messageOf(error) }, 'ends of the log not read, trying again');
      });
    }
  } catch {
    // Aborted: the worker stops.
  }
}

function assembleExporter({ config, client, pool, log, registry, sinks }: AnalyticsOptions) {
  return createExporter({
    pool,
    log,
    leadership: createLeadership(config.DATABASE_URL, log),
    sinks: sinks ?? [
      createFirestoreSink({ projectId: config.GOOGLE_CLOUD_PROJECT, databaseId: config.FIRESTORE_DATABASE }),
      createGcsSink({
        projectId: config.GOOGLE_CLOUD_PROJECT,
        bucket: config.RESULTS_BUCKET,
        endpoint: config.GCS_ENDPOINT,
      }),
      createResultsTopicSink(client),
    ],
    deadLetters: createDeadLetterPublisher(client, pool),
    metrics: createExporterMetrics(registry),
    publish: {
      outOfOrderBoundMs: config.OUT_OF_ORDER_BOUND_MS,
      latenessMs: config.LATENESS_MS,
      partitionIdleMs: config.PARTITION_IDLE_MS,
      revisionDebounceMs: config.REVISION_DEBOUNCE_MS,
    },
    purge: { retentionDays: config.RETENTION_DAYS, seenIdsMax: config.SEEN_IDS_MAX },
    intervalMs: config.EXPORT_INTERVAL_MS,
  });
}
