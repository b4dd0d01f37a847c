// Charges as Stripe's PaymentIntents: created and confirmed in one call whose idempotency key is the payment's id, so that repeats get
// the first answer. Errors leave without Stripe's own text, which can tell of card and customer.
import { Stripe } from 'stripe';
import { AppError } from '#runtime/errors.ts';
import type { ChargeAnswer, FailureReason } from './domain.ts';
import type { ChargeClue, ChargeOrder, ChargeState, PaymentProvider, ProviderCharge } from './provider.ts';
import { refundAtStripe } from './stripe-refund.ts';

/** The version whose types the SDK has; an account's own default may be older or newer. */
const API_VERSION = '2026-10-28.endive';
const PAGE_SIZE = 100;
/** Pages that a look-up reads before it gives up: a search index would lag behind by up to a minute. */
const PAGE_COUNT_MAX = 50;
/** Their clock and ours. */
const CLOCK_SKEW_S = 300;
const DAY_S = 86_400;

export interface StripeOptions {
  readonly apiKey: string;
  /** @default Stripe's own */
  readonly url?: string | undefined;
  /** Of one request; there are three at most. @default 10 s */
  readonly timeoutMs?: number;
}

/** The SDK as we use it. */
export function openStripe({ apiKey, url, timeoutMs = 10_000 }: StripeOptions): Stripe {
  const at = url ? new URL(url) : undefined;
  return new Stripe(apiKey, {
    apiVersion: API_VERSION,
    timeout: timeoutMs,
    maxNetworkRetries: 2,
    telemetry: false,
    ...(at && { host: at.hostname, port: at.port, protocol: at.protocol === 'http:' ? 'http' : 'https' }),
  });
}

/** Stripe as a provider. */
export const createStripeProvider = (stripe: Stripe): PaymentProvider => ({
  name: 'stripe',
  charge: (order) => charge(stripe, order),
  lookup: (clue) => translated(() => lookup(stripe, clue)),
  refund: (order) => translated(() => refundAtStripe(stripe, order)),
  listCharges: (sinceMs, cursor) => translated(() => listCharges(stripe, sinceMs, cursor)),
});

async function charge(stripe: Stripe, order: ChargeOrder): Promise<ChargeAnswer> {
  const { paymentId, orderId, amount, paymentMethod } = order;
  try {
    const intent = await stripe.paymentIntents.create(
      {
        amount: amount.amountMinor,
        currency: amount.currency.toLowerCase(),
        payment_method: paymentMethod,
        confirm: true,
        // The customer has left the checkout: what would need them must fail and not hang.
        off_session: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { orderId, paymentId },
      },
      { idempotencyKey: paymentId },
    );
    return answerOf(intent);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError) {
      return { kind: 'failed', reason: reasonOf(error.decline_code ?? error.code) };
    }
    if (error instanceof Stripe.errors.StripeInvalidRequestError) {
      if (error.param === 'payment_method') return { kind: 'failed', reason: 'invalid-method' };
      // Too small, too large, or a currency that the account cannot take: no repetition changes that.
      if (error.param === 'amount' || error.param === 'currency')
        return { kind: 'failed', reason: 'declined' };
    }
    throw translate(error);
  }
}

async function lookup(stripe: Stripe, clue: ChargeClue): Promise<ChargeState> {
  if (clue.providerRef) return answerOf(await stripe.paymentIntents.retrieve(clue.providerRef));
  const fromS = Math.floor(clue.requestedAtMs / 1_000) - CLOCK_SKEW_S;
  const window = { gte: fromS, lte: fromS + DAY_S };
  let count = 0;
  for await (const intent of stripe.paymentIntents.list({ created: window, limit: PAGE_SIZE })) {
    if (intent.metadata.paymentId === clue.paymentId) return answerOf(intent);
    if (++count >= PAGE_SIZE * PAGE_COUNT_MAX) {
      throw new AppError('lookup-too-wide', 'too many charges to look through', {
        paymentId: clue.paymentId,
      });
    }
  }
  return { kind: 'unheard' };
}

/** What an intent's status means: https://docs.stripe.com/payments/paymentintents/lifecycle */
export function answerOf(intent: Stripe.PaymentIntent): ChargeAnswer {
  switch (intent.status) {
    case 'succeeded':
      return { kind: 'succeeded', providerRef: intent.id };
    case 'processing':
    case 'requires_confirmation':
    case 'requires_capture':
      return { kind: 'pending', providerRef: intent.id };
    default: {
      const { decline_code: declineCode, code } = intent.last_payment_error ?? {};
      return { kind: 'failed', reason: reasonOf(declineCode ?? code) };
    }
  }
}

/** Decline codes: https://docs.stripe.com/declines/codes */
function reasonOf(code: string | undefined): FailureReason {
  if (code === 'insufficient_funds') return 'insufficient-funds';
  const isInvalid = code === 'expired_card' || code?.startsWith('incorrect_') || code?.startsWith('invalid_');
  return isInvalid ? 'invalid-method' : 'declined';
}

async function listCharges(stripe: Stripe, sinceMs: number, cursor: string | undefined) {
  const page = await stripe.paymentIntents.list({
    created: { gte: Math.floor(sinceMs / 1_000) },
    limit: PAGE_SIZE,
    expand: ['data.latest_charge'],
    ...(cursor ? { starting_after: cursor } : {}),
  });
  const last = page.data.at(-1);
  return {
    // Other applications may share the account.
    charges: page.data.filter(({ metadata }) => metadata.paymentId && metadata.orderId).map(chargeOf),
    ...(page.has_more && last ? { next: last.id } : {}),
  };
}

function chargeOf(intent: Stripe.PaymentIntent): ProviderCharge {
  const { latest_charge: latest, metadata } = intent;
  const isRefunded = latest !== null && typeof latest === 'object' && latest.refunded;
  return {
    paymentId: metadata.paymentId ?? '',
    orderId: metadata.orderId ?? '',
    providerRef: intent.id,
    amount: { amountMinor: intent.amount, currency: intent.currency.toUpperCase() },
    status: isRefunded ? 'refunded' : answerOf(intent).kind,
  };
}

async function translated<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw translate(error);
  }
}

/** Without its cause, whose text and raw answer may hold personal data; the request id finds it in Stripe's dashboard. */
function translate(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof Stripe.errors.StripeError)) {
    return new AppError('provider-unreachable', 'Stripe could not be called');
  }
  const { type, code, requestId, statusCode } = error;
  const isMismatch = error instanceof Stripe.errors.StripeIdempotencyError;
  const isUnknown = statusCode === undefined || statusCode >= 500 || statusCode === 429 || statusCode === 409;
  const ours = isMismatch ? 'idempotency-mismatch' : isUnknown ? 'provider-unreachable' : 'provider-refused';
  return new AppError(ours, `Stripe answered with ${type}`, { code, requestId, statusCode });
}
