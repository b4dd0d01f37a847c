// Hands a topic over to Flink: from here on no Node worker commits to it, and a new run may write.
import { randomUUID } from 'node:crypto';
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { LogEnds } from '../../log-ends.ts';
import { RETIRE } from '../../state.sql.ts';
import { currentRun, type Run } from './run.ts';

export interface BeginOptions {
  readonly pool: Pool;
  /** As the cluster names it. */
  readonly topic: string;
  readonly topicId: string;
  /** Of every partition, as the broker tells them. */
  readonly ends: ReadonlyMap<number, LogEnds>;
  /** How many ids Node workers remember of a partition. */
  readonly seenIdsMax: number;
}

/** Claims wait for it and then see the run; the commits that are under way are over first. */
const LOCK_CLAIMS = 'LOCK TABLE analytics.part_state IN SHARE ROW EXCLUSIVE MODE';

const ADD_RUN = 'INSERT INTO analytics.flink_run (run_id, topic_id, topic) VALUES ($1, $2, $3)';

/** A partition that no worker has claimed yet begins, as for a worker, with what the log still has. */
const TAKE = `
INSERT INTO analytics.part_state (topic_id, part, topic, first_offset, next_offset, epoch, owner)
SELECT $1, seen.part, $2, seen.earliest, seen.earliest, 1, $3 FROM unnest($4::int[], $5::bigint[]) AS seen (part, earliest)
ON CONFLICT (topic_id, part) DO UPDATE
SET epoch = part_state.epoch + 1, owner = excluded.owner, claimed_at = now(), retired_at = NULL, idle_since = NULL
RETURNING part, next_offset`;

/** From the oldest id that a Node worker would load, as far as the log reaches back. */
const ADD_PARTS = `
INSERT INTO analytics.flink_run_part (run_id, part, read_from, count_from, max_ts)
SELECT $1, s.part, LEAST(s.next_offset, GREATEST(seen.earliest, COALESCE(remembered.from_offset, s.next_offset))), s.next_offset, s.max_ts
FROM analytics.part_state s
JOIN unnest($3::int[], $4::bigint[]) AS seen (part, earliest) USING (part)
LEFT JOIN (
  SELECT part, min(first_offset) AS from_offset FROM (
    SELECT part, first_offset, sum(octet_length(ids) / 8) OVER (PARTITION BY part ORDER BY first_offset DESC)
      - octet_length(ids) / 8 AS newer
    FROM analytics.seen_ids WHERE topic_id = $2
  ) AS rows WHERE newer < $5 GROUP BY part
) AS remembered USING (part)
WHERE s.topic_id = $2`;

/**
 * Begins a run at the position of the Node workers.
 * @throws AppError `run-current` while another run holds the topic, `log-gap` when the log has lost what is to be counted.
 */
export async function beginRun(options: BeginOptions): Promise<Run> {
  const { pool, topic, topicId, ends, seenIdsMax } = options;
  const runId = `r-${randomUUID()}`;
  const parts = [...ends.keys()].toSorted((a, b) => a - b);
  const earliest = parts.map((part) => ends.get(part)!.earliest);
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_CLAIMS);
    await refuseSecond(client, topic);
    await client.query(RETIRE, [topic, topicId]);
    await client.query(ADD_RUN, [runId, topicId, topic]);
    const { rows } = await client.query<{ part: number; next_offset: number }>(TAKE, [
      topicId,
      topic,
      `flink:${runId}`,
      parts,
      earliest,
    ]);
    for (const row of rows) checkLog(row.part, row.next_offset, ends.get(row.part)!);
    await client.query(ADD_PARTS, [runId, topicId, parts, earliest, seenIdsMax]);
    return (await currentRun(client, topic))!;
  });
}

async function refuseSecond(client: PoolClient, topic: string): Promise<void> {
  const run = await currentRun(client, topic);
  if (!run) return;
  throw new AppError('run-current', `run ${run.runId} holds ${topic} already: end or abandon it first`, {
    runId: run.runId,
  });
}

/** As a Node worker does when it claims: a loss is reported, never skipped. */
function checkLog(part: number, nextOffset: number, { earliest, end }: LogEnds): void {
  if (nextOffset >= earliest && nextOffset <= end) return;
  throw new AppError(
    'log-gap',
    `partition ${part}: the log holds offsets ${earliest} to ${end}, and ${nextOffset} is the next to be counted. Nothing was begun; see docs/runbooks/log-gap.md`,
    { part, nextOffset, earliest, end },
  );
}
