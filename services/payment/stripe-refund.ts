// Refunds at Stripe. Guarantee: one refund of a charge takes effect, also when asked for again after Stripe forgot the idempotency
// key: what is there is read first.
import type { Stripe } from 'stripe';
import type { RefundOrder } from './provider.ts';

/** Refunds that came to nothing: https://docs.stripe.com/refunds#failed-refunds */
const FAILED = new Set(['failed', 'canceled']);

/** Gives all of a charge back, or tells how far it is. */
export async function refundAtStripe(stripe: Stripe, order: RefundOrder): Promise<'refunded' | 'pending'> {
  const { data } = await stripe.refunds.list({ payment_intent: order.providerRef, limit: 100 });
  const standing = data.find(({ status }) => !FAILED.has(status ?? ''));
  const refund =
    standing ??
    (await stripe.refunds.create(
      {
        payment_intent: order.providerRef,
        amount: order.amount.amountMinor,
        metadata: { paymentId: order.paymentId },
      },
      // A new key after each failed refund: the old one would bring back the old answer.
      { idempotencyKey: `${order.paymentId}/refund/${data.length}` },
    ));
  return refund.status === 'succeeded' ? 'refunded' : 'pending';
}
