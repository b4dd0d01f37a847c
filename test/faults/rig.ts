// A pipeline for the specs of faults: a new database, topics, buckets and project on the shared real servers, workers as processes that
// can be killed, and the independent count at the end.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Storage } from '@google-cloud/storage';
import type pg from 'pg';
import { analyticsWorker } from '#contracts/processes.ts';
import {
  analyticsResults,
  productImagesProcessed,
  productImagesRejected,
  topicSettings,
} from '#contracts/topics.ts';
import { createTopics, type KafkaClient } from '#runtime/kafka/client.ts';
import type { Counted } from '../../analytics/analytics.ts';
import { type Report, reconcile } from '../../analytics/reconcile/reconcile.ts';
import { compileCache } from '../../local/launcher/folders.ts';
import { freshAnalyticsDatabase, freshKafka } from '../fresh.ts';
import { type KeptDatabase, keepDatabase } from '../kept-database.ts';
import { feedLog } from './feed-log.ts';
import type { LogEntry } from './image-log.ts';
import { type RunningWorker, spawnWorker } from './running-worker.ts';
import type { Sabotage } from './sabotage.ts';

/** Short windows, so that a run of minutes sees what production sees in hours. */
export const HURRIED_WINDOWS = {
  OUT_OF_ORDER_BOUND_MS: '2000',
  LATENESS_MS: '1000',
  PARTITION_IDLE_MS: '700',
  REVISION_DEBOUNCE_MS: '500',
  EXPORT_INTERVAL_MS: '100',
  END_CHECK_INTERVAL_MS: '300',
};
/** Short timeouts and small batches, for the same reason. */
const HURRY = {
  ...HURRIED_WINDOWS,
  LOG_LEVEL: 'warn',
  SESSION_TIMEOUT_MS: '3000',
  METADATA_AGE_MS_MAX: '1000',
  // Small batches make many transactions, and so many instants to kill a worker at.
  PARTITION_BYTES_MAX: '8192',
};

export class Rig {
  readonly env: Record<string, string>;
  readonly client: KafkaClient;
  readonly databaseUrl: string;
  private readonly workers = new Set<RunningWorker>();
  private readonly database: KeptDatabase;
  private readonly drops: (() => Promise<unknown>)[];

  private constructor(env: Record<string, string>, client: KafkaClient, drops: (() => Promise<unknown>)[]) {
    this.env = env;
    this.client = client;
    this.databaseUrl = env.DATABASE_URL!;
    this.database = keepDatabase(this.databaseUrl);
    this.drops = drops;
  }

  /** What the spec counts. Other topics have one partition only: most specs are about images, and seven of the eight topics are the shop's. */
  static async open(
    settings: Record<string, string> = {},
    counted: readonly Counted[] = ['image-bytes'],
  ): Promise<Rig> {
    const database = await freshAnalyticsDatabase();
    const kafka = freshKafka();
    await createTopics(kafka.client, topicsFor(counted), 1);
    const name = `f${randomUUID().slice(0, 8)}`;
    const env = {
      ...HURRY,
      ...compileCache,
      PATH: process.env.PATH ?? '',
      KAFKA_BROKERS: process.env.KAFKA_BROKERS ?? '',
      KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
      DATABASE_URL: database.url,
      FIRESTORE_EMULATOR_HOST: process.env.FIRESTORE_EMULATOR_HOST ?? '',
      METADATA_SERVER_DETECTION: 'none',
      GOOGLE_CLOUD_PROJECT: name,
      GCS_ENDPOINT: process.env.GCS_ENDPOINT ?? '',
      RESULTS_BUCKET: `${name}-results`,
      ...settings,
    };
    if (!settings.RESULTS_BUCKET) {
      await new Storage({ apiEndpoint: env.GCS_ENDPOINT, projectId: name }).createBucket(env.RESULTS_BUCKET);
    }
    return new Rig(env, kafka.client, [database.drop, kafka.drop]);
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.kill('SIGKILL');
    await Promise.all([...this.workers].map((worker) => worker.ended));
    this.database.close();
    for (const drop of this.drops) await drop();
  }

  /** Starts a worker and waits until it runs, or has ended before. */
  async startWorker(sabotage: Sabotage = {}, settings: Record<string, string> = {}): Promise<RunningWorker> {
    const worker = await spawnWorker({ ...this.env, ...settings }, sabotage);
    this.workers.add(worker);
    void worker.ended.then(() => this.workers.delete(worker));
    return worker;
  }

  /** Starts a worker, and again whenever it ends, as an orchestrator does. The returned function stops that. */
  keepWorker(sabotage: Sabotage = {}): () => Promise<void> {
    const ending = new AbortController();
    let current: RunningWorker | undefined;
    const keeping = (async () => {
      while (!ending.signal.aborted) {
        current = await this.startWorker(sabotage);
        if (ending.signal.aborted) current.kill('SIGKILL');
        await current.ended;
        await sleep(300);
      }
    })();
    return async () => {
      ending.abort();
      current?.kill('SIGKILL');
      await keeping;
    };
  }

  /** Sends entries in order, in sends of `perSend`, with a pause after each. */
  feed(entries: readonly LogEntry[], perSend: number, pauseMs: number): Promise<void> {
    return feedLog(this.client, entries, perSend, pauseMs);
  }

  /** The independent count of the whole log against every store. */
  reconcile(settleMs = 60_000): Promise<Report> {
    return reconcile({ env: this.env, settleMs });
  }

  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    return this.database.query<Row>(sql);
  }

  /** @see KeptDatabase.until */
  until(sql: string, timeoutMs?: number): Promise<void> {
    return this.database.until(sql, timeoutMs);
  }

  /**
   * Waits until every offset of the log has been counted. Only ends of the log that a worker asked for after the call count: older ones
   * may be those of a dead worker.
   * @throws when that does not happen in time: names each partition that is behind, and what the workers logged last
   */
  async caughtUp(partitions = productImagesProcessed.partitions, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const [called] = await this.query<{ at: string }>('SELECT now()::text AS at');
    for (;;) {
      const states = await this.query<PartitionProgress>(
        `SELECT part, next_offset AS next, end_offset AS end, owner, idle_since IS NOT NULL AS idle, end_at > '${called!.at}' AS asked
         FROM analytics.part_state WHERE retired_at IS NULL ORDER BY part`,
      );
      const behind = states.filter(
        ({ next, end, idle, asked }) => !(Number(next) >= Number(end) && idle && asked),
      );
      if (behind.length === 0 && states.length === partitions) return;
      if (performance.now() > deadline) {
        const said = [...this.workers].map(({ pid, output }) => `worker ${pid}:\n${output().slice(-4_000)}`);
        throw new Error(
          `${states.length} of ${partitions} partitions claimed; behind: ${JSON.stringify(behind)}\n${said.join('\n')}`,
        );
      }
      await sleep(200);
    }
  }
}

/** How far a partition is counted, by the database. Offsets are decimals. */
interface PartitionProgress {
  readonly part: number;
  readonly next: string;
  readonly end: string;
  readonly owner: string;
  readonly idle: boolean;
  /** Whether a worker has asked for its end since we began to wait. */
  readonly asked: boolean;
}

/** The worker's topics, as in production but for a source topic that takes ten megabytes in one record. */
const topicsFor = (counted: readonly Counted[]) =>
  topicSettings([...analyticsWorker.consumes, productImagesRejected, analyticsResults]).map((settings) => {
    if (settings.topic === productImagesProcessed.name)
      return { ...settings, config: { ...settings.config, 'max.message.bytes': '12000000' } };
    const isOfImages = /^(product-images|analytics)\./.test(settings.topic);
    return isOfImages || counted.includes('activity') ? settings : { ...settings, partitions: 1 };
  });
