// A run of the Flink job on one topic, as commands print it and the job gets it.
import type { PoolClient } from '#runtime/postgres/database.ts';

/** Where a run begins in a partition. */
export interface RunPart {
  readonly part: number;
  /** Records from here on make ids and the greatest event time known; those below `countFrom` are not counted. */
  readonly readFrom: number;
  readonly countFrom: number;
  /** Greatest event time below `countFrom`; null for none. */
  readonly maxTimeMs: number | null;
}

export interface Run {
  readonly runId: string;
  readonly topicId: string;
  /** As the cluster names it. */
  readonly topic: string;
  readonly begunAt: Date;
  /** In the order of their numbers. */
  readonly parts: readonly RunPart[];
}

const CURRENT = `
SELECT run_id, topic_id, topic, begun_at FROM analytics.flink_run WHERE topic = $1 AND state = 'current'`;

const PARTS = `
SELECT part, read_from, count_from, max_ts FROM analytics.flink_run_part WHERE run_id = $1 ORDER BY part`;

interface RunRow {
  run_id: string;
  topic_id: string;
  topic: string;
  begun_at: Date;
}

interface PartRow {
  part: number;
  read_from: number;
  count_from: number;
  max_ts: number | null;
}

/** The run that holds a topic now; undefined while none does. */
export async function currentRun(client: Pick<PoolClient, 'query'>, topic: string): Promise<Run | undefined> {
  const [run] = (await client.query<RunRow>(CURRENT, [topic])).rows;
  if (!run) return undefined;
  const { rows } = await client.query<PartRow>(PARTS, [run.run_id]);
  return {
    runId: run.run_id,
    topicId: run.topic_id,
    topic: run.topic,
    begunAt: run.begun_at,
    parts: rows.map((row) => ({
      part: row.part,
      readFrom: row.read_from,
      countFrom: row.count_from,
      maxTimeMs: row.max_ts,
    })),
  };
}
