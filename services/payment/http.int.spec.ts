import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stripe } from 'stripe';
import type { Route } from '#runtime/http/api.ts';
import { authorisationCases, OWNER, outcomeOf } from '../../test/authorisation.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { paymentRoutes } from './http.ts';
import { stripeWebhook } from './provider-choice.ts';
import { CUSTOMER, newOrder, openPaymentStage, type PaymentStage, type Replica } from './test-payments.ts';

const SECRET = 'whsec_of_the_spec';
const ADMIN = { kind: 'user', userId: 'admin-1', role: 'admin' } as const;
let stage: PaymentStage;
let replica: Replica;
let server: SpecServer;
let routes: Route[];

beforeAll(async () => {
  stage = await openPaymentStage(await freshDatabase());
  replica = stage.replica();
  const webhook = stripeWebhook([SECRET], replica.collector.accept);
  routes = paymentRoutes({ store: replica.store, collector: replica.collector, webhook });
  server = await serveForSpec({ routes, pool: stage.pool, schema: 'payment' });
});
afterAll(async () => {
  await server?.close();
  await stage.close();
});

const paid = async (method = 'pm_ok'): Promise<string> => {
  const orderId = newOrder();
  await replica.request(orderId, method);
  await replica.collector.idle();
  return orderId;
};
const refund = (orderId: string, key: string = randomUUID(), body?: unknown) =>
  server.request('POST', `/payments/${orderId}/refunds`, {
    as: ADMIN,
    headers: { 'idempotency-key': key },
    ...(body === undefined ? {} : { body }),
  });
const refundPart = async (orderId: string, body: unknown, key?: string) => {
  const answer = await refund(orderId, key, body);
  await replica.collector.idle();
  return answer;
};
const shown = async (orderId: string) =>
  (await server.request('GET', `/payments/${orderId}`, { as: ADMIN })).body;

describe('a payment', () => {
  it('is shown to its owner, without its means, with its version as ETag', async () => {
    const orderId = await paid('pm_timeout_then_ok');
    const { status, headers, body, text } = await server.request('GET', `/payments/${orderId}`, {
      as: OWNER,
    });
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"2"');
    expect(body).toEqual({
      paymentId: expect.stringMatching(/^pay_/),
      orderId,
      amount: { amountMinor: 1_250, currency: 'EUR' },
      status: 'charging',
      refundedMinor: 0,
      refunds: [],
      isOrderCancelled: false,
      requestedAt: expect.any(String),
    });
    expect(text).not.toContain('pm_');
    expect(OWNER.userId).toBe(CUSTOMER);
  });

  it('that failed says why', async () => {
    const { body } = await server.request('GET', `/payments/${await paid('pm_declined')}`, { as: OWNER });
    expect(body).toMatchObject({ status: 'failed', failureReason: 'declined' });
  });

  it('that no event requested is 404, also when the order was cancelled', async () => {
    const orderId = newOrder();
    await replica.cancel(orderId);
    const { status, body } = await server.request('GET', `/payments/${orderId}`, { as: ADMIN });
    expect([status, body.code]).toEqual([404, 'payment-unknown']);
  });
});

describe('a refund by an admin', () => {
  it('gives the money back, once for one key and once for two', async () => {
    const orderId = await paid();
    const key = randomUUID();
    expect((await refund(orderId, key)).status).toBe(202);
    expect((await refund(orderId, key)).status).toBe(202);
    expect((await refund(orderId)).status).toBe(202);
    await replica.collector.idle();
    const topics = (await stage.published(orderId)).map(({ topic }) => topic);
    expect(topics).toEqual(['payment.succeeded', 'payment.refunded']);
  });

  it.each(['pm_declined', 'pm_timeout_then_ok'])('of a payment with %s is refused', async (method) => {
    const { status, body } = await refund(await paid(method));
    expect([status, body.code]).toEqual([409, 'payment-not-refundable']);
  });

  it('of an order that is not known is a 404', async () => {
    expect((await refund(newOrder())).status).toBe(404);
  });
});

describe('a refund of a part', () => {
  const refundsToldOf = async (orderId: string) =>
    (await stage.published(orderId))
      .filter(({ topic }) => topic === 'payment.refunded')
      .map(({ data }) => (data as { amount: unknown }).amount);

  it('gives exactly that back, and the next one without an amount the rest', async () => {
    const orderId = await paid();
    expect((await refundPart(orderId, { amountMinor: 999 })).status).toBe(202);
    expect(await shown(orderId)).toMatchObject({
      status: 'succeeded',
      refundedMinor: 999,
      refunds: [{ amountMinor: 999, state: 'done' }],
    });
    expect((await refundPart(orderId, {})).status).toBe(202);
    expect(await shown(orderId)).toMatchObject({ status: 'refunded', refundedMinor: 1_250 });
    const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
    expect(await refundsToldOf(orderId)).toEqual([eur(999), eur(251)]);
  });

  it('refunds once for one key, also when the stored answer was deleted, and twice for two keys', async () => {
    const orderId = await paid();
    const key = randomUUID();
    for (let again = 0; again < 2; again += 1)
      expect((await refundPart(orderId, { amountMinor: 400, currency: 'EUR' }, key)).status).toBe(202);
    await stage.pool.query('DELETE FROM idempotency');
    expect((await refundPart(orderId, { amountMinor: 400, currency: 'EUR' }, key)).status).toBe(202);
    expect(await shown(orderId)).toMatchObject({ refundedMinor: 400 });
    await refundPart(orderId, { amountMinor: 400 });
    expect(await shown(orderId)).toMatchObject({ status: 'succeeded', refundedMinor: 800 });
  });

  it('gives back no more than there is when many come at once', async () => {
    const orderId = await paid();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => refund(orderId, undefined, { amountMinor: 500 })),
    );
    await replica.collector.idle();
    const statuses = Map.groupBy(answers, ({ status }) => status);
    expect([statuses.get(202)?.length, statuses.get(422)?.length]).toEqual([2, 3]);
    expect(await shown(orderId)).toMatchObject({ status: 'succeeded', refundedMinor: 1_000 });
  });

  it.each([
    [{ amountMinor: 1_251 }, 422, 'refund-too-large', 'amountMinor'],
    [{ amountMinor: 400, currency: 'USD' }, 422, 'currency-mismatch', 'currency'],
    [{ currency: 'JPY' }, 422, 'currency-mismatch', 'currency'],
    [{ currency: 'ABC' }, 400, 'invalid-request', 'currency'],
    [{ amountMinor: 0 }, 400, 'invalid-request', 'amountMinor'],
    [{ amountMinor: -1 }, 400, 'invalid-request', 'amountMinor'],
    [{ amountMinor: 0.5 }, 400, 'invalid-request', 'amountMinor'],
    [{ amountMinor: '400' }, 400, 'invalid-request', 'amountMinor'],
    [{ amountMinor: 2 ** 53 }, 400, 'invalid-request', 'amountMinor'],
    [{ amount: 400 }, 400, 'invalid-request', 'amount'],
    [{ amountMinor: 400, amount_minor: 1 }, 400, 'invalid-request', 'amount_minor'],
    [null, 400, 'invalid-request', ''],
    [[], 400, 'invalid-request', ''],
  ])(
    'with %j is refused, with the field named, and gives nothing back',
    async (body, status, code, field) => {
      const orderId = await paid();
      const answer = await refundPart(orderId, body);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect((answer.body.faults as { field: string }[]).map((fault) => fault.field)).toContain(field);
      expect(await shown(orderId)).toMatchObject({ status: 'succeeded', refundedMinor: 0, refunds: [] });
    },
  );

  it('counts what was given back by hand, also when no news of it has come yet', async () => {
    const orderId = await paid();
    const { payment } = await replica.store.find(orderId);
    await stage.sandbox.refundByHand(payment!.paymentId, 400);
    const { status, body } = await refundPart(orderId, { amountMinor: 851 });
    expect([status, body.code]).toEqual([422, 'refund-too-large']);
    expect(body.faults).toEqual([
      expect.objectContaining({ message: 'must be at most 850: no more is left' }),
    ]);
    expect((await refundPart(orderId, { amountMinor: 850 })).status).toBe(202);
    expect(await shown(orderId)).toMatchObject({ status: 'refunded', refundedMinor: 1_250 });
  });

  it('of what is all back is refused', async () => {
    const orderId = await paid();
    await refundPart(orderId, {});
    const { status, body } = await refundPart(orderId, { amountMinor: 1 });
    expect([status, body.code]).toEqual([422, 'refund-too-large']);
  });
});

describe('Stripe’s webhook', () => {
  const send = (
    text: string,
    signature = Stripe.webhooks.generateTestHeaderString({ payload: text, secret: SECRET }),
  ) =>
    server.request('POST', '/webhooks/stripe', {
      body: text,
      headers: { 'stripe-signature': signature },
    });
  const succeeded = async (orderId: string, eventId: string) => {
    const { payment } = await replica.store.find(orderId);
    const metadata = { orderId, paymentId: payment?.paymentId ?? 'pay_none' };
    const object = { id: 'pi_late', object: 'payment_intent', status: 'succeeded', metadata };
    // With blanks, as Stripe writes it: the signature is over these very bytes.
    return JSON.stringify(
      { id: eventId, object: 'event', type: 'payment_intent.succeeded', data: { object } },
      null,
      2,
    );
  };

  it('settles a charge, and takes the same event once', async () => {
    const orderId = await paid('pm_timeout_then_ok');
    const text = await succeeded(orderId, `evt_${randomUUID()}`);
    expect((await send(text)).status).toBe(204);
    expect((await send(text)).status).toBe(204);
    const topics = (await stage.published(orderId)).map(({ topic }) => topic);
    expect(topics).toEqual(['payment.succeeded']);
  });

  it('that is forged is refused, and changes nothing', async () => {
    const orderId = await paid('pm_timeout_then_ok');
    const { status, body } = await send(await succeeded(orderId, 'evt_forged'), 't=1,v1=00');
    expect([status, body.code]).toEqual([400, 'webhook-forged']);
    expect((await server.request('POST', '/webhooks/stripe', { body: '{}' })).status).toBe(400);
    expect((await replica.store.find(orderId)).payment?.status).toBe('charging');
  });

  it('about an order that is not known here is refused, so that Stripe sends it again', async () => {
    expect((await send(await succeeded(newOrder(), 'evt_early'))).status).toBe(404);
  });

  it('about what is not ours is taken and does nothing', async () => {
    expect(
      (await send(JSON.stringify({ id: 'evt_2', object: 'event', type: 'payout.paid', data: {} }))).status,
    ).toBe(204);
  });
});

describe('who may', () => {
  const rules = {
    'GET /payments/:orderId': 'owner',
    'POST /payments/:orderId/refunds': 'admin',
  } as const;
  const open = () => paymentRoutes({ store: replica.store, collector: replica.collector });

  it('only what the rules say, by every kind of caller', async () => {
    for (const one of authorisationCases(open(), rules)) {
      const outcome = await outcomeOf(server, one, async (route) => {
        const orderId = await paid();
        return { url: route.url.replace(':orderId', orderId) };
      });
      expect([one.name, one.expected.includes(outcome)]).toEqual([one.name, true]);
    }
  });
});
