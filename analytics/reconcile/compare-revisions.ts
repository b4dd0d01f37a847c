// window_out against the totals: revisions from 1 without a hole, each larger than the last, the highest equal to the totals
// as soon as nothing is unpublished; and a delivery of each revision to each sink.

import { ownOf } from '#runtime/own.ts';
import type { Revision } from './cloud-sql.ts';
import { describeTotals, type Findings, sameTotals, windowName } from './report.ts';
import type { WindowFacts } from './window-facts.ts';

/** Sinks by the names that the delivery table allows. */
export const SINKS = ['firestore', 'gcs', 'results-topic'] as const;
export type SinkName = (typeof SINKS)[number];

export function compareRevisions(windows: Iterable<WindowFacts>, findings: Findings): void {
  for (const facts of windows) {
    compareHighest(facts, findings);
    compareSequence(facts, findings);
    for (const revision of facts.revisions) compareDeliveries(facts, revision, findings);
  }
}

function compareHighest(facts: WindowFacts, { differences, pending }: Findings): void {
  const key = windowName(facts.windowStartMs, facts.label);
  const where = 'cloud-sql revisions';
  const highest = facts.revisions.at(-1);
  if (!facts.cloudSql) {
    // Nothing was counted in it, and yet it was published.
    if (highest) differences.push({ where, key, expected: 'no revision', actual: describe(highest) });
    return;
  }
  if (!facts.isPublished) {
    const why = `revision ${(highest?.revision ?? 0) + 1} is not made yet`;
    pending.push({ where, key, why, dueMs: facts.dueMs });
    return;
  }
  if (highest && sameTotals(highest, facts.cloudSql)) return;
  const expected = describeTotals(facts.cloudSql);
  differences.push({ where, key, expected, actual: highest ? describe(highest) : 'nothing' });
}

function compareSequence(facts: WindowFacts, { differences }: Findings): void {
  facts.revisions.forEach((revision, index) => {
    const before = facts.revisions[index - 1];
    if (revision.revision === index + 1 && (!before || before.events < revision.events)) return;
    differences.push({
      where: 'cloud-sql revisions',
      key: windowName(facts.windowStartMs, facts.label),
      expected: `revision ${index + 1} with more events than the one before`,
      actual: `${describe(revision)}${before ? ` after ${describe(before)}` : ''}`,
    });
  });
}

function compareDeliveries(facts: WindowFacts, revision: Revision, { differences, pending }: Findings): void {
  const key = `${windowName(facts.windowStartMs, facts.label)} revision ${revision.revision}`;
  for (const sink of SINKS) {
    const state = ownOf(revision.deliveries, sink);
    if (state === 'done') continue;
    const where = `${sink} delivery`;
    if (state === 'pending') {
      pending.push({ where, key, why: 'not delivered yet', dueMs: facts.dueMs });
      continue;
    }
    const hasLater = facts.revisions.some(
      (other) => other.revision > revision.revision && ownOf(other.deliveries, sink) === 'done',
    );
    // Every revision has an object of its own in GCS: there, none replaces another.
    if (state === 'superseded' && hasLater && sink !== 'gcs') continue;
    differences.push({ where, key, expected: 'done', actual: state ?? 'no delivery' });
  }
}

const describe = (revision: Revision): string => `r${revision.revision}: ${describeTotals(revision)}`;
