// What Cloud SQL knows of the consumption of one topic: positions, dead letters, gaps that a person accepted.
import pg from 'pg';

/** The worker's position in one partition. */
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

/** What is known of the consumption of one topic. */
export interface TopicState {
  readonly parts: readonly PartState[];
  readonly letters: readonly Letter[];
  readonly gaps: readonly AcceptedGap[];
}

/** Everything comes as text or float8, so that no parser of the process decides what a number is. */
export const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
const PARTS = `
SELECT topic_id, part, first_offset::float8, next_offset::float8, max_ts::float8, events::float8,
       dead_letters::float8, repeats::float8, absent::float8, retired_at IS NOT NULL AS retired
FROM analytics.part_state WHERE topic = $1 ORDER BY topic_id, part`;
const LETTERS = `
SELECT topic_id, part, "offset"::float8 AS "offset", reason, COALESCE(encode(sha256(raw), 'hex'), '') AS digest,
       published, ${MS('recorded_at')} AS recorded
FROM analytics.dlq WHERE topic = $1 ORDER BY topic_id, part, "offset"`;
const GAPS = `
SELECT topic_id, part, from_offset::float8, to_offset::float8 FROM analytics.log_gap
WHERE topic = $1 AND accepted_at IS NOT NULL`;

/** Of the topic that the cluster knows by this name. */
export const readTopicState = async (client: pg.Client, topic: string): Promise<TopicState> => ({
  parts: (await client.query(PARTS, [topic])).rows.map(partOf),
  letters: (await client.query(LETTERS, [topic])).rows.map(letterOf),
  gaps: (await client.query(GAPS, [topic])).rows.map(gapOf),
});

/** Reads in one repeatable-read transaction. */
export async function look<Result>(
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

/** A row of any statement here. */
export type Fields = Readonly<Record<string, never>>;
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
