// Rows go only after retention, and windows only when every delivery of theirs is done.
import type { Pool } from '#runtime/postgres/database.ts';

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
), staged AS (
  -- What Flink has counted of them goes with them: a later addition to such a row would then count all of the row again.
  DELETE FROM analytics.flink_totals t USING old
  WHERE t.window_start_ms = (extract(epoch FROM old.window_start) * 1000)::bigint AND t.size_label = old.size_label
  RETURNING t.run_id, t.part, t.events
), remembered AS (
  UPDATE analytics.flink_run_part p SET purged_events = p.purged_events + s.events
  FROM (SELECT run_id, part, sum(events)::bigint AS events FROM staged GROUP BY run_id, part) AS s
  WHERE s.run_id = p.run_id AND s.part = p.part
)
DELETE FROM analytics.window_part p USING old
WHERE old.window_start = p.window_start AND old.size_label = p.size_label`;

/** Those of a run of Flink that is not over are compared with its progress when it ends. */
const PUBLISHED_DEAD_LETTERS = `
DELETE FROM analytics.dlq d WHERE published AND recorded_at < now() - $1 * interval '1 day'
  AND NOT EXISTS (SELECT FROM analytics.flink_run r JOIN analytics.flink_run_part p USING (run_id)
    WHERE r.state = 'current' AND r.topic_id = d.topic_id AND p.part = d.part AND d."offset" >= p.count_from)`;

/** What only served to tell an increase. */
const RUNS_THAT_ARE_OVER = `
DELETE FROM analytics.flink_totals t USING (
  SELECT run_id, part, window_start_ms, size_label FROM analytics.flink_totals
  JOIN analytics.flink_run r USING (run_id) WHERE r.state <> 'current' LIMIT 10000
) AS old
WHERE (old.run_id, old.part, old.window_start_ms, old.size_label) = (t.run_id, t.part, t.window_start_ms, t.size_label)`;

/** One round; returns 0, so that the next round waits its time. */
export async function purge({ pool, retentionDays, seenIdsMax }: PurgeOptions): Promise<0> {
  await pool.query(SEEN_IDS, [seenIdsMax]);
  await pool.query(DELIVERED_WINDOWS, [retentionDays]);
  await pool.query(PUBLISHED_DEAD_LETTERS, [retentionDays]);
  await pool.query(RUNS_THAT_ARE_OVER);
  return 0;
}
