// The objects of the Stripe stage: what Stripe's test means of payment lead to (docs.stripe.com/testing), and lists in pages.

/** A status and a JSON body. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly currency: string;
  readonly created: number;
  readonly metadata: Record<string, string>;
  status: string;
  last_payment_error: Record<string, unknown> | null;
  latest_charge: { id: string; object: 'charge'; amount_refunded: number; refunded: boolean } | null;
}

export interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly payment_intent: string;
  readonly amount: number;
  readonly created: number;
  readonly metadata: Record<string, string>;
  status: string;
}

type Outcome = { readonly status: string } | { readonly declineCode: string };

const METHODS: ReadonlyMap<string, Outcome> = new Map<string, Outcome>(
  Object.entries({
    pm_card_visa: { status: 'succeeded' },
    pm_usBankAccount: { status: 'processing' },
    pm_card_visa_chargeDeclined: { declineCode: 'generic_decline' },
    pm_card_visa_chargeDeclinedInsufficientFunds: { declineCode: 'insufficient_funds' },
  }),
);

/** `POST /v1/payment_intents` with `confirm`: a declined one stays, as `requires_payment_method`, and the answer is a 402. */
export function createIntent(form: URLSearchParams, intents: Intent[]): Reply {
  const outcome = METHODS.get(form.get('payment_method') ?? '');
  if (!outcome) return invalid('payment_method', 'resource_missing');
  const amount = Number(form.get('amount'));
  if (!Number.isInteger(amount) || amount < 1) return invalid('amount', 'parameter_invalid_integer');
  if (form.get('confirm') !== 'true' || form.get('off_session') !== 'true')
    return invalid('confirm', 'stage');
  const id = `pi_${intents.length + 1}`;
  const error = 'declineCode' in outcome ? declined(outcome.declineCode) : null;
  const intent: Intent = {
    id,
    object: 'payment_intent',
    amount,
    currency: form.get('currency') ?? '',
    created: Math.floor(Date.now() / 1_000),
    metadata: metadataOf(form),
    status: 'status' in outcome ? outcome.status : 'requires_payment_method',
    last_payment_error: error,
    latest_charge: error ? null : { id: `ch_${id}`, object: 'charge', amount_refunded: 0, refunded: false },
  };
  // Newest first, as lists are.
  intents.unshift(intent);
  return error
    ? { status: 402, body: { error: { ...error, payment_intent: intent } } }
    : { status: 200, body: intent };
}

/** `POST /v1/refunds`: a part or all, never more than is left. */
export function createRefund(form: URLSearchParams, intents: Intent[], refunds: Refund[]): Reply {
  const intent = intents.find(({ id }) => id === form.get('payment_intent'));
  if (intent?.status !== 'succeeded' || !intent.latest_charge) return invalid('payment_intent', 'stage');
  const left = intent.amount - intent.latest_charge.amount_refunded;
  if (left === 0) return invalid('payment_intent', 'charge_already_refunded');
  const amount = form.has('amount') ? Number(form.get('amount')) : left;
  if (!Number.isInteger(amount) || amount < 1 || amount > left) return invalid('amount', 'stage');
  const refund: Refund = {
    id: `re_${refunds.length + 1}`,
    object: 'refund',
    payment_intent: intent.id,
    amount,
    created: Math.floor(Date.now() / 1_000),
    metadata: metadataOf(form),
    status: 'succeeded',
  };
  refunds.unshift(refund);
  sumUp(intent, refunds);
  return { status: 200, body: refund };
}

/** A refund's end, as a bank may report it days later. What failed is no part of the sum. */
export function endRefund(refund: Refund, status: string, intents: Intent[], refunds: Refund[]): void {
  refund.status = status;
  sumUp(intents.find(({ id }) => id === refund.payment_intent)!, refunds);
}

function sumUp({ id, amount, latest_charge: charge }: Intent, refunds: readonly Refund[]): void {
  const standing = refunds.filter((one) => one.payment_intent === id && one.status !== 'failed');
  charge!.amount_refunded = standing.reduce((sum, one) => sum + one.amount, 0);
  charge!.refunded = charge!.amount_refunded === amount;
}

/** A list in pages: `limit`, `starting_after`, and the filters that we use. */
export function listOf(
  all: readonly (Intent | Refund)[],
  query: URLSearchParams,
  intents: readonly Intent[],
) {
  const from = Number(query.get('created[gte]') ?? 0);
  const to = Number(query.get('created[lte]') ?? Number.MAX_SAFE_INTEGER);
  const intent = query.get('payment_intent');
  const found = all.filter(
    (one) =>
      one.created >= from &&
      one.created <= to &&
      (one.object === 'payment_intent' || !intent || one.payment_intent === intent),
  );
  const start = found.findIndex(({ id }) => id === query.get('starting_after')) + 1;
  const limit = Number(query.get('limit') ?? 10);
  const isExpanded = [...query].some(
    ([name, value]) => name.startsWith('expand') && /^data\.payment_intent\b/.test(value),
  );
  const data = found
    .slice(start, start + limit)
    .map((one) =>
      isExpanded && one.object === 'refund'
        ? { ...one, payment_intent: intents.find(({ id }) => id === one.payment_intent) }
        : one,
    );
  return { object: 'list', data, has_more: found.length > start + limit, url: '/v1/list' };
}

const declined = (declineCode: string) => ({
  type: 'card_error',
  code: 'card_declined',
  decline_code: declineCode,
  message: 'Your card was declined.',
});

const invalid = (param: string, code: string): Reply => ({
  status: 400,
  body: { error: { type: 'invalid_request_error', code, param, message: `Invalid ${param}` } },
});

const metadataOf = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const key = /^metadata\[(\w+)\]$/.exec(name)?.[1];
      return key ? [[key, value]] : [];
    }),
  );
