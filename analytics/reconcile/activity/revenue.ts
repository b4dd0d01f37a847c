// Revenue of a day and currency, as the comparison names it.

export interface Revenue {
  readonly payments: bigint;
  readonly amountMinor: bigint;
  readonly refunds: bigint;
  readonly refundedMinor: bigint;
}

export const NO_REVENUE: Revenue = { payments: 0n, amountMinor: 0n, refunds: 0n, refundedMinor: 0n };

export const sumRevenue = (a: Revenue, b: Revenue): Revenue => ({
  payments: a.payments + b.payments,
  amountMinor: a.amountMinor + b.amountMinor,
  refunds: a.refunds + b.refunds,
  refundedMinor: a.refundedMinor + b.refundedMinor,
});

/** `2026-11-24 EUR`. */
export const revenueKey = (day: string, currency: string): string => `${day} ${currency}`;

/** `3 payments of 2997, 1 refund of 999, net 1998`. */
export const describeRevenue = (revenue: Revenue | undefined): string =>
  revenue
    ? `${revenue.payments} payments of ${revenue.amountMinor}, ${revenue.refunds} refunds of ` +
      `${revenue.refundedMinor}, net ${revenue.amountMinor - revenue.refundedMinor}`
    : 'nothing';

/** A day and currency by the log and by Cloud SQL. */
export interface RevenueRow {
  readonly key: string;
  readonly log: Revenue | undefined;
  readonly cloudSql: Revenue | undefined;
}

/** What the report says about activity. */
export interface ActivityReport {
  readonly revenue: readonly RevenueRow[];
  /** Documents by the log, by Cloud SQL and in Firestore. */
  readonly documents: { readonly log: number; readonly cloudSql: number; readonly firestore: number };
}
