// Rows go only after retention, and windows only when every delivery of theirs is done.
import type { Pool } from '#runtime/postgres.ts';

export interface PurgeOptions {
  readonly pool: Pool;
  readonly retentionDays: number;
  readonly seenIdsMax: number;
}

/** Ids beyond the horizon: newer rows of the partition hold the whole horizon already. */
const SEEN_IDS = `
DELETE FROM analytics.seen_ids s USING (
  SELECT topic_id, part, first_offset,
         sum(octet_length(ids) / 8) OVER (PARTITION BY topic_id, part ORDER BY first_offset DESC)
           - octet_length(ids) / 8 AS newer
  FROM analytics.seen_ids
) r
WHERE r.topic_id = s.topic_id AND r.part = s.part AND r.first_offset = s.first_offset AND r.newer >= $1`;

const DELIVERED_WINDOWS = `
WITH old AS (
  SELECT DISTINCT window_start, size_label FROM analytics.window_part p
  WHERE window_start < now() - $1 * interval '1 day'
    AND NOT EXISTS (SELECT FROM analytics.window_part q
      WHERE q.window_start = p.window_start AND q.size_label = p.size_label AND NOT q.published)
    AND NOT EXISTS (SELECT FROM analytics.delivery d
      WHERE d.window_start = p.window_start AND d.size_label = p.size_label AND d.state = 'pending')
  LIMIT 1000
), revisions AS (
  DELETE FROM analytics.window_out o USING old
  WHERE old.window_start = o.window_start AND old.size_label = o.size_label
)
DELETE FROM analytics.window_part p USING old
WHERE old.window_start = p.window_start AND old.size_label = p.size_label`;

const PUBLISHED_DEAD_LETTERS = `
DELETE FROM analytics.dlq WHERE published AND recorded_at < now() - $1 * interval '1 day'`;

/** One round; returns 0, so that the next round waits its time. */
export async function purge({ pool, retentionDays, seenIdsMax }: PurgeOptions): Promise<0> {
  await pool.query(SEEN_IDS, [seenIdsMax]);
  await pool.query(DELIVERED_WINDOWS, [retentionDays]);
  await pool.query(PUBLISHED_DEAD_LETTERS, [retentionDays]);
  return 0;
}
