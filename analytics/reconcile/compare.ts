// The whole comparison, pure: what the log says on one side, what every store holds on the other.
import { compareLog } from './compare-log.ts';
import { compareRevisions } from './compare-revisions.ts';
import { compareSinks } from './compare-sinks.ts';
import type { Allowances, Observed } from './observed.ts';
import type { Findings, PartitionRow, Row } from './report.ts';
import { gatherWindows } from './window-facts.ts';

export interface Comparison extends Findings {
  readonly rows: readonly Row[];
  readonly partitions: readonly PartitionRow[];
}

/** Compares row by row. */
export function compare(observed: Observed, allowances: Allowances): Comparison {
  const findings: Findings = { differences: [], pending: [] };
  const windows = gatherWindows(observed, allowances);
  compareLog(observed, allowances, windows, findings);
  compareRevisions(windows.values(), findings);
  const shown = compareSinks(observed, windows, findings);
  const rows = [...windows.values()]
    .map((facts) => {
      const { windowStartMs, label, log, cloudSql } = facts;
      return { windowStartMs, label, log, cloudSql, ...shown(facts) };
    })
    .toSorted((a, b) => a.windowStartMs - b.windowStartMs || a.label.localeCompare(b.label));
  return { ...findings, rows, partitions: partitionRows(observed) };
}

function partitionRows({ snapshot, ends, counted }: Observed): PartitionRow[] {
  return ends.map(({ part, end }) => {
    const count = counted.get(part);
    const state = snapshot.parts.find((one) => one.part === part && !one.isRetired);
    return {
      part,
      nextOffset: state?.nextOffset ?? 0,
      logEnd: end,
      events: count?.events ?? 0,
      repeats: count?.repeats ?? 0,
      deadLetters: count?.letters.size ?? 0,
    };
  });
}
