import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stripe } from 'stripe';
import type { Route } from '#runtime/api.ts';
import { authorisationCases, OWNER, outcomeOf } from '../../test/authorisation.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { createRoutes } from './http.ts';
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
  routes = createRoutes({ store: replica.store, collector: replica.collector, webhook });
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
const refund = (orderId: string, key: string = randomUUID()) =>
  server.request('POST', `/payments/${orderId}/refunds`, { as: ADMIN, headers: { 'idempotency-key': key } });

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

  it('that nobody asked for is not there, not even when the order was cancelled', async () => {
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
  const open = () => createRoutes({ store: replica.store, collector: replica.collector });

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
