// The parts of analytics, put together: consuming with its claims, and exporting. main.ts and the reliability suite both
// start it here; the suite swaps single parts to break them on purpose.
import { productImagesProcessed } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { deadLetterTopic } from '#runtime/kafka/dead-letters.ts';
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { createLeadership } from '#runtime/postgres/leadership.ts';
import type { ActivityStore } from './activity/activity-store.ts';
import { ACTIVITY_COUNTINGS } from './activity/counting.ts';
import { createFirestoreActivity } from './activity/firestore-activity.ts';
import type { AnalyticsConfig } from './config.ts';
import { type RunningCount, startCounting } from './counting.ts';
import { createDeadLetterPublisher, type DeadLetterTopics } from './export/dead-letters.ts';
import { createExporter, type Exporter, type ExporterOptions } from './export/exporter.ts';
import { createFirestoreSink } from './export/firestore-sink.ts';
import { createGcsSink } from './export/gcs-sink.ts';
import { createExporterMetrics } from './export/metrics.ts';
import { createResultsTopicSink } from './export/results-topic-sink.ts';
import type { Sink } from './export/sink.ts';
import { imageBytesCounting } from './image-bytes.ts';
import { createCountingMetrics } from './metrics.ts';
import { WORK_CHANNEL } from './state.sql.ts';
import type { Fence } from './state.ts';

/** What is counted: each by a consumer group of its own, so that neither waits for the other, and their partitions are assigned apart. */
export type Counted = 'image-bytes' | 'activity';

export interface AnalyticsOptions {
  readonly config: AnalyticsConfig;
  readonly client: KafkaClient;
  readonly pool: Pool;
  readonly log: Logger;
  readonly registry: Registry;
  /** Names the holder of a claim, for people. */
  readonly owner: string;
  /** The worker cannot go on: the process should end, not linger. */
  readonly onEnd: (reason: string) => void;
  /** @default the compare-and-swap fence */
  readonly fence?: Fence;
  /** @default Firestore, GCS and the results topic */
  readonly sinks?: readonly Sink[];
  /** @default Firestore */
  readonly activityStore?: ActivityStore;
  /** @default both */
  readonly counted?: readonly Counted[];
}

export interface Analytics {
  /** Why counting does not advance, as a sentence; undefined while it does. */
  trouble(): string | undefined;
  /** Finishes the batches in progress, leaves the group, then ends the exporter. */
  stop(): Promise<void>;
}

export async function startAnalytics(options: AnalyticsOptions): Promise<Analytics> {
  const exporter = assembleExporter(options);
  const counts = await startCounts(options);
  exporter.start();
  return {
    trouble: () => counts.map((count) => count.trouble()).find(Boolean),
    stop: async () => {
      await Promise.all(counts.map((count) => count.stop()));
      await exporter.stop();
    },
  };
}

function startCounts(options: AnalyticsOptions): Promise<RunningCount[]> {
  const { config, registry, counted = ['image-bytes', 'activity'] } = options;
  const metrics = createCountingMetrics(registry);
  const patience = { outOfOrderBoundMs: config.OUT_OF_ORDER_BOUND_MS, latenessMs: config.LATENESS_MS };
  const starts: Record<Counted, () => Promise<RunningCount>> = {
    'image-bytes': () =>
      startCounting({
        ...options,
        group: config.ANALYTICS_GROUP,
        countings: [imageBytesCounting(patience)],
        metrics,
        onRows: metrics.imageBytes,
      }),
    activity: () =>
      startCounting({
        ...options,
        group: `${config.ANALYTICS_GROUP}-activity`,
        countings: ACTIVITY_COUNTINGS,
        metrics,
        onRows: metrics.activity,
      }),
  };
  return Promise.all(counted.map((what) => starts[what]()));
}

const DEAD_LETTER_TOPICS: DeadLetterTopics = new Map([
  [productImagesProcessed.name, productImagesProcessed.deadLetters!],
  ...ACTIVITY_COUNTINGS.map(({ topic }) => [topic.name, deadLetterTopic(topic)] as const),
]);

const LOCK_KEY_EXPORTER = 7_203_002;
/** A connection that hangs is noticed within this time. */
const LEADER_WAIT_MS_MAX = 5_000;

/**
 * One exporter at a time. A leader that hangs may overlap with the next one; that is harmless, since every write of an exporter may be
 * repeated and none takes a revision back.
 */
function assembleExporter(options: AnalyticsOptions): Exporter {
  const { config, log } = options;
  const leaders = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: 'analytics-leader',
    connectionsMax: 1,
    waitMsMax: LEADER_WAIT_MS_MAX,
    log,
  });
  const exporter = exporterOf(options, (onNews) =>
    createLeadership({
      pool: leaders,
      key: LOCK_KEY_EXPORTER,
      role: 'exporter',
      channel: WORK_CHANNEL,
      onNews,
      log,
      lockWaitMs: LEADER_WAIT_MS_MAX - 1_000,
    }),
  );
  return {
    start: () => exporter.start(),
    stop: async () => {
      await exporter.stop();
      await leaders.end();
    },
  };
}

function exporterOf(options: AnalyticsOptions, elect: ExporterOptions['elect']): Exporter {
  const { config, client, pool, log, registry, sinks, activityStore } = options;
  const firestore = { projectId: config.GOOGLE_CLOUD_PROJECT, databaseId: config.FIRESTORE_DATABASE };
  return createExporter({
    pool,
    log,
    elect,
    sinks: sinks ?? [
      createFirestoreSink(firestore),
      createGcsSink({
        projectId: config.GOOGLE_CLOUD_PROJECT,
        bucket: config.RESULTS_BUCKET,
        endpoint: config.GCS_ENDPOINT,
      }),
      createResultsTopicSink(client),
    ],
    activity: activityStore ?? createFirestoreActivity(firestore),
    deadLetters: createDeadLetterPublisher(client, pool, DEAD_LETTER_TOPICS),
    metrics: createExporterMetrics(registry),
    publish: {
      topic: client.nameOf(productImagesProcessed.name),
      outOfOrderBoundMs: config.OUT_OF_ORDER_BOUND_MS,
      latenessMs: config.LATENESS_MS,
      partitionIdleMs: config.PARTITION_IDLE_MS,
      revisionDebounceMs: config.REVISION_DEBOUNCE_MS,
    },
    purge: { retentionDays: config.RETENTION_DAYS, seenIdsMax: config.SEEN_IDS_MAX },
    intervalMs: config.EXPORT_INTERVAL_MS,
  });
}
