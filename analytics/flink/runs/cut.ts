// Whether what Flink has written is one cut of the log: everything below the next offset, and nothing above. Only then may Node go on
// behind it. Proven by sums: no value is of a later offset, so each is at most what the cut holds; if they add up, each is exactly that.
import type { PoolClient } from '#runtime/postgres/database.ts';

/** What a run has written of a partition. */
export interface Cut {
  readonly part: number;
  readonly countFrom: number;
  readonly nextOffset: number;
  /** By its progress. */
  readonly events: number;
  readonly deadLetters: number;
  /** By its totals, and by analytics.dlq. */
  readonly eventsWritten: number;
  readonly deadLettersWritten: number;
  /** Offset of the newest record in totals or dead letters; null for none. */
  readonly lastOffset: number | null;
}

const CUTS = `
SELECT p.part, p.count_from AS "countFrom", s.next_offset AS "nextOffset",
       COALESCE(g.events, 0) AS events, COALESCE(g.dead_letters, 0) AS "deadLetters",
       (p.purged_events + COALESCE(t.events, 0))::bigint AS "eventsWritten", COALESCE(d.letters, 0) AS "deadLettersWritten",
       GREATEST(t.last_offset, d.last_offset) AS "lastOffset"
FROM analytics.flink_run r
JOIN analytics.flink_run_part p USING (run_id)
JOIN analytics.part_state s ON s.topic_id = r.topic_id AND s.part = p.part
LEFT JOIN analytics.flink_progress g ON g.run_id = r.run_id AND g.part = p.part
LEFT JOIN (
  SELECT part, sum(events) AS events, max(last_offset) AS last_offset FROM analytics.flink_totals
  WHERE run_id = $1 GROUP BY part
) AS t ON t.part = p.part
LEFT JOIN LATERAL (
  SELECT count(*) AS letters, max("offset") AS last_offset FROM analytics.dlq
  WHERE topic_id = r.topic_id AND part = p.part AND "offset" >= p.count_from
) AS d ON true
WHERE r.run_id = $1 ORDER BY p.part`;

/** Of each partition of a run. */
export const readCuts = async (client: Pick<PoolClient, 'query'>, runId: string): Promise<Cut[]> =>
  (await client.query<Cut>(CUTS, [runId])).rows;

/** What is not flushed, in a sentence for each partition; none for a cut. */
export const openCuts = (cuts: readonly Cut[]): string[] =>
  cuts
    .filter(
      ({ events, eventsWritten, deadLetters, deadLettersWritten, lastOffset, nextOffset }) =>
        events !== eventsWritten ||
        deadLetters !== deadLettersWritten ||
        (lastOffset !== null && lastOffset >= nextOffset),
    )
    .map(
      (cut) =>
        `partition ${cut.part}: progress below offset ${cut.nextOffset} tells of ${cut.events} events and ${cut.deadLetters} dead letters; ` +
        `written are ${cut.eventsWritten} and ${cut.deadLettersWritten}, up to offset ${cut.lastOffset ?? 'none'}`,
    );
