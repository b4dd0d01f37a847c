// Which engine counts a topic, and how far it is.
import type { Pool } from '#runtime/postgres/database.ts';
import type { LogEnds } from '../../log-ends.ts';
import { openCuts, readCuts } from './cut.ts';
import { currentRun, type Run } from './run.ts';

export interface EngineStatus {
  readonly topic: string;
  readonly engine: 'node' | 'flink';
  /** The run of Flink, while there is one. */
  readonly run?: Run;
  readonly parts: readonly PartStatus[];
  /** What Flink has not flushed, in sentences; none once `end` may end the run. */
  readonly unflushed: readonly string[];
  /** Whether the log still has all that the run counted, so that `abandon` may take it back out. */
  readonly canBeAbandoned: boolean;
  /** What is wrong, in sentences. */
  readonly faults: readonly string[];
}

interface PartStatus {
  readonly part: number;
  readonly owner: string;
  readonly nextOffset: number;
  /** Null for a partition that the broker does not show. */
  readonly lag: number | null;
}

const PARTS = `
SELECT part, owner, next_offset AS "nextOffset" FROM analytics.part_state
WHERE topic = $1 AND retired_at IS NULL ORDER BY part`;

/** Looks without changing anything. */
export async function readStatus(
  pool: Pool,
  topic: string,
  ends: ReadonlyMap<number, LogEnds>,
): Promise<EngineStatus> {
  const run = await currentRun(pool, topic);
  const { rows } = await pool.query<Omit<PartStatus, 'lag'>>(PARTS, [topic]);
  const lagOf = ({ part, nextOffset }: Omit<PartStatus, 'lag'>): number | null => {
    const end = ends.get(part)?.end;
    return end === undefined ? null : end - nextOffset;
  };
  return {
    topic,
    engine: run ? 'flink' : 'node',
    ...(run ? { run } : {}),
    parts: rows.map((row) => ({ ...row, lag: lagOf(row) })),
    unflushed: run ? openCuts(await readCuts(pool, run.runId)) : [],
    canBeAbandoned:
      run?.parts.every(({ part, countFrom }) => (ends.get(part)?.earliest ?? 0) <= countFrom) ?? false,
    faults: rows.flatMap(({ part, nextOffset }) => faultOf(part, nextOffset, ends.get(part))),
  };
}

/** A Node worker halts at a gap; a run of Flink may write nothing more of the partition (docs/runbooks/log-gap.md). */
function faultOf(part: number, nextOffset: number, ends: LogEnds | undefined): string[] {
  if (ends && nextOffset < ends.earliest)
    return [
      `partition ${part}: offsets ${nextOffset} to ${ends.earliest - 1} are gone from the log, and are not counted`,
    ];
  if (ends && nextOffset > ends.end)
    return [`partition ${part}: the log ends at ${ends.end}, before offset ${nextOffset}: it was truncated`];
  return [];
}

/** For people. */
export function renderStatus({ topic, engine, run, parts, unflushed, canBeAbandoned, faults }: EngineStatus) {
  const lines = [
    `${topic} is counted by ${engine === 'flink' ? `Flink, run ${run!.runId}, begun ${run!.begunAt.toISOString()}` : 'Node workers'}`,
    ...parts.map(
      ({ part, owner, nextOffset, lag }) =>
        `  partition ${part}  next offset ${nextOffset}, ${lag ?? '?'} behind the end  ${owner}`,
    ),
    ...faults,
  ];
  if (run) {
    lines.push(
      unflushed.length === 0
        ? 'Everything below the next offsets is written: `end` may end the run once its job is stopped.'
        : `Not flushed yet:\n  ${unflushed.join('\n  ')}`,
      canBeAbandoned
        ? 'The log still has all that the run counted: `abandon` can take it back out.'
        : 'The log has lost records that the run counted: it cannot be abandoned, only restored.',
    );
  }
  return lines.join('\n');
}
