// Bytes per (window, size_label) of the last minutes and the numbers beside them, read from Cloud SQL on each call.
import { currentSizeTable, SIZE_TABLES } from '#contracts/size-labels.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { LabelTotal, Totals } from './answers.ts';

/** Longest range that may be asked for. */
export const TOTALS_MINUTES_MAX = 180;

const SMALLEST_LABEL = currentSizeTable.rules[0]!.label;

/** Labels of all published size tables, since old events keep the label they were made under. */
export const LABELS: readonly string[] = [
  ...new Set([
    ...currentSizeTable.rules.map((rule) => rule.label),
    currentSizeTable.beyond,
    ...Object.values(SIZE_TABLES).flatMap((table) => [
      ...table.rules.map((rule) => rule.label),
      table.beyond,
    ]),
  ]),
];

/** With what was published of each last: another total since then becomes a revision. */
const WINDOWS = `
  SELECT t.window_start, t.size_label, t.events, t.bytes::text AS bytes, t.late_events, t.late_bytes::text AS late_bytes,
    coalesce(o.revision, 0) AS revision, o.created_at AS published_at,
    coalesce((o.events, o.bytes, o.late_events, o.late_bytes) = (t.events, t.bytes, t.late_events, t.late_bytes), false)
      AS is_published
  FROM analytics.size_label_totals t
  LEFT JOIN LATERAL (
    SELECT * FROM analytics.window_out w
    WHERE w.window_start = t.window_start AND w.size_label = t.size_label
    ORDER BY w.revision DESC LIMIT 1
  ) o ON true
  WHERE t.window_start > date_trunc('minute', now()) - make_interval(mins => $1)
  ORDER BY t.window_start, t.size_label`;

const NOW = `
  SELECT now() AS as_of,
    (SELECT count(*) FROM analytics.dlq) AS dead_letters,
    (SELECT coalesce(sum(greatest(end_offset - next_offset, 0)), 0)::int8 FROM analytics.part_state WHERE retired_at IS NULL) AS lag`;

interface WindowRow {
  window_start: Date;
  size_label: string;
  events: string | number;
  bytes: string;
  late_events: string | number;
  late_bytes: string;
  revision: number;
  published_at: Date | null;
  is_published: boolean;
}

/** Reads the range that ends now. Throws what the database throws. */
export async function readTotals(pool: Pool, minutes: number): Promise<Totals> {
  const [windows, now] = await Promise.all([
    pool.query<WindowRow>(WINDOWS, [minutes]),
    pool.query<{ as_of: Date; dead_letters: number; lag: number }>(NOW),
  ]);
  const totals = windows.rows.map(toLabelTotal);
  const { as_of, dead_letters, lag } = now.rows[0]!;
  return {
    minutes,
    asOf: as_of.toISOString(),
    labels: LABELS,
    windows: totals,
    sums: { ...sumOf(totals), deadLetters: dead_letters, lag },
  };
}

const toLabelTotal = (row: WindowRow): LabelTotal => ({
  windowStart: row.window_start.toISOString(),
  sizeLabel: row.size_label,
  events: Number(row.events),
  bytes: row.bytes,
  lateEvents: Number(row.late_events),
  lateBytes: row.late_bytes,
  revision: row.revision,
  ...(row.published_at ? { publishedAt: row.published_at.toISOString() } : {}),
  isPublished: row.is_published,
});

/** Adds up a range; photos are counted by the one rendition that every accepted photo has. */
export function sumOf(totals: readonly LabelTotal[]): Omit<Totals['sums'], 'deadLetters' | 'lag'> {
  let [events, lateEvents, photos, bytes] = [0, 0, 0, 0n];
  for (const total of totals) {
    events += total.events;
    lateEvents += total.lateEvents;
    bytes += BigInt(total.bytes);
    if (total.sizeLabel === SMALLEST_LABEL) photos += total.events;
  }
  return { events, bytes: bytes.toString(), lateEvents, photos };
}
