// Documents compared: the log against Cloud SQL's rows, and these against Firestore.
import { type Allowances, retiredTopics } from '../observed.ts';
import type { Findings } from '../report.ts';
import type { ActivityObserved } from './look.ts';
import type { ActivityReport } from './revenue.ts';
import type { StoredDocument } from './stored.ts';

export function compareDocuments(
  observed: ActivityObserved,
  allowances: Allowances,
  findings: Findings,
): ActivityReport['documents'] {
  const expected = expectedDocuments(observed);
  compareRows(observed, expected, allowances, findings);
  compareFirestore(observed, allowances, findings);
  return {
    log: expected.size,
    cloudSql: observed.snapshot.documents.length,
    firestore: observed.firestore.size,
  };
}

/** By the log; for topics that were created again, by the rows. */
function expectedDocuments({ topics, snapshot }: ActivityObserved): ReadonlyMap<string, string> {
  const expected = new Map<string, string>();
  const retired = new Set([...topics.values()].flatMap((one) => [...retiredTopics(one.snapshot)]));
  for (const row of snapshot.documents) if (retired.has(row.topicId)) expected.set(row.id, row.text);
  for (const { counted } of topics.values())
    for (const { documents } of counted.values())
      for (const [id, text] of documents) if (!expected.has(id)) expected.set(id, text);
  return expected;
}

function compareRows(
  { snapshot }: ActivityObserved,
  expected: ReadonlyMap<string, string>,
  { nowMs, retentionMs }: Allowances,
  { differences }: Findings,
): void {
  const rows = new Map(snapshot.documents.map((row) => [row.id, row]));
  for (const id of new Set([...expected.keys(), ...rows.keys()])) {
    const [wanted, row] = [expected.get(id), rows.get(id)];
    if (wanted === row?.text) continue;
    if (wanted && !row && occurredMs(wanted) < nowMs - retentionMs) continue;
    const [said, actual] = [wanted ?? 'nothing', row?.text ?? 'nothing'];
    differences.push({ where: 'cloud-sql activity', key: id, expected: said, actual });
  }
}

/** The time comes after the kind (`textOf`). */
const occurredMs = (text: string): number => Date.parse(text.split(', ')[1] ?? '');

function compareFirestore(
  { snapshot, documentsSince, firestore }: ActivityObserved,
  { openMsMax }: Allowances,
  { differences, pending }: Findings,
): void {
  const since = new Map(documentsSince.map((row) => [row.id, row]));
  const differ = (key: string, row: StoredDocument | undefined): void => {
    const [expected, actual] = [row?.text ?? 'no document', firestore.get(key) ?? 'no document'];
    if (expected !== actual) differences.push({ where: 'firestore user_activity', key, expected, actual });
  };
  for (const row of snapshot.documents) {
    const isPurged = !since.has(row.id);
    if (isPurged) continue;
    // One that waits may be there already: the mark follows the write.
    if (row.isDelivered || firestore.has(row.id)) differ(row.id, row);
    if (!row.isDelivered) {
      const dueMs = row.recordedMs + openMsMax;
      pending.push({ where: 'firestore user_activity', key: row.id, why: 'not delivered yet', dueMs });
    }
  }
  const known = new Set(snapshot.documents.map(({ id }) => id));
  for (const id of firestore.keys()) if (!known.has(id)) differ(id, since.get(id));
}
