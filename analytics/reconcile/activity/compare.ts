// Activity and revenue compared, pure: what the log says on one side, Cloud SQL and Firestore on the other.
import { compareTopic } from '../compare-log.ts';
import { type Allowances, liveParts, retiredTopics } from '../observed.ts';
import type { Findings } from '../report.ts';
import { compareDocuments } from './compare-documents.ts';
import type { ActivityObserved } from './look.ts';
import {
  type ActivityReport,
  describeRevenue,
  NO_REVENUE,
  type Revenue,
  type RevenueRow,
  sumRevenue,
} from './revenue.ts';

export interface ActivityComparison extends Findings {
  readonly activity: ActivityReport;
}

export function compareActivity(observed: ActivityObserved, allowances: Allowances): ActivityComparison {
  const findings: Findings = { differences: [], pending: [] };
  for (const [topic, one] of observed.topics) {
    const own: Findings = { differences: [], pending: [] };
    compareTopic(one, allowances, own);
    findings.differences.push(
      ...own.differences.map((found) => ({ ...found, key: `${topic} ${found.key}` })),
    );
    findings.pending.push(...own.pending.map((found) => ({ ...found, key: `${topic} ${found.key}` })));
  }
  const revenue = compareRevenue(observed, findings);
  const documents = compareDocuments(observed, allowances, findings);
  return { ...findings, activity: { revenue, documents } };
}

/** Every partition's rows, and then what the view makes of them. */
function compareRevenue(observed: ActivityObserved, { differences }: Findings): RevenueRow[] {
  const log = new Map<string, Revenue>();
  const differ = (where: string, key: string, expected: string, actual: string): void => {
    if (expected !== actual) differences.push({ where, key, expected, actual });
  };
  const add = (key: string, revenue: Revenue): void => {
    log.set(key, sumRevenue(log.get(key) ?? NO_REVENUE, revenue));
  };
  const stored = new Map(
    observed.snapshot.revenue.map((row) => [`${row.topicId}/${row.part} ${row.key}`, row]),
  );
  for (const [topic, one] of observed.topics) {
    for (const { topicId, part } of liveParts(one)) {
      for (const [key, expected] of one.counted.get(part)?.revenue ?? []) {
        add(key, expected);
        const place = `${topicId}/${part} ${key}`;
        const name = `${topic} partition ${part} ${key}`;
        differ('cloud-sql revenue', name, describeRevenue(expected), describeRevenue(stored.get(place)));
        stored.delete(place);
      }
    }
  }
  const retired = new Set([...observed.topics.values()].flatMap((one) => [...retiredTopics(one.snapshot)]));
  for (const [place, row] of stored) {
    // The log of a topic that was created again is gone: its counted rows are taken as they are.
    if (retired.has(row.topicId)) add(row.key, row);
    else differ('cloud-sql revenue', place, describeRevenue(undefined), describeRevenue(row));
  }
  const { perDay } = observed.snapshot;
  const keys = [...new Set([...log.keys(), ...perDay.keys()])].toSorted();
  for (const key of keys) differ('cloud-sql revenue_per_day', key, ...texts(log.get(key), perDay.get(key)));
  return keys.map((key) => ({ key, log: log.get(key), cloudSql: perDay.get(key) }));
}

/** The view's own net beside the one that follows from its sums. */
function texts(
  log: Revenue | undefined,
  view: (Revenue & { readonly netMinor: bigint }) | undefined,
): [string, string] {
  const isNetWrong = view && view.netMinor !== view.amountMinor - view.refundedMinor;
  return [
    describeRevenue(log),
    `${describeRevenue(view)}${isNetWrong ? `, said to be ${view.netMinor}` : ''}`,
  ];
}
