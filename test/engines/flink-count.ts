// Flink counts a log into a new database: begun as in production, by a run.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { productImagesProcessed } from '#contracts/topics.ts';
import { type KafkaClient, topicOffsets } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { type JobSettings, jobStatements } from '../../analytics/flink/job.ts';
import { beginRun } from '../../analytics/flink/runs/begin.ts';
import type { Run } from '../../analytics/flink/runs/run.ts';
import { createBrokerView } from '../../analytics/log-ends.ts';
import type { RunningFlink } from '../../local/flink/flink.ts';
import { freshAnalyticsDatabase } from '../fresh.ts';
import { onDatabase } from './counts.ts';

const log = createLogger('spec', 'fatal');

export interface FlinkCountOptions {
  readonly flink: RunningFlink;
  readonly client: KafkaClient;
  readonly brokers: string;
  readonly outOfOrderBoundMs: number;
  readonly latenessMs: number;
  readonly settings?: Partial<JobSettings>;
  /** Breaks the job on purpose. */
  readonly sabotage?: (statement: string) => string;
}

const POSITIONS = `
SELECT s.part, s.next_offset AS next,
       s.events = (SELECT COALESCE(sum(w.events), 0) FROM analytics.window_part w WHERE w.topic_id = s.topic_id AND w.part = s.part)
         AS "isWhole"
FROM analytics.part_state s`;

/** A run, its job and its database. */
export class FlinkCount {
  readonly databaseUrl: string;
  readonly run: Run;
  jobId = '';
  private readonly options: FlinkCountOptions;
  private readonly drop: () => Promise<unknown>;

  private constructor(
    options: FlinkCountOptions,
    run: Run,
    database: { url: string; drop: () => Promise<unknown> },
  ) {
    this.options = options;
    this.run = run;
    this.databaseUrl = database.url;
    this.drop = database.drop;
  }

  /** Begins a run on an empty database, and its job. */
  static async begin(options: FlinkCountOptions): Promise<FlinkCount> {
    const database = await freshAnalyticsDatabase();
    const pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
    const broker = createBrokerView(options.client);
    try {
      await migrate(pool, 'analytics', join(import.meta.dirname, '../../analytics/migrations'), log);
      const offsets = await topicOffsets(options.client, productImagesProcessed.name);
      const run = await beginRun({
        pool,
        topic: options.client.nameOf(productImagesProcessed.name),
        topicId: await broker.of(productImagesProcessed.name).topicId(),
        ends: new Map(
          offsets.map(({ partition, low, high }) => [
            partition,
            { earliest: Number(low), end: Number(high) },
          ]),
        ),
        seenIdsMax: 262_144,
      });
      const count = new FlinkCount(options, run, database);
      await count.start();
      return count;
    } finally {
      await broker.close();
      await pool.end();
    }
  }

  /** Begins the job of a run that was begun on another database. */
  static async ofRun(options: FlinkCountOptions, run: Run, databaseUrl: string): Promise<FlinkCount> {
    const count = new FlinkCount(options, run, { url: databaseUrl, drop: async () => {} });
    await count.start();
    return count;
  }

  /** Starts the job, from a savepoint where there is one. */
  async start(savepoint?: string): Promise<void> {
    const {
      flink,
      brokers,
      outOfOrderBoundMs,
      latenessMs,
      settings,
      sabotage = (statement) => statement,
    } = this.options;
    const statements = jobStatements({
      run: this.run,
      brokers,
      group: `flink-${this.run.runId}`,
      databaseUrl: this.databaseUrl,
      outOfOrderBoundMs,
      latenessMs,
      ...settings,
    });
    const restore = savepoint ? [`SET 'execution.state-recovery.path' = '${savepoint}'`] : [];
    this.jobId = await flink.run([...restore, ...statements.map(sabotage)]);
  }

  /** Waits until all below these offsets is written. @throws with why the job failed, where it did */
  async caughtUp(behindLast: ReadonlyMap<number, number>, timeoutMs = 90_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const behind = await this.behind(behindLast);
      if (behind.length === 0) return;
      const { state } = await this.options.flink.rest.job(this.jobId);
      if (state === 'FAILED' || performance.now() > deadline) {
        const [failure] = await this.options.flink.rest.failures(this.jobId);
        throw new Error(`the job is ${state}, and behind: ${JSON.stringify(behind)}\n${failure ?? ''}`);
      }
      await sleep(200);
    }
  }

  /** Offsets that are written, of all partitions. */
  async written(): Promise<number> {
    return (await this.positions()).reduce((sum, { next }) => sum + Number(next), 0);
  }

  /** Positions and totals come by sinks of their own: the one may be there before the other. */
  private async behind(behindLast: ReadonlyMap<number, number>) {
    const whole = (await this.positions()).filter(({ isWhole }) => isWhole);
    const positions = new Map(whole.map(({ part, next }) => [part, Number(next)]));
    return [...behindLast].filter(([part, offset]) => (positions.get(part) ?? 0) < offset);
  }

  private positions(): Promise<{ part: number; next: string; isWhole: boolean }[]> {
    return onDatabase(this.databaseUrl, async (database) => (await database.query(POSITIONS)).rows);
  }

  /** Ends the job and, where it is its own, its database. */
  async close(): Promise<void> {
    const { rest } = this.options.flink;
    const { state } = await rest.job(this.jobId).catch(() => ({ state: 'FINISHED' }));
    if (!['FAILED', 'FINISHED', 'CANCELED'].includes(state)) await rest.cancel(this.jobId);
    await this.drop();
  }
}
