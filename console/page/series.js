// Totals as columns that a chart can draw. Pure: no page, no chart library.
/** @import { LabelTotal, Totals } from '../answers.ts' */
/**
 * @typedef {object} Columns
 * @property {number[]} times
 * @property {Map<string, number[]>} columns
 * @property {Map<string, bigint>} sums
 * @property {[number, number]} range
 */

/**
 * A column per label over every minute of the range, the empty ones too; times and range are in seconds.
 * @param {Pick<Totals, 'asOf' | 'minutes' | 'labels'> & { windows: readonly Pick<LabelTotal, 'windowStart' | 'sizeLabel' | 'bytes'>[] }} totals
 * @returns {Columns}
 */
export function toColumns({ asOf, minutes, labels, windows }) {
  const last = Math.floor(Date.parse(asOf) / 60_000);
  const first = (last - minutes + 1) * 60;
  const times = Array.from({ length: minutes }, (_, at) => first + at * 60);
  const columns = new Map(labels.map((label) => [label, Array.from({ length: minutes }, () => 0)]));
  const sums = new Map(labels.map((label) => [label, 0n]));
  for (const { windowStart, sizeLabel, bytes } of windows) {
    const at = Date.parse(windowStart) / 60_000 - (last - minutes + 1);
    const column = columns.get(sizeLabel);
    sums.set(sizeLabel, (sums.get(sizeLabel) ?? 0n) + BigInt(bytes));
    if (column && at >= 0 && at < minutes) column[at] = (column[at] ?? 0) + Number(bytes);
  }
  return { times, columns, sums, range: [first, first + minutes * 60] };
}

/**
 * Stacks shown columns on each other: the largest label at the bottom, each column holding its own top edge.
 * @param {readonly string[]} labels
 * @param {ReadonlyMap<string, readonly number[]>} columns
 * @param {(label: string) => boolean} isShown
 */
export function stack(labels, columns, isShown) {
  const heights = columns.get(labels[0] ?? '')?.map(() => 0) ?? [];
  /** @type {Map<string, (number | null)[]>} */
  const tops = new Map();
  for (const label of labels.toReversed()) {
    if (!isShown(label)) continue;
    columns.get(label)?.forEach((bytes, at) => {
      heights[at] = (heights[at] ?? 0) + bytes;
    });
    // A bar of no height would still be outlined.
    tops.set(
      label,
      heights.map((height) => height || null),
    );
  }
  return tops;
}
