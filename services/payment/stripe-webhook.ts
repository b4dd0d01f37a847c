// A webhook of Stripe in, news of one of our payments out. Only a body that Stripe signed within the last minutes is read at all.
import { Stripe } from 'stripe';
import { AppError } from '#runtime/errors.ts';
import type { ProviderNews } from './provider.ts';
import { answerOf } from './stripe.ts';
import { fromStripe } from './stripe-amounts.ts';

/** How old a signature may be: it ends the use of a recorded request. https://docs.stripe.com/webhooks/signature */
const TOLERANCE_S = 300;

/** The header that has the signature. */
export const STRIPE_SIGNATURE = 'stripe-signature';

/**
 * Reads a webhook's body as it came; undefined for what is not about a payment of ours, or says nothing new.
 * @param secrets of the endpoint; two while one replaces the other
 * @throws AppError `webhook-forged` unless one of the secrets has signed it lately
 */
export function readStripeWebhook(
  body: string,
  signature: string,
  secrets: readonly string[],
): ProviderNews | undefined {
  const event = verify(body, signature, secrets);
  switch (event.type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.payment_failed':
    case 'payment_intent.canceled': {
      const intent = event.data.object;
      return newsOf(event.id, intent.metadata, answerOf(intent));
    }
    case 'charge.refunded': {
      // The charge has a copy of its intent's metadata, and the sum of all its refunds, also of those made at the dashboard.
      const { metadata, amount_refunded: amount, currency } = event.data.object;
      const sum = fromStripe(amount, currency);
      return sum && newsOf(event.id, metadata, { kind: 'refunded', refundedMinor: sum.amountMinor });
    }
    case 'refund.updated':
    case 'refund.failed': {
      // One that failed lowers the sum, and names only itself; a refund of the dashboard has no metadata of ours.
      const { payment_intent: intent } = event.data.object;
      const providerRef = intent !== null && typeof intent === 'object' ? intent.id : intent;
      return providerRef ? { eventId: event.id, providerRef } : undefined;
    }
    default:
      return undefined;
  }
}

const newsOf = (
  eventId: string,
  { orderId, paymentId }: Stripe.Metadata,
  answer: Extract<ProviderNews, { orderId: string }>['answer'],
): ProviderNews | undefined => (orderId && paymentId ? { eventId, orderId, paymentId, answer } : undefined);

function verify(body: string, signature: string, secrets: readonly string[]): Stripe.Event {
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_S);
    } catch {
      // The next secret may fit. The error itself contains the body, so it is not passed on.
    }
  }
  throw new AppError('webhook-forged', 'no secret of ours fits the signature, or it is too old');
}
