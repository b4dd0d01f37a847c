// Refunds at Stripe. Guarantee: one refund of ours takes effect once, also when asked for again after Stripe forgot the idempotency
// key: what is there is read first. What others gave back counts: the sum is Stripe's own.
import type { Stripe } from 'stripe';
import type { RefundAnswer } from './domain.ts';
import type { RefundOrder } from './provider.ts';
import { fromStripe, toStripe } from './stripe-amounts.ts';

/** Refunds that came to nothing: https://docs.stripe.com/refunds#failed-refunds */
const FAILED = new Set(['failed', 'canceled']);

/** Gives a part of a charge back, or what is left of it, or reports how far that is. */
export async function refundAtStripe(stripe: Stripe, order: RefundOrder): Promise<RefundAnswer> {
  const { refundId, providerRef, paymentId, charged } = order;
  const all: Stripe.Refund[] = [];
  for await (const refund of stripe.refunds.list({ payment_intent: providerRef, limit: 100 }))
    all.push(refund);
  const sum = all.filter(stands).reduce((total, { amount }) => total + amount, 0);
  const ours = all.filter(({ metadata }) => metadata?.refundId === refundId);
  const standing = ours.find(stands);
  if (standing) return answerOf(standing, sum, charged.currency);
  const left = (toStripe(charged) ?? 0) - sum;
  const amount =
    order.amountMinor === undefined ? left : toStripe({ ...charged, amountMinor: order.amountMinor });
  if (amount === 0) return { outcome: 'done', refundedMinor: minorOf(sum, charged.currency) };
  if (amount === undefined || amount > left)
    return { outcome: 'refused', refundedMinor: minorOf(sum, charged.currency) };
  const refund = await stripe.refunds.create(
    { payment_intent: providerRef, amount, metadata: { paymentId, refundId } },
    // A new key after each failed refund, whose answer the old one would bring back; and for another rest than the one before.
    { idempotencyKey: `${refundId}/${ours.length}/${amount}` },
  );
  return answerOf(refund, stands(refund) ? sum + refund.amount : sum, charged.currency);
}

const stands = ({ status }: Stripe.Refund): boolean => !FAILED.has(status ?? '');

/** A refund that failed at once is made again later, like one that failed on its way. */
const answerOf = ({ status }: Stripe.Refund, sum: number, currency: string): RefundAnswer => ({
  outcome: status === 'succeeded' ? 'done' : 'pending',
  refundedMinor: minorOf(sum, currency),
});

/** A sum of amounts that we could charge, of a currency that we know: anything else would be a fault of this file. */
function minorOf(amount: number, currency: string): number {
  const money = fromStripe(amount, currency);
  if (!money) throw new RangeError(`${amount} is no amount in ${currency}`);
  return money.amountMinor;
}
