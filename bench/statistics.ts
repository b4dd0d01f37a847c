// Figures of a benchmark: medians, because machines are noisy.

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three decimals: more would pretend. */
export const round = (value: number): number => Math.round(value * 1_000) / 1_000;
