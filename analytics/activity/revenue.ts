// Money taken and given back in one batch, per UTC day and currency. No input or output.
import type { Activity } from './topology.ts';

/** What a batch adds to one day and currency. */
export interface RevenueDelta {
  /** `2026-11-24`, of the event's own time in UTC. */
  readonly day: string;
  readonly currency: string;
  readonly payments: number;
  /** Decimals: sums may pass 2^53. */
  readonly amountMinor: string;
  readonly refunds: number;
  readonly refundedMinor: string;
}

interface Total {
  readonly day: string;
  readonly currency: string;
  payments: number;
  amountMinor: bigint;
  refunds: number;
  refundedMinor: bigint;
}

/** Collects the payments and refunds of one batch; other activity is no revenue. */
export class RevenueTotals {
  private readonly totals = new Map<string, Total>();

  add({ kind, timeMs, facts: { amountMinor, currency } }: Activity): void {
    if (amountMinor === undefined || currency === undefined) return;
    if (kind === 'payment-succeeded') {
      const total = this.totalOf(timeMs, currency);
      total.payments += 1;
      total.amountMinor += BigInt(amountMinor);
    } else if (kind === 'payment-refunded') {
      const total = this.totalOf(timeMs, currency);
      total.refunds += 1;
      total.refundedMinor += BigInt(amountMinor);
    }
  }

  /** Sorted by key: every transaction takes its row locks in the same order. */
  deltas(): RevenueDelta[] {
    return [...this.totals]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, total]) => ({
        ...total,
        amountMinor: total.amountMinor.toString(),
        refundedMinor: total.refundedMinor.toString(),
      }));
  }

  private totalOf(timeMs: number, currency: string): Total {
    const day = new Date(timeMs).toISOString().slice(0, 10);
    const key = `${day} ${currency}`;
    let total = this.totals.get(key);
    if (!total) {
      total = { day, currency, payments: 0, amountMinor: 0n, refunds: 0, refundedMinor: 0n };
      this.totals.set(key, total);
    }
    return total;
  }
}
