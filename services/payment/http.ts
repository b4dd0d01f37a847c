// An order's payment as its owner and admins see it, refunds by admins, and the provider's webhook. Never shows a means of payment.
import { z } from 'zod';
import { money } from '#contracts/money.ts';
import { orderId } from '#contracts/orders.ts';
import { paymentFailedData, paymentId } from '#contracts/payments.ts';
import { type Answer, Problem, type Route, route } from '#runtime/api.ts';
import { AppError } from '#runtime/errors.ts';
import type { Collector, Found, PaymentStore } from './domain.ts';

/** Where a provider tells its news. */
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
  isOrderCancelled: z.boolean(),
  requestedAt: z.iso.datetime(),
});
const params = z.object({ orderId });

/** All endpoints of the payment service. */
export const createRoutes = (parts: HttpParts): Route[] => [
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

const refundPayment = ({ store, collector }: HttpParts): Route =>
  route(
    {
      method: 'POST',
      url: '/payments/:orderId/refunds',
      access: 'admin',
      summary: 'Give all the money of an order back',
      params,
      answers: { 202: paymentView },
      problems: [404, 409],
      isIdempotent: true,
    },
    async ({ params }) => {
      await store.execute(params.orderId, { kind: 'begin-refund' }).catch(asProblem);
      await collector.collect(params.orderId);
      return viewOf(202, await store.find(params.orderId));
    },
  );

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
      const signature = headers[webhook.signatureHeader];
      await webhook.receive(rawBody, typeof signature === 'string' ? signature : '').catch(asProblem);
      return { status: 204 };
    },
  );

function viewOf(status: number, { payment, isOrderCancelled, version }: Found): Answer {
  if (!payment) throw unknownPayment();
  const { requestedAtMs, ...shown } = payment;
  const body = { ...shown, isOrderCancelled, requestedAt: new Date(requestedAtMs).toISOString() };
  return { status, body, version };
}

const unknownPayment = (): Problem =>
  new Problem(404, 'payment-unknown', 'No payment of this order is known here.');

/** The refusals of the domain, to a client; anything else stays a fault of ours. */
function asProblem(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  switch (error.code) {
    case 'payment-unknown':
      throw unknownPayment();
    case 'payment-not-refundable':
      throw new Problem(409, error.code, 'Only a payment that succeeded can be refunded.');
    case 'webhook-forged':
      throw new Problem(400, error.code, 'The signature is not the provider’s, or too old.');
    case 'answer-without-charge':
    case 'refund-without-charge':
      throw new Problem(409, error.code, 'This came before what it answers: send it again later.');
    default:
      throw error;
  }
}
