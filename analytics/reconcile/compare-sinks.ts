// The sinks against window_out: everything that is there was published so, and everything that was delivered is there.

import { ownOf } from '#runtime/own.ts';
import type { Revision } from './cloud-sql.ts';
import type { SinkName } from './compare-revisions.ts';
import type { Observed } from './observed.ts';
import type { Published, PublishedText } from './published.ts';
import { describeTotals, type Findings, type Row, sameTotals, windowName } from './report.ts';
import { type WindowFacts, windowKey } from './window-facts.ts';

type Windows = ReadonlyMap<string, WindowFacts>;
/** What each sink shows of a window: its highest revision. */
type Shown = (facts: WindowFacts) => Pick<Row, 'firestore' | 'gcs' | 'resultsTopic'>;

export function compareSinks(observed: Observed, windows: Windows, findings: Findings): Shown {
  const { firestore, gcs, results } = observed;
  const known = new Map(
    [...observed.snapshot.revisions, ...observed.revisionsSince].map((one) => [revisionKey(one), one]),
  );
  const check = (sink: SinkName, texts: readonly PublishedText[]): void => {
    for (const text of texts) checkPublished(sink, text, known, windows, findings);
  };
  check('firestore', firestore);
  check('gcs', gcs);
  check('results-topic', results.all);
  for (const text of firestore) checkDocumentId(text, findings);
  for (const { key, from, to } of results.wentBack)
    findings.differences.push({
      where: 'results-topic',
      key,
      expected: `no revision below ${from} after it`,
      actual: `revision ${to}`,
    });
  const highest = {
    firestore: byWindow(firestore),
    gcs: byWindow(gcs),
    'results-topic': byWindow(results.last),
  };
  const objects = new Set(gcs.flatMap(({ total }) => (total ? [revisionKey(total)] : [])));
  for (const facts of windows.values()) {
    for (const sink of ['firestore', 'results-topic'] as const)
      checkDelivered(sink, facts, highest[sink], findings);
    checkObjects(facts, objects, findings);
    if (facts.isPurged) checkPurged(facts, highest, findings);
  }
  return ({ windowStartMs, label }) => {
    const key = windowKey(windowStartMs, label);
    return {
      firestore: highest.firestore.get(key),
      gcs: highest.gcs.get(key),
      resultsTopic: highest['results-topic'].get(key),
    };
  };
}

const revisionKey = (one: Pick<Published, 'windowStartMs' | 'label' | 'revision'>): string =>
  `${windowKey(one.windowStartMs, one.label)} ${one.revision}`;

function byWindow(texts: readonly PublishedText[]): Map<string, Published> {
  const highest = new Map<string, Published>();
  for (const { total } of texts) {
    if (!total) continue;
    const key = windowKey(total.windowStartMs, total.label);
    if (total.revision > (highest.get(key)?.revision ?? 0)) highest.set(key, total);
  }
  return highest;
}

/** What a sink holds must be a revision that was made, with its very numbers. */
function checkPublished(
  where: SinkName,
  { name, total, fault }: PublishedText,
  known: ReadonlyMap<string, Revision>,
  windows: Windows,
  { differences }: Findings,
): void {
  if (!total) {
    differences.push({ where, key: name, expected: 'a published total', actual: fault });
    return;
  }
  const revision = known.get(revisionKey(total));
  if (revision && sameTotals(revision, total)) return;
  const facts = windows.get(windowKey(total.windowStartMs, total.label));
  if (facts?.isPurged) return;
  const expected = revision
    ? `r${revision.revision}: ${describeTotals(revision)}`
    : 'nothing: no such revision';
  differences.push({ where, key: name, expected, actual: `r${total.revision}: ${describeTotals(total)}` });
}

function checkDocumentId({ name, total }: PublishedText, { differences }: Findings): void {
  if (!total) return;
  const expected = `${total.label}_${new Date(total.windowStartMs).toISOString()}`;
  if (name !== expected) differences.push({ where: 'firestore', key: name, expected, actual: name });
}

/** The sink's last word is at least the highest revision that was marked as delivered. */
function checkDelivered(
  where: Exclude<SinkName, 'gcs'>,
  facts: WindowFacts,
  highest: ReadonlyMap<string, Published>,
  { differences }: Findings,
): void {
  const done = facts.revisions.findLast(({ deliveries }) => ownOf(deliveries, where) === 'done');
  const held = highest.get(windowKey(facts.windowStartMs, facts.label));
  if (!done || (held && held.revision >= done.revision)) return;
  differences.push({
    where,
    key: windowName(facts.windowStartMs, facts.label),
    expected: `r${done.revision}: ${describeTotals(done)}`,
    actual: held ? `r${held.revision}: ${describeTotals(held)}` : 'nothing',
  });
}

function checkObjects(facts: WindowFacts, objects: ReadonlySet<string>, { differences }: Findings): void {
  for (const revision of facts.revisions) {
    if (revision.deliveries.gcs !== 'done' || objects.has(revisionKey(revision))) continue;
    differences.push({
      where: 'gcs',
      key: `${windowName(facts.windowStartMs, facts.label)} revision ${revision.revision}`,
      expected: describeTotals(revision),
      actual: 'no object',
    });
  }
}

/** A purged window has left Cloud SQL only after its delivery: the sinks hold what the log says. */
function checkPurged(
  facts: WindowFacts,
  highest: Readonly<Record<SinkName, ReadonlyMap<string, Published>>>,
  { differences }: Findings,
): void {
  for (const [where, held] of Object.entries(highest)) {
    const total = held.get(windowKey(facts.windowStartMs, facts.label));
    if (facts.log && total && sameTotals(facts.log, total)) continue;
    differences.push({
      where,
      key: `${windowName(facts.windowStartMs, facts.label)} (purged)`,
      expected: describeTotals(facts.log),
      actual: describeTotals(total),
    });
  }
}
