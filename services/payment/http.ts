// An order's payment as its owner and admins see it, refunds by admins, and the provider's webhook. Never shows a means of payment.
import { z } from 'zod';
import { currency, money } from '#contracts/money.ts';
import { orderId } from '#contracts/orders.ts';
import { paymentFailedData, paymentId } from '#contracts/payments.ts';
import { AppError } from '#runtime/errors.ts';
import { callerKey } from '#runtime/http/access.ts';
import { type Answer, Problem, type Route, route } from '#runtime/http/api.ts';
import { idFromKey } from '#runtime/http/idempotency.ts';
import { ownOf } from '#runtime/own.ts';
import { type Collector, type Found, leftMinor, type PaymentStore } from './domain.ts';

/** Where a provider sends its news. */
export interface Webhook {
  /** `/webhooks/<provider>` */
  readonly url: string;
  /** Name of the header with the signature, in small letters. */
  readonly signatureHeader: string;
  /** Repeats are taken once. @throws AppError `webhook-forged` unless the signature is the provider's and fresh */
  receive(body: string, signature: string): Promise<void>;
}

export interface HttpParts {
  readonly store: PaymentStore;
  readonly collector: Collector;
  /** @default none */
  readonly webhook?: Webhook | undefined;
}

const paymentView = z.object({
  paymentId,
  orderId,
  amount: money,
  status: z.enum(['requested', 'charging', 'succeeded', 'refunding', 'refunded', 'failed']),
  failureReason: paymentFailedData.shape.reason.optional(),
  refundedMinor: z.int().nonnegative().describe('what has gone back in all, whoever gave it'),
  refunds: z
    .array(
      z.object({
        refundId: z.string(),
        amountMinor: z.int().optional().describe('missing where all that was left was asked for'),
        state: z.enum(['open', 'done', 'refused']).describe('refused: the provider had less left than that'),
      }),
    )
    .describe('what was asked for here, the oldest first'),
  isOrderCancelled: z.boolean(),
  requestedAt: z.iso.datetime(),
});
const params = z.object({ orderId });

/** All endpoints of the payment service. */
export const paymentRoutes = (parts: HttpParts): Route[] => [
  showPayment(parts),
  refundPayment(parts),
  ...(parts.webhook ? [takeWebhook(parts.webhook)] : []),
];

const showPayment = ({ store }: HttpParts): Route =>
  route(
    {
      method: 'GET',
      url: '/payments/:orderId',
      access: 'owner',
      summary: 'The payment of an order',
      params,
      answers: { 200: paymentView },
      problems: [404],
    },
    async ({ params, caller }) => {
      const found = await store.find(params.orderId);
      // To a stranger there is no such payment.
      if (found.payment?.userId !== caller.userId && caller.role !== 'admin') throw unknownPayment();
      return viewOf(200, found);
    },
  );

const refundBody = z
  .object({
    amountMinor: z.int().min(1).optional().describe('exactly so much goes back; missing: all that is left'),
    currency: currency.optional().describe('when named, it must be that of the payment'),
  })
  .default({});

const refundPayment = (parts: HttpParts): Route =>
  route(
    {
      method: 'POST',
      url: '/payments/:orderId/refunds',
      access: 'admin',
      summary: 'Give money of an order back: a part of it, or all that is left',
      params,
      body: refundBody,
      answers: { 202: paymentView },
      problems: [404, 409, 422],
      isIdempotent: true,
    },
    async ({ params: { orderId }, body, caller, idempotencyKey }) => {
      const { store, collector } = parts;
      await assertRefundable(parts, orderId, body);
      const refundId = idFromKey(`refund/${orderId}`, callerKey(caller), idempotencyKey);
      const command = { kind: 'begin-refund', refundId, amountMinor: body.amountMinor } as const;
      const { decision } = await store.handle(orderId, command);
      if (decision.kind === 'refused') throw await refusal(decision.why, store, orderId);
      await collector.collect(orderId);
      return viewOf(202, await store.find(orderId));
    },
  );

/** What is known before anything is decided: another currency, an amount that cannot be moved, and what others gave back. */
async function assertRefundable(
  { store, collector }: HttpParts,
  orderId: string,
  { amountMinor, currency: named }: z.output<typeof refundBody>,
): Promise<void> {
  const { payment } = await store.find(orderId);
  if (!payment) throw unknownPayment();
  const { currency: own } = payment.amount;
  if (named !== undefined && named !== own)
    throw fieldProblem('currency-mismatch', 'currency', `must be ${own}`);
  if (amountMinor === undefined) return;
  if (!collector.accepts({ amountMinor, currency: own }))
    throw fieldProblem(
      'amount-not-payable',
      'amountMinor',
      `the provider cannot move exactly that in ${own}`,
    );
  await collector.refreshRefunds(orderId);
}

async function refusal(why: string, store: PaymentStore, orderId: string): Promise<Problem> {
  if (why === 'refund-too-large') return tooLarge(await store.find(orderId));
  return new Problem(409, why, 'Only a payment that succeeded can be refunded.');
}

const tooLarge = ({ payment }: Found): Problem =>
  fieldProblem(
    'refund-too-large',
    'amountMinor',
    `must be at most ${payment ? leftMinor(payment) : 0}: no more is left`,
  );

const fieldProblem = (code: string, field: string, message: string): Problem =>
  new Problem(422, code, `${field}: ${message}.`, { faults: [{ in: 'body', field, message }] });

const takeWebhook = (webhook: Webhook): Route =>
  route(
    {
      method: 'POST',
      url: webhook.url,
      access: 'anyone',
      summary: 'News of the payment provider, proven by its signature',
      answers: { 204: null },
      problems: [400, 404, 409],
      needsRawBody: true,
      // Far above any event of one payment.
      bodyBytesMax: 262_144,
    },
    async ({ rawBody = '', headers }) => {
      const signature = ownOf(headers, webhook.signatureHeader);
      await webhook.receive(rawBody, typeof signature === 'string' ? signature : '').catch(asProblem);
      return { status: 204 };
    },
  );

function viewOf(status: number, { payment, isOrderCancelled, version }: Found): Answer {
  if (!payment) throw unknownPayment();
  const { requestedAtMs, refundCount: _number, ...shown } = payment;
  const body = { ...shown, isOrderCancelled, requestedAt: new Date(requestedAtMs).toISOString() };
  return { status, body, version };
}

const unknownPayment = (): Problem =>
  new Problem(404, 'payment-unknown', 'No payment of this order is known here.');

/** What the news of a provider may end in, to a client; anything else stays a fault of ours. */
function asProblem(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  switch (error.code) {
    case 'payment-unknown':
      throw unknownPayment();
    case 'webhook-forged':
      throw new Problem(400, error.code, 'The signature is not the provider’s, or too old.');
    case 'answer-without-charge':
    case 'refund-without-charge':
      throw new Problem(409, error.code, 'This came before what it answers: send it again later.');
    default:
      throw error;
  }
}
