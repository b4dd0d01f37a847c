// Every window and label, and what the log and Cloud SQL say of it.
import type { Revision } from './cloud-sql.ts';
import { type Allowances, type Observed, retiredTopics } from './observed.ts';
import { NO_TOTALS, sumTotals, type Totals } from './report.ts';

/** All that is known of one window and label, without the sinks. */
export interface WindowFacts {
  readonly windowStartMs: number;
  readonly label: string;
  /** By the log; for partitions of a topic that was created again, by what Cloud SQL still holds of them. */
  readonly log: Totals | undefined;
  readonly cloudSql: Totals | undefined;
  readonly isPublished: boolean;
  /** Rising. */
  readonly revisions: readonly Revision[];
  /** When everything about the window must be over. */
  readonly dueMs: number;
  /** Gone from Cloud SQL because it is older than the retention. */
  readonly isPurged: boolean;
}

const WINDOW_MS = 60_000;
export const windowKey = (windowStartMs: number, label: string): string => `${windowStartMs} ${label}`;

/** Every window that the log or Cloud SQL knows. */
export function gatherWindows(observed: Observed, allowances: Allowances): Map<string, WindowFacts> {
  const { snapshot, counted } = observed;
  const log = new Map<string, Totals>();
  const cloudSql = new Map<string, Totals>();
  const arrivals = new Map<string, number>();
  const unpublished = new Set<string>();
  const add = (sums: Map<string, Totals>, key: string, totals: Totals): void => {
    sums.set(key, sumTotals(sums.get(key) ?? NO_TOTALS, totals));
  };
  for (const partition of counted.values()) {
    for (const [key, totals] of partition.totals) {
      add(log, key, totals);
      arrivals.set(key, Math.max(arrivals.get(key) ?? 0, totals.lastArrivalMs));
    }
  }
  const retired = retiredTopics(snapshot);
  for (const row of snapshot.rows) {
    const key = windowKey(row.windowStartMs, row.label);
    add(cloudSql, key, row);
    if (retired.has(row.topicId)) add(log, key, row);
    if (!row.isPublished) unpublished.add(key);
  }
  const revisions = Map.groupBy(snapshot.revisions, (one) => windowKey(one.windowStartMs, one.label));
  const keys = new Set([...log.keys(), ...cloudSql.keys(), ...revisions.keys()]);
  return new Map(
    [...keys].map((key) => {
      const [start, label] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
      const windowStartMs = Number(start);
      const lastMs = Math.max(windowStartMs + WINDOW_MS, arrivals.get(key) ?? 0);
      const isOld = windowStartMs < allowances.nowMs - allowances.retentionMs;
      const facts: WindowFacts = {
        windowStartMs,
        label,
        log: log.get(key),
        cloudSql: cloudSql.get(key),
        isPublished: cloudSql.has(key) && !unpublished.has(key),
        revisions: revisions.get(key) ?? [],
        dueMs: lastMs + allowances.openMsMax,
        isPurged: isOld && !cloudSql.has(key) && !revisions.has(key),
      };
      return [key, facts];
    }),
  );
}
