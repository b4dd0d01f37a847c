// Totals of one batch per (window, label), held in memory until they are committed.

/** What a batch adds to one (window, label). */
export interface WindowDelta {
  readonly windowStartMs: number;
  readonly label: string;
  readonly events: number;
  /** A decimal: sums may pass 2^53. */
  readonly bytes: string;
  readonly lateEvents: number;
  readonly lateBytes: string;
}

/** A sum of safe integers that stays exact beyond 2^53: small sums stay numbers, which is the fast case. */
class ExactSum {
  private small = 0;
  private large = 0n;

  add(value: number): void {
    const sum = this.small + value;
    if (sum <= Number.MAX_SAFE_INTEGER) {
      this.small = sum;
      return;
    }
    this.large += BigInt(this.small) + BigInt(value);
    this.small = 0;
  }

  toString(): string {
    return this.large === 0n ? String(this.small) : String(this.large + BigInt(this.small));
  }
}

class Total {
  events = 0;
  lateEvents = 0;
  readonly bytes = new ExactSum();
  readonly lateBytes = new ExactSum();
}

/** Collects the events of one batch. */
export class WindowTotals {
  private readonly windows = new Map<number, Map<string, Total>>();

  add(windowStartMs: number, label: string, bytes: number, isLate: boolean): void {
    let labels = this.windows.get(windowStartMs);
    if (!labels) this.windows.set(windowStartMs, (labels = new Map()));
    let total = labels.get(label);
    if (!total) labels.set(label, (total = new Total()));
    total.events += 1;
    total.bytes.add(bytes);
    if (isLate) {
      total.lateEvents += 1;
      total.lateBytes.add(bytes);
    }
  }

  /** Sorted by key: every transaction takes its row locks in the same order, so that none can deadlock. */
  deltas(): WindowDelta[] {
    return [...this.windows]
      .sort(([a], [b]) => a - b)
      .flatMap(([windowStartMs, labels]) =>
        [...labels]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([label, total]) => ({
            windowStartMs,
            label,
            events: total.events,
            bytes: total.bytes.toString(),
            lateEvents: total.lateEvents,
            lateBytes: total.lateBytes.toString(),
          })),
      );
  }
}
