// Charges as Stripe's PaymentIntents: created and confirmed in one call whose idempotency key is the payment's id, so that repeats get
// the first answer. Errors leave without Stripe's own text, which can name card and customer.
import { Stripe } from 'stripe';
import { AppError } from '#runtime/errors.ts';
import type { ChargeAnswer, FailureReason } from './domain.ts';
import type { ChargeClue, ChargeOrder, ChargeState, PaymentProvider, ProviderCharge } from './provider.ts';
import { fromStripe, toStripe } from './stripe-amounts.ts';
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
  read: (providerRef) => translated(() => read(stripe, providerRef)),
  refund: (order) => translated(() => refundAtStripe(stripe, order)),
  accepts: (amount) => toStripe(amount) !== undefined,
  listCharges: (sinceMs, cursor) => translated(() => listCharges(stripe, sinceMs, cursor)),
});

async function charge(stripe: Stripe, order: ChargeOrder): Promise<ChargeAnswer> {
  const { paymentId, orderId, amount, paymentMethod } = order;
  const units = toStripe(amount);
  // As with an amount that Stripe refuses itself: no repetition changes that.
  if (units === undefined) return { kind: 'failed', reason: 'declined' };
  try {
    const intent = await stripe.paymentIntents.create(
      {
        amount: units,
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

/** Charges first, then those of which something went back since, however old they are. A cursor says of which list it is. */
async function listCharges(stripe: Stripe, sinceMs: number, cursor: string | undefined) {
  const created = { gte: Math.floor(sinceMs / 1_000) };
  const [list, after] = cursor?.split(':') ?? ['charges', ''];
  const page = { created, limit: PAGE_SIZE, ...(after ? { starting_after: after } : {}) };
  if (list === 'charges') {
    const found = await stripe.paymentIntents.list({ ...page, expand: ['data.latest_charge'] });
    const next = found.has_more ? `charges:${found.data.at(-1)!.id}` : 'refunds:';
    return { charges: found.data.flatMap(chargeOf), next };
  }
  const found = await stripe.refunds.list({ ...page, expand: ['data.payment_intent.latest_charge'] });
  const intents = found.data.flatMap(({ payment_intent: intent }) =>
    intent !== null && typeof intent === 'object' ? [intent] : [],
  );
  return {
    charges: intents.flatMap(chargeOf),
    ...(found.has_more ? { next: `refunds:${found.data.at(-1)!.id}` } : {}),
  };
}

async function read(stripe: Stripe, providerRef: string): Promise<ProviderCharge | undefined> {
  return chargeOf(await stripe.paymentIntents.retrieve(providerRef, { expand: ['latest_charge'] }))[0];
}

/** None where it is not ours: other applications may share the account. */
function chargeOf(intent: Stripe.PaymentIntent): ProviderCharge[] {
  const { latest_charge: latest, metadata, id: providerRef } = intent;
  const { paymentId, orderId } = metadata;
  if (!paymentId || !orderId) return [];
  const back = latest !== null && typeof latest === 'object' ? latest.amount_refunded : 0;
  const amount = fromStripe(intent.amount, intent.currency);
  const refunded = fromStripe(back, intent.currency);
  if (!amount || !refunded)
    throw new AppError('amount-unreadable', 'a charge of ours over an amount that we could not charge', {
      paymentId,
    });
  const status = answerOf(intent).kind;
  return [{ paymentId, orderId, providerRef, amount, status, refundedMinor: refunded.amountMinor }];
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
