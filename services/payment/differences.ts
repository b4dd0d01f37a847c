// Payments, ledger and the provider's list in, their differences out; pure. Each of the three is held against the payment's status, and
// sums against sums.
import { isSameMoney, type Money } from '#contracts/money.ts';
import type { Status } from './domain.ts';
import type { ProviderCharge } from './provider.ts';

/** A payment and the sums that the ledger has of it, in minor units. */
export interface BookedPayment {
  readonly paymentId: string;
  readonly orderId: string;
  readonly status: Status;
  readonly amount: Money;
  /** What the payment says has gone back in all. */
  readonly refundedMinor: number;
  /** The provider's name for the charge, once it has sent it. */
  readonly providerRef?: string | undefined;
  readonly changedAtMs: number;
  readonly ledger: { readonly charged: number; readonly refunded: number; readonly balance: number };
}

export interface Difference {
  readonly paymentId: string;
  readonly orderId: string;
  readonly what: string;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly compared: number;
  /** Changed too lately to be judged. */
  readonly underWay: number;
}

type Seen = ProviderCharge['status'] | 'nothing';

/** What the provider may say of a payment in each status that lasts. */
const EXPECTED: Readonly<Record<Status, readonly Seen[]>> = {
  requested: [],
  charging: [],
  succeeded: ['succeeded'],
  refunding: [],
  refunded: ['succeeded'],
  failed: ['failed', 'nothing'],
};

/** Compares all payments and charges; what changed after `settledBeforeMs` is left for the next time. */
export function compareBooks(
  payments: readonly BookedPayment[],
  charges: readonly ProviderCharge[],
  settledBeforeMs: number,
): Comparison {
  const charged = Map.groupBy(charges, ({ paymentId }) => paymentId);
  const known = new Set(payments.map(({ paymentId }) => paymentId));
  const settled = payments.filter(({ changedAtMs }) => changedAtMs < settledBeforeMs);
  const unknown = charges.filter(({ paymentId, status }) => !known.has(paymentId) && status !== 'failed');
  return {
    compared: settled.length,
    underWay: payments.length - settled.length,
    differences: [
      ...settled.flatMap((payment) => faultsOf(payment, charged.get(payment.paymentId) ?? [])),
      ...unknown.map(({ paymentId, orderId, status }) => ({
        paymentId,
        orderId,
        what: `the provider says ${status}, we know nothing of it`,
      })),
    ],
  };
}

function faultsOf(payment: BookedPayment, charges: readonly ProviderCharge[]): Difference[] {
  const { paymentId, orderId } = payment;
  const faults = [...providerFaults(payment, charges), ...ledgerFaults(payment)];
  return faults.map((what) => ({ paymentId, orderId, what }));
}

function providerFaults(
  { status, amount, refundedMinor }: BookedPayment,
  charges: readonly ProviderCharge[],
): string[] {
  const isOpen = EXPECTED[status].length === 0;
  if (isOpen) return [`it is ${status} for too long`];
  const taken = charges.filter((charge) => charge.status !== 'failed');
  const charge = taken[0] ?? charges[0];
  // Nothing to pay: the provider was never asked.
  if (amount.amountMinor === 0 && !charge) return [];
  const seen = charge?.status ?? 'nothing';
  return [
    ...(EXPECTED[status].includes(seen) ? [] : [`it is ${status}, the provider says ${seen}`]),
    ...(taken.length > 1 ? [`the provider has ${taken.length} charges of it`] : []),
    ...(charge && !isSameMoney(charge.amount, amount)
      ? [`it is over ${textOf(amount)}, the provider’s charge over ${textOf(charge.amount)}`]
      : []),
    ...refundFaults(refundedMinor, taken),
  ];
}

function refundFaults(refundedMinor: number, taken: readonly ProviderCharge[]): string[] {
  const back = taken.reduce((sum, charge) => sum + charge.refundedMinor, 0);
  return back === refundedMinor ? [] : [`${refundedMinor} of it went back, by the provider ${back}`];
}

function ledgerFaults({ status, amount, refundedMinor, ledger }: BookedPayment): string[] {
  const charged = ['succeeded', 'refunding', 'refunded'].includes(status) ? amount.amountMinor : 0;
  const refunded = refundedMinor;
  const isAllBack = refunded === amount.amountMinor && refunded > 0;
  return [
    ...(isAllBack !== (status === 'refunded') && amount.amountMinor > 0
      ? [`it is ${status}, and ${refunded} of ${amount.amountMinor} went back`]
      : []),
    ...(ledger.charged === charged
      ? []
      : [`the ledger has charges of ${ledger.charged} instead of ${charged}`]),
    ...(ledger.refunded === refunded
      ? []
      : [`the ledger has refunds of ${ledger.refunded} instead of ${refunded}`]),
    ...(ledger.balance === 0 ? [] : [`its ledger entries add up to ${ledger.balance} and not to 0`]),
  ];
}

const textOf = ({ amountMinor, currency }: Money): string => `${amountMinor} ${currency}`;
