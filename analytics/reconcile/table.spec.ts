import { describe, expect, it } from '@jest/globals';
import type { Report, Row, Totals } from './report.ts';
import { renderReport } from './table.ts';

const NOON_MS = Date.UTC(2026, 10, 24, 12);
const totals = (bytes: bigint): Totals => ({ events: 1n, bytes, lateEvents: 0n, lateBytes: 0n });
const equal = (minute: number): Row => {
  const all = totals(5n);
  return {
    windowStartMs: NOON_MS + minute * 60_000,
    label: 'small',
    log: all,
    cloudSql: all,
    firestore: all,
    gcs: all,
    resultsTopic: all,
  };
};
const report = (change: Partial<Report>): Report => ({
  differences: [],
  pending: [],
  rows: [equal(0), equal(1), equal(2)],
  partitions: [{ part: 0, nextOffset: 9, logEnd: 10, events: 3, repeats: 4, deadLetters: 2 }],
  activity: { revenue: [], documents: { log: 7, cloudSql: 7, firestore: 7 } },
  ...change,
});
const difference = { where: 'gcs', key: 'k', expected: 'a', actual: 'b' };

describe('the printed report', () => {
  it('shows the newest windows and the sum of all', () => {
    const text = renderReport(report({}), 1);
    expect(text).toContain('2026-11-24T12:02');
    expect(text).not.toContain('2026-11-24T12:00');
    expect(text).toMatch(/all windows +3 \/ 15 +3 \/ 15 +3 \/ 15 +3 \/ 15 +3 \/ 15\n/);
    expect(text).toContain('(2 more rows, equal in every store, are not shown)');
    expect(text).toMatch(/\n0 +9 +10 +3 +4 +2\n/);
    expect(text).toMatch(/\nEQUAL: 3 rows, zero differences$/);
  });

  it('shows every row that differs, however old', () => {
    const spoilt = { ...equal(0), firestore: totals(6n), gcs: undefined };
    const text = renderReport(report({ rows: [spoilt, equal(1)], differences: [difference] }), 0);
    expect(text).toMatch(/12:00 +small +1 \/ 5 +1 \/ 5 +1 \/ 6 +- +1 \/ 5 +differs\n/);
    expect(text).toContain('gcs · k · expected a · actual b');
    expect(text).toMatch(/\nDIFFERENT: 1 difference\(s\) from the log$/);
  });

  it('distinguishes a pending row from one that differs', () => {
    const open = { ...equal(0), gcs: undefined };
    const pending = [
      { where: 'gcs delivery', key: '2026-11-24T12:00:00.000Z small revision 1', why: 'not yet' },
    ];
    const text = renderReport(report({ rows: [open], pending }), 0);
    expect(text).toMatch(/small .* on its way\n/);
    expect(text).toMatch(/\nEQUAL: 1 rows, zero differences, 1 on their way$/);
  });

  it('shows the revenue of the newest days, and of every day that differs', () => {
    const earned = { payments: 2n, amountMinor: 300n, refunds: 1n, refundedMinor: 100n };
    const day = (date: string, cloudSql = earned) => ({ key: `${date} EUR`, log: earned, cloudSql });
    const revenue = [
      day('2026-11-22', { ...earned, amountMinor: 301n }),
      day('2026-11-23'),
      day('2026-11-24'),
    ];
    const documents = { log: 7, cloudSql: 7, firestore: 6 };
    const text = renderReport(report({ activity: { revenue, documents } }), 1);
    const line = '2 payments of 300, 1 refunds of 100, net 200';
    expect(text).toContain(`2026-11-24 EUR  ${line}  ${line}\n`);
    expect(text).toContain('2 payments of 301, 1 refunds of 100, net 201  differs\n');
    expect(text).not.toContain('2026-11-23');
    expect(text).toContain('user_activity: 7 documents by the log, 7 in Cloud SQL, 6 in Firestore');
  });
});
