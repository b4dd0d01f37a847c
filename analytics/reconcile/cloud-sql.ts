// One consistent look at the worker's database: every table that is compared, in one repeatable-read transaction.
import pg from 'pg';
import type { Totals } from './report.ts';

/** Where the worker stands in one partition. */
export interface PartState {
  readonly topicId: string;
  readonly part: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly maxTimeMs: number | undefined;
  readonly events: number;
  readonly deadLetters: number;
  readonly repeats: number;
  readonly absent: number;
  readonly isRetired: boolean;
}

export interface PartRow extends Totals {
  readonly topicId: string;
  readonly part: number;
  readonly windowStartMs: number;
  readonly label: string;
  readonly isPublished: boolean;
}

export interface Revision extends Totals {
  readonly windowStartMs: number;
  readonly label: string;
  readonly revision: number;
  /** State of the delivery to each sink that it was meant for. */
  readonly deliveries: Readonly<Record<string, string>>;
}

export interface Letter {
  readonly topicId: string;
  readonly part: number;
  readonly offset: number;
  readonly reason: string;
  /** SHA-256 of the raw value, hexadecimal; empty for null. */
  readonly digest: string;
  readonly isPublished: boolean;
  readonly recordedMs: number;
}

/** Offsets that a person has accepted as never counted. */
export interface AcceptedGap {
  readonly topicId: string;
  readonly part: number;
  readonly fromOffset: number;
  readonly toOffset: number;
}

export interface Snapshot {
  readonly parts: readonly PartState[];
  readonly rows: readonly PartRow[];
  readonly revisions: readonly Revision[];
  readonly letters: readonly Letter[];
  readonly gaps: readonly AcceptedGap[];
}

/** Everything comes as text or float8, so that no parser of the process decides what a number is. */
const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
const TOTALS = 'events::text, bytes::text, late_events::text, late_bytes::text';
const PARTS = `
SELECT topic_id, part, first_offset::float8, next_offset::float8, max_ts::float8, events::float8,
       dead_letters::float8, repeats::float8, absent::float8, retired_at IS NOT NULL AS retired
FROM analytics.part_state ORDER BY topic_id, part`;
const ROWS = `
SELECT topic_id, part, ${MS('window_start')} AS at, size_label, published, ${TOTALS} FROM analytics.window_part`;
const REVISIONS = `
SELECT ${MS('o.window_start')} AS at, o.size_label, o.revision, ${TOTALS},
       COALESCE((SELECT json_object_agg(d.sink, d.state) FROM analytics.delivery d
                 WHERE d.window_start = o.window_start AND d.size_label = o.size_label
                   AND d.revision = o.revision), '{}') AS deliveries
FROM analytics.window_out o ORDER BY o.window_start, o.size_label, o.revision`;
const LETTERS = `
SELECT topic_id, part, "offset"::float8 AS "offset", reason, COALESCE(encode(sha256(raw), 'hex'), '') AS digest,
       published, ${MS('recorded_at')} AS recorded
FROM analytics.dlq ORDER BY topic_id, part, "offset"`;
const GAPS = `
SELECT topic_id, part, from_offset::float8, to_offset::float8 FROM analytics.log_gap WHERE accepted_at IS NOT NULL`;

export async function takeSnapshot(connectionString: string): Promise<Snapshot> {
  return look(connectionString, async (client) => ({
    parts: (await client.query(PARTS)).rows.map(partOf),
    rows: (await client.query(ROWS)).rows.map(rowOf),
    revisions: (await client.query(REVISIONS)).rows.map(revisionOf),
    letters: (await client.query(LETTERS)).rows.map(letterOf),
    gaps: (await client.query(GAPS)).rows.map(gapOf),
  }));
}

/** The revisions as they are now: sinks may hold what was published since the snapshot. */
export async function readRevisions(connectionString: string): Promise<Revision[]> {
  return look(connectionString, async (client) => (await client.query(REVISIONS)).rows.map(revisionOf));
}

async function look<Result>(
  connectionString: string,
  read: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString,
    application_name: 'reconcile',
    connectionTimeoutMillis: 10_000,
    query_timeout: 120_000,
  });
  // Without a listener a connection that breaks while nothing is asked would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await read(client);
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
}

type Fields = Readonly<Record<string, never>>;
const totalsOf = (row: Fields): Totals => ({
  events: BigInt(row.events!),
  bytes: BigInt(row.bytes!),
  lateEvents: BigInt(row.late_events!),
  lateBytes: BigInt(row.late_bytes!),
});
const partOf = (row: Fields): PartState => ({
  topicId: row.topic_id!,
  part: row.part!,
  firstOffset: row.first_offset!,
  nextOffset: row.next_offset!,
  maxTimeMs: row.max_ts ?? undefined,
  events: row.events!,
  deadLetters: row.dead_letters!,
  repeats: row.repeats!,
  absent: row.absent!,
  isRetired: row.retired!,
});
const rowOf = (row: Fields): PartRow => ({
  ...totalsOf(row),
  topicId: row.topic_id!,
  part: row.part!,
  windowStartMs: row.at!,
  label: row.size_label!,
  isPublished: row.published!,
});
const revisionOf = (row: Fields): Revision => ({
  ...totalsOf(row),
  windowStartMs: row.at!,
  label: row.size_label!,
  revision: row.revision!,
  deliveries: row.deliveries!,
});
const letterOf = (row: Fields): Letter => ({
  topicId: row.topic_id!,
  part: row.part!,
  offset: row.offset!,
  reason: row.reason!,
  digest: row.digest!,
  isPublished: row.published!,
  recordedMs: row.recorded!,
});
const gapOf = (row: Fields): AcceptedGap => ({
  topicId: row.topic_id!,
  part: row.part!,
  fromOffset: row.from_offset!,
  toOffset: row.to_offset!,
});
