// The rows of one commit, and the remembered ids of one claim. Every function runs in the caller's transaction.
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { FoldedBatch } from './fold.ts';
import { SeenIds } from './seen-ids.ts';
import * as sql from './state.sql.ts';

/** A partition of a topic. */
export interface PartitionKey {
  readonly topicId: string;
  readonly part: number;
}

/** Keeps what could not be counted, whole. */
export async function addDeadLetters(
  client: PoolClient,
  claim: PartitionKey,
  { deadLetters }: FoldedBatch,
  topic: string,
): Promise<void> {
  if (deadLetters.length === 0) return;
  await client.query({
    name: 'add-dead-letters',
    text: sql.ADD_DEAD_LETTERS,
    values: [
      claim.topicId,
      claim.part,
      topic,
      deadLetters.map((letter) => letter.offset),
      deadLetters.map((letter) => letter.reason),
      deadLetters.map((letter) => letter.detail),
      deadLetters.map((letter) => letter.key),
      deadLetters.map((letter) => letter.raw),
      deadLetters.map((letter) => JSON.stringify(letter.headers)),
    ],
  });
}

/** Remembers the ids that the batch counted. */
export async function addSeenIds(
  client: PoolClient,
  claim: PartitionKey,
  { ids, fromOffset, maxTimeMs }: FoldedBatch,
): Promise<void> {
  if (ids.size === 0) return;
  await client.query({
    name: 'add-seen-ids',
    text: sql.ADD_SEEN_IDS,
    values: [claim.topicId, claim.part, fromOffset, ids.toBuffer(), maxTimeMs ?? null],
  });
}

/** Ids of this many rows are put into one when a partition is claimed, so that a quiet topic's rows do not pile up. */
const ROWS_BEFORE_MERGE = 256;

/** The ids that a partition remembers. */
export async function loadSeenIds(
  client: PoolClient,
  { topicId, part }: PartitionKey,
  seenIdsMax: number,
): Promise<SeenIds> {
  const seen = new SeenIds(seenIdsMax);
  const { rows } = await client.query<{ first_offset: number; ids: Buffer; max_ts: number | null }>(
    sql.LOAD_SEEN_IDS,
    [topicId, part, seenIdsMax],
  );
  for (const row of rows) seen.load(row.ids);
  if (rows.length > ROWS_BEFORE_MERGE) {
    const newest = rows.at(-1)!;
    await client.query(sql.DELETE_SEEN_IDS, [topicId, part]);
    await client.query(sql.ADD_SEEN_IDS, [
      topicId,
      part,
      newest.first_offset,
      Buffer.concat(rows.map((row) => row.ids)),
      newest.max_ts,
    ]);
  }
  return seen;
}
