// The statements of state.ts, by name.

/** Exclusive for beginning or ending a run of Flink and for publishing; shared by Flink's transactions (0003-flink-runs.sql). */
export const LOCK_RUNS = 'SELECT pg_advisory_xact_lock(7203003)';

/** Rows of a topic of the same name and another id: that topic is gone. */
export const RETIRE = `
UPDATE analytics.part_state SET retired_at = now()
WHERE topic = $1 AND topic_id <> $2 AND retired_at IS NULL`;

/** No row while a run of Flink holds the topic. */
export const CLAIM = `
INSERT INTO analytics.part_state (topic_id, part, topic, first_offset, next_offset, epoch, owner)
SELECT $1, $2, $3, $4::bigint, $4::bigint, 1, $5
WHERE NOT EXISTS (SELECT FROM analytics.flink_run WHERE topic_id = $1 AND state = 'current')
ON CONFLICT (topic_id, part) DO UPDATE
SET epoch = part_state.epoch + 1, owner = excluded.owner, claimed_at = now(), retired_at = NULL
RETURNING next_offset, epoch, max_ts`;

/** On which the exporter hears that there is something to publish or to deliver. */
export const WORK_CHANNEL = 'analytics_work';

/** The fence. Being at the end counts from the moment the end was reached. Wakes the exporter when the transaction commits. */
export const ADVANCE = `
UPDATE analytics.part_state
SET next_offset = $5::bigint, max_ts = $6::bigint, end_offset = $7::bigint, end_at = now(),
    idle_since = CASE WHEN $5::bigint >= $7::bigint THEN now() END,
    events = events + $8, dead_letters = dead_letters + $9, repeats = repeats + $10, absent = absent + $11
WHERE topic_id = $1 AND part = $2 AND epoch = $3 AND next_offset = $4
RETURNING pg_notify('${WORK_CHANNEL}', '')`;

export const ADD_DEAD_LETTERS = `
INSERT INTO analytics.dlq (topic_id, part, topic, "offset", reason, detail, key, raw, headers)
SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::jsonb[])
ON CONFLICT DO NOTHING`;

export const ADD_SEEN_IDS = `
INSERT INTO analytics.seen_ids (topic_id, part, first_offset, ids, max_ts) VALUES ($1, $2, $3, $4, $5)`;

/** The newest rows that together hold at least $3 ids, oldest first. */
export const LOAD_SEEN_IDS = `
SELECT first_offset, ids, max_ts FROM (
  SELECT first_offset, ids, max_ts,
         sum(octet_length(ids) / 8) OVER (ORDER BY first_offset DESC) - octet_length(ids) / 8 AS newer
  FROM analytics.seen_ids WHERE topic_id = $1 AND part = $2
) AS rows WHERE newer < $3
ORDER BY first_offset`;

export const DELETE_SEEN_IDS = `DELETE FROM analytics.seen_ids WHERE topic_id = $1 AND part = $2`;

export const RECORD_ENDS = `
UPDATE analytics.part_state s
SET end_offset = seen.end_offset, end_at = now(),
    idle_since = CASE WHEN s.next_offset >= seen.end_offset THEN COALESCE(s.idle_since, now()) END
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS seen (topic_id, part, epoch, end_offset)
WHERE s.topic_id = seen.topic_id AND s.part = seen.part AND s.epoch = seen.epoch`;

/** The same for the partitions of a topic that a run of Flink holds, which cannot ask the broker. */
export const RECORD_RUN_ENDS = `
UPDATE analytics.part_state s
SET end_offset = seen.end_offset, end_at = now(),
    idle_since = CASE WHEN s.next_offset >= seen.end_offset THEN COALESCE(s.idle_since, now()) END
FROM unnest($2::int[], $3::bigint[]) AS seen (part, end_offset)
WHERE s.topic_id = $1 AND s.part = seen.part AND s.owner LIKE 'flink:%'
RETURNING s.part, s.next_offset`;

/** Whether a window waits for what the partitions' ends tell. */
export const WINDOWS_WAIT = 'SELECT EXISTS (SELECT FROM analytics.window_part WHERE NOT published) AS wait';

/** The same gap found again keeps its decision. */
export const RECORD_GAP = `
INSERT INTO analytics.log_gap AS g (topic_id, part, from_offset, to_offset, topic) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (topic_id, part, from_offset) DO UPDATE SET to_offset = GREATEST(g.to_offset, excluded.to_offset)
RETURNING accepted_at IS NOT NULL AS accepted`;

export const SKIP_GAP = `
UPDATE analytics.part_state
SET next_offset = $4::bigint, epoch = epoch + 1, absent = absent + ($4::bigint - next_offset)
WHERE topic_id = $1 AND part = $2 AND next_offset = $3`;
