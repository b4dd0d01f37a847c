// Published totals as table rows: Firestore, Cloud Storage and the results topic hold the same fact in three forms.
import { type WindowTotal, windowTotal } from '#contracts/analytics.ts';
import type { Cell, Column } from './store.ts';

export const TOTAL_COLUMNS: readonly Column[] = [
  { name: 'window_start' },
  { name: 'size_label' },
  { name: 'revision', isNumber: true },
  { name: 'events', isNumber: true },
  { name: 'bytes', isNumber: true },
  { name: 'late_events', isNumber: true },
  { name: 'late_bytes', isNumber: true },
];

/** Cells of one total, in the order of `TOTAL_COLUMNS`. */
export const totalCells = (total: WindowTotal): Cell[] => [
  total.windowStart,
  total.sizeLabel,
  total.revision,
  total.events,
  total.bytes,
  total.lateEvents,
  total.lateBytes,
];

/** Cells of anything a store returned: what is not a total shows as empty cells, it does not break the page. */
export function cellsOf(value: unknown): Cell[] {
  const parsed = windowTotal.safeParse(value);
  return parsed.success ? totalCells(parsed.data) : TOTAL_COLUMNS.map(() => null);
}
