// Removes what a run counted that cannot be restored: Node counts its records again, from where the run began.
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { LogEnds } from '../../log-ends.ts';
import { LOCK_RUNS } from '../../state.sql.ts';
import { closeRun, demandRun } from './end.ts';
import type { Run } from './run.ts';

export interface AbandonOptions {
  readonly pool: Pool;
  /** As the cluster names it. */
  readonly topic: string;
  readonly ends: ReadonlyMap<number, LogEnds>;
}

/**
 * Rows that Flink alone made stay with zeros until Node fills them again: what was published of one that never comes again must be
 * corrected too. Dead letters stay: Node finds each by its key.
 */
const SUBTRACT_TOTALS = `
UPDATE analytics.window_part w
SET events = w.events - t.events, bytes = w.bytes - t.bytes,
    late_events = w.late_events - t.late_events, late_bytes = w.late_bytes - t.late_bytes, published = false
FROM analytics.flink_totals t
WHERE t.run_id = $1 AND w.topic_id = $2 AND w.part = t.part AND w.size_label = t.size_label
  AND w.window_start = to_timestamp(t.window_start_ms / 1000.0)`;

const COUNT_TOTALS = 'SELECT count(*) AS rows FROM analytics.flink_totals WHERE run_id = $1';

const SUBTRACT_PROGRESS = `
UPDATE analytics.part_state s
SET next_offset = p.count_from, max_ts = p.max_ts,
    events = s.events - g.events, dead_letters = s.dead_letters - g.dead_letters, repeats = s.repeats - g.repeats,
    absent = s.absent - (s.next_offset - p.count_from - g.events - g.dead_letters - g.repeats)
FROM analytics.flink_run_part p JOIN analytics.flink_progress g USING (run_id, part)
WHERE p.run_id = $1 AND s.topic_id = $2 AND s.part = p.part AND s.owner = 'flink:' || p.run_id`;

/** Before the offsets go back: behind everything that the run has reported. */
const RECOUNT_TO = `
UPDATE analytics.part_state s
SET recount_to = GREATEST(s.recount_to, s.next_offset,
  (SELECT max(last_offset) + 1 FROM analytics.flink_totals t WHERE t.run_id = $1 AND t.part = s.part))
WHERE s.topic_id = $2 AND s.owner = 'flink:' || $1`;

/**
 * Takes the increases of the current run out.
 * @throws AppError `run-none`; `log-too-short` when the log no longer has all that the run counted: only restoring the job helps then
 */
export async function abandonRun({ pool, topic, ends }: AbandonOptions): Promise<Run> {
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_RUNS);
    const run = await demandRun(client, topic);
    const lost = run.parts.filter(({ part, countFrom }) => (ends.get(part)?.earliest ?? 0) > countFrom);
    if (lost.length > 0) {
      const first = lost.map(
        ({ part, countFrom }) =>
          `partition ${part} from ${countFrom} on, and the log begins at ${ends.get(part)!.earliest}`,
      );
      throw new AppError(
        'log-too-short',
        `run ${run.runId} cannot be counted anew: it counted ${first.join('; ')}. Restore its job from a checkpoint`,
        { runId: run.runId },
      );
    }
    await subtract(client, run);
    await closeRun(client, run, 'abandoned');
    return run;
  });
}

async function subtract(client: PoolClient, { runId, topicId }: Run): Promise<void> {
  const { rows } = await client.query<{ rows: number }>(COUNT_TOTALS, [runId]);
  const { rowCount } = await client.query(SUBTRACT_TOTALS, [runId, topicId]);
  if (rowCount !== rows[0]!.rows) {
    throw new AppError(
      'totals-missing',
      `run ${runId} added to ${rows[0]!.rows} rows of analytics.window_part, and ${rowCount} are there: nothing was changed`,
    );
  }
  await client.query(RECOUNT_TO, [runId, topicId]);
  await client.query(SUBTRACT_PROGRESS, [runId, topicId]);
}
