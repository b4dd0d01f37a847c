// Closed windows in, revisions out. A window closes when the watermark of every partition has passed its end and its
// lateness; what is counted later makes the next revision.
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import { LOCK_RUNS } from '../state.sql.ts';
import { WINDOW_MS } from '../topology.ts';

export interface PublishOptions {
  readonly pool: Pool;
  /** The topic whose watermark closes windows, as the cluster names it. */
  readonly topic: string;
  readonly outOfOrderBoundMs: number;
  readonly latenessMs: number;
  readonly partitionIdleMs: number;
  readonly revisionDebounceMs: number;
}

/** Most windows that one transaction publishes. */
const WINDOWS_MAX = 200;

/**
 * A partition's watermark is its greatest event time less the bound. One that has been at its end for long enough (the
 * broker said so) counts as having reached the time of that answer: an idle partition holds no window open.
 */
const CHANGED = `
WITH watermark AS (
  SELECT min(CASE
      -- A run of Flink was taken back out: until its records are counted again, windows hold less than was published.
      WHEN next_offset < recount_to THEN '-infinity'
      WHEN next_offset >= end_offset AND idle_since <= now() - $1 * interval '1 ms'
        THEN GREATEST(to_timestamp(max_ts / 1000.0), end_at)
      ELSE COALESCE(to_timestamp(max_ts / 1000.0), '-infinity')
    END) - $2 * interval '1 ms' AS at
  FROM analytics.part_state WHERE retired_at IS NULL AND topic = $6
)
SELECT DISTINCT p.window_start, p.size_label
FROM analytics.window_part p, watermark
WHERE NOT p.published
  AND p.window_start + ($3::bigint + $4::bigint) * interval '1 ms' <= watermark.at
  AND NOT EXISTS (
    SELECT FROM analytics.window_out o
    WHERE o.window_start = p.window_start AND o.size_label = p.size_label
      AND o.created_at > now() - $5 * interval '1 ms')
ORDER BY p.window_start, p.size_label
LIMIT ${WINDOWS_MAX}`;

/** Locks in key order, as commits of workers do, so that the two never deadlock; Flink's come in any order, and are kept out before. */
const LOCK = `
SELECT FROM analytics.window_part p
JOIN unnest($1::timestamptz[], $2::text[]) AS c (window_start, size_label) USING (window_start, size_label)
ORDER BY p.window_start, p.size_label, p.topic_id, p.part
FOR UPDATE OF p`;

const REVISE = `
WITH changed AS (
  SELECT t.*, COALESCE(last.revision, 0) AS revision,
         (t.events, t.bytes, t.late_events, t.late_bytes)
           IS DISTINCT FROM (last.events, last.bytes, last.late_events, last.late_bytes) AS is_news
  FROM analytics.size_label_totals t
  JOIN unnest($1::timestamptz[], $2::text[]) AS c (window_start, size_label) USING (window_start, size_label)
  LEFT JOIN LATERAL (
    SELECT * FROM analytics.window_out o
    WHERE o.window_start = t.window_start AND o.size_label = t.size_label ORDER BY o.revision DESC LIMIT 1
  ) AS last ON true
  -- Asked again behind the locks: another exporter may have published the same change while we waited for them.
  WHERE EXISTS (SELECT FROM analytics.window_part u
                WHERE u.window_start = t.window_start AND u.size_label = t.size_label AND NOT u.published)
), marked AS (
  -- Only rows as they were summed: one that a worker changed meanwhile stays unpublished and makes the next revision.
  UPDATE analytics.window_part p SET published = true
  FROM changed c JOIN analytics.window_part summed USING (window_start, size_label)
  WHERE summed.window_start = p.window_start AND summed.size_label = p.size_label
    AND summed.topic_id = p.topic_id AND summed.part = p.part AND summed.events = p.events
), revised AS (
  -- Totals that were counted again, and are as published, need no new revision.
  INSERT INTO analytics.window_out (window_start, size_label, revision, events, bytes, late_events, late_bytes)
  SELECT window_start, size_label, revision + 1, events, bytes, late_events, late_bytes FROM changed WHERE is_news
  RETURNING window_start, size_label, revision
)
INSERT INTO analytics.delivery (window_start, size_label, revision, sink)
SELECT r.window_start, r.size_label, r.revision, s.sink FROM revised r, unnest($3::text[]) AS s (sink)`;

/** Makes a revision of every closed window that has changed since its last one. Returns how many. */
export async function publishClosedWindows(
  options: PublishOptions,
  sinks: readonly string[],
): Promise<number> {
  return inTransaction(options.pool, async (client) => {
    const { rows } = await client.query<{ window_start: Date; size_label: string }>(CHANGED, [
      options.partitionIdleMs,
      options.outOfOrderBoundMs,
      WINDOW_MS,
      options.latenessMs,
      options.revisionDebounceMs,
      options.topic,
    ]);
    if (rows.length === 0) return 0;
    const starts = rows.map((row) => row.window_start);
    const labels = rows.map((row) => row.size_label);
    await client.query(LOCK_RUNS);
    await client.query(LOCK, [starts, labels]);
    // A new statement, so a new snapshot: it sees what was committed while we waited for the locks.
    const { rowCount } = await client.query(REVISE, [starts, labels, sinks]);
    // A delivery to each sink.
    return (rowCount ?? 0) / sinks.length;
  });
}
