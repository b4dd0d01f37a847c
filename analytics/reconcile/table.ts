// The report for people: windows, partitions, differences, verdict.
import { activityCells, documentsLine } from './activity/activity-table.ts';
import type { Report, Row, Totals } from './report.ts';
import { NO_TOTALS, sameTotals, sumTotals, windowName } from './report.ts';

const STORES = ['log', 'cloudSql', 'firestore', 'gcs', 'resultsTopic'] as const;
const HEADS = ['window', 'size_label', 'log', 'Cloud SQL', 'Firestore', 'GCS', 'results topic', ''];
const LISTED_MAX = 50;

/** The newest windows, every row whose stores differ, sums, partitions, what differs and what is on its way. */
export function renderReport(report: Report, newestWindows: number): string {
  const shown = rowsToShow(report.rows, newestWindows);
  const cells = shown.map((row) => [
    new Date(row.windowStartMs).toISOString().slice(0, 16),
    row.label,
    ...STORES.map((store) => numbers(row[store])),
    markOf(row, report),
  ]);
  const sums = STORES.map((store) => numbers(sumOf(report.rows, store)));
  const left = report.rows.length - shown.length;
  return [
    'events / bytes, with the late ones in brackets',
    ...aligned([HEADS, ...cells, ['all windows', '', ...sums, '']]),
    ...(left > 0 ? [`(${left} more rows, equal in every store, are not shown)`] : []),
    '',
    ...aligned([
      ['partition', 'counted up to', 'log end', 'events', 'repeats', 'dead letters'],
      ...report.partitions.map((one) =>
        [one.part, one.nextOffset, one.logEnd, one.events, one.repeats, one.deadLetters].map(String),
      ),
    ]),
    '',
    ...aligned([['revenue', 'log', 'Cloud SQL', ''], ...activityCells(report.activity, newestWindows)]),
    documentsLine(report.activity),
    '',
    ...listed('on their way', report.pending, ({ where, key, why }) => `${where} · ${key} · ${why}`),
    ...listed('differences', report.differences, ({ where, key, expected, actual }) => {
      return `${where} · ${key} · expected ${expected} · actual ${actual}`;
    }),
    verdict(report),
  ].join('\n');
}

const verdict = ({ differences, pending, rows }: Report): string =>
  differences.length > 0
    ? `DIFFERENT: ${differences.length} difference(s) from the log`
    : `EQUAL: ${rows.length} rows, zero differences${pending.length > 0 ? `, ${pending.length} on their way` : ''}`;

function rowsToShow(rows: readonly Row[], newestWindows: number): Row[] {
  const windows = [...new Set(rows.map(({ windowStartMs }) => windowStartMs))].toSorted((a, b) => a - b);
  const newest = new Set(newestWindows > 0 ? windows.slice(-newestWindows) : []);
  return rows.filter((row) => newest.has(row.windowStartMs) || !isEqual(row));
}

const isEqual = (row: Row): boolean =>
  STORES.every(
    (store) => row.log !== undefined && row[store] !== undefined && sameTotals(row.log, row[store]),
  );

/** A row that is unequal only because something about it is on its way is no fault. */
function markOf(row: Row, { pending }: Report): string {
  if (isEqual(row)) return '';
  const name = windowName(row.windowStartMs, row.label);
  return pending.some(({ key }) => key.startsWith(name)) ? 'on its way' : 'differs';
}

const sumOf = (rows: readonly Row[], store: (typeof STORES)[number]): Totals =>
  rows.reduce((sum, row) => sumTotals(sum, row[store] ?? NO_TOTALS), NO_TOTALS);

const numbers = (totals: Totals | undefined): string => {
  if (!totals) return '-';
  const late = totals.lateEvents > 0n ? ` (${totals.lateEvents} / ${totals.lateBytes})` : '';
  return `${totals.events} / ${totals.bytes}${late}`;
};

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function listed<Item>(title: string, items: readonly Item[], describe: (item: Item) => string): string[] {
  if (items.length === 0) return [];
  const lines = items.slice(0, LISTED_MAX).map((item) => `  ${describe(item)}`);
  const more =
    items.length > LISTED_MAX ? [`  and ${items.length - LISTED_MAX} more (--json lists all)`] : [];
  return [`${title}:`, ...lines, ...more, ''];
}
