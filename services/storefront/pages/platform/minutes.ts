// Totals as the minutes of a range, each a stack of its labels. Pure.
import type { LabelTotal, Totals } from '../../bff/console.ts';

/** One label of a minute, and its place in the stack, in bytes. */
export interface Segment {
  readonly label: string;
  readonly bytes: number;
  readonly top: number;
}

export interface Minute {
  /** RFC 3339. */
  readonly start: string;
  /** What was counted, by label. */
  readonly totals: ReadonlyMap<string, LabelTotal>;
  /** Of the labels that are drawn; the largest size at the bottom. */
  readonly segments: readonly Segment[];
  readonly height: number;
}

const MINUTE_MS = 60_000;

/** Every minute of the range, the empty ones too, up to the one that runs. */
export function minutesOf(
  { asOf, minutes, labels, windows }: Pick<Totals, 'asOf' | 'minutes' | 'labels' | 'windows'>,
  without: readonly string[] = [],
): Minute[] {
  const byMinute = Map.groupBy(windows, ({ windowStart }) => Math.floor(Date.parse(windowStart) / MINUTE_MS));
  const last = Math.floor(Date.parse(asOf) / MINUTE_MS);
  return Array.from({ length: minutes }, (_, at) => {
    const minute = last - minutes + 1 + at;
    const totals = new Map((byMinute.get(minute) ?? []).map((total) => [total.sizeLabel, total]));
    const segments = stackOf(
      labels.filter((label) => !without.includes(label)),
      totals,
    );
    return {
      start: new Date(minute * MINUTE_MS).toISOString(),
      totals,
      segments,
      height: segments.at(-1)?.top ?? 0,
    };
  });
}

function stackOf(labels: readonly string[], totals: ReadonlyMap<string, LabelTotal>): Segment[] {
  let top = 0;
  return labels.toReversed().flatMap((label) => {
    const bytes = Number(totals.get(label)?.bytes ?? 0);
    top += bytes;
    return bytes > 0 ? [{ label, bytes, top }] : [];
  });
}

/** Bytes of a label in the whole range, exactly. */
export const sumOf = (label: string, { windows }: Pick<Totals, 'windows'>): bigint =>
  windows.reduce((sum, total) => (total.sizeLabel === label ? sum + BigInt(total.bytes) : sum), 0n);

/** What a reader should know of a window that is not simply published. */
export interface Marks {
  readonly isOpen: boolean;
  /** Events that came after the window had closed. */
  readonly lateEvents: number;
  /** The highest revision, where there is more than one. */
  readonly revision: number;
  /** What is published is not what is counted. */
  readonly isRevisionDue: boolean;
}

export function marksOf(totals: Iterable<LabelTotal>): Marks {
  const all = [...totals];
  const revision = Math.max(0, ...all.map((total) => total.revision));
  const published = all.filter((total) => total.revision > 0);
  return {
    isOpen: all.length > 0 && published.length < all.length,
    lateEvents: all.reduce((sum, { lateEvents }) => sum + lateEvents, 0),
    revision: revision > 1 ? revision : 0,
    isRevisionDue: published.some(({ isPublished }) => !isPublished),
  };
}

const STEPS = [1, 2, 4, 6, 8, 10];

/** The next round number, of which quarters are round too. */
export function roundUp(value: number): number {
  if (value <= 0) return 1_000;
  const unit = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * unit >= value) ?? 10) * unit;
}
