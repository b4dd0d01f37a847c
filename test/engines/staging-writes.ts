// What Flink writes to Postgres, statement by statement as its JDBC connector makes them, for specs that need no Flink.
import { join } from 'node:path';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { freshAnalyticsDatabase } from '../fresh.ts';

/** Of `analytics.flink_totals`, without what names the row. */
export interface TotalsWrite {
  readonly events: number;
  readonly bytes: number;
  readonly lateEvents: number;
  readonly lateBytes: number;
  readonly lastOffset: number;
}

/** Of `analytics.flink_progress`, without what names the row. */
export interface ProgressWrite {
  readonly nextOffset: number;
  readonly maxTimeMs: number | undefined;
  readonly events: number;
  readonly deadLetters: number;
  readonly repeats: number;
}

/** Of `analytics.flink_dead_letters`, without what names the run and the partition. */
export interface DeadLetterWrite {
  readonly offset: number;
  readonly reason: string;
  /** @default null */
  readonly key?: Buffer | null;
  readonly raw: Buffer | null;
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What takes a statement: a pool, or one connection of it within a transaction. */
export type Writer = Pick<Pool, 'query'>;

/** A new database with the analytics schema. */
export async function openAnalyticsDatabase(): Promise<{ pool: Pool; url: string; close(): Promise<void> }> {
  const log = createLogger('spec', 'fatal');
  const database = await freshAnalyticsDatabase();
  const pool = createPool({ connectionString: database.url, applicationName: 'flink-spec', log });
  await migrate(pool, 'analytics', join(import.meta.dirname, '../../analytics/migrations'), log);
  return {
    pool,
    url: database.url,
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** As the connector writes an upsert: every column, `ON CONFLICT` over the key, all others taken from the new row. */
const upsert = (table: string, columns: readonly string[], key: readonly string[]): string => `
INSERT INTO analytics.${table} (${columns.join(', ')}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})
ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${columns
  .filter((column) => !key.includes(column))
  .map((column) => `${column} = EXCLUDED.${column}`)
  .join(', ')}`;

const TOTALS = upsert(
  'flink_totals',
  [
    'run_id',
    'part',
    'window_start_ms',
    'size_label',
    'events',
    'bytes',
    'late_events',
    'late_bytes',
    'last_offset',
  ],
  ['run_id', 'part', 'window_start_ms', 'size_label'],
);
const PROGRESS = upsert(
  'flink_progress',
  ['run_id', 'part', 'next_offset', 'max_ts', 'events', 'dead_letters', 'repeats'],
  ['run_id', 'part'],
);
const DEAD_LETTERS = upsert(
  'flink_dead_letters',
  ['run_id', 'part', 'record_offset', 'reason', 'detail', 'key', 'raw', 'headers'],
  ['run_id', 'part', 'record_offset'],
);

export async function writeTotals(
  writer: Writer,
  [runId, part, windowStartMs, label]: readonly [string, number, number, string],
  totals: TotalsWrite,
): Promise<void> {
  const { events, bytes, lateEvents, lateBytes, lastOffset } = totals;
  const values = [runId, part, windowStartMs, label, events, bytes, lateEvents, lateBytes, lastOffset];
  await writer.query(TOTALS, values);
}

export async function writeProgress(
  writer: Writer,
  runId: string,
  part: number,
  { nextOffset, maxTimeMs, events, deadLetters, repeats }: ProgressWrite,
): Promise<void> {
  await writer.query(PROGRESS, [runId, part, nextOffset, maxTimeMs ?? null, events, deadLetters, repeats]);
}

export async function writeDeadLetter(
  writer: Writer,
  runId: string,
  part: number,
  letter: DeadLetterWrite,
): Promise<void> {
  const { offset, reason, key = null, raw, headers = {} } = letter;
  await writer.query(DEAD_LETTERS, [
    runId,
    part,
    offset,
    reason,
    'detail',
    key,
    raw,
    JSON.stringify(headers),
  ]);
}
