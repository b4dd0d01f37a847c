import { describe, expect, it } from '@jest/globals';
import { Stripe } from 'stripe';
import { readStripeWebhook } from './stripe-webhook.ts';

const SECRET = 'whsec_of_the_spec';
const metadata = { orderId: 'order-1', paymentId: 'pay_1' };

const bodyOf = (type: string, object: Record<string, unknown>): string =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object: { metadata, ...object } } });
const sign = (payload: string, secret = SECRET, ageS = 0): string =>
  Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    timestamp: Math.floor(Date.now() / 1_000) - ageS,
  });
const read = (type: string, object: Record<string, unknown>) => {
  const body = bodyOf(type, object);
  return readStripeWebhook(body, sign(body), [SECRET]);
};

describe('news of Stripe', () => {
  it('says that a charge succeeded', () => {
    expect(read('payment_intent.succeeded', { id: 'pi_1', status: 'succeeded' })).toEqual({
      eventId: 'evt_1',
      orderId: 'order-1',
      paymentId: 'pay_1',
      answer: { kind: 'succeeded', providerRef: 'pi_1' },
    });
  });

  it.each([
    [{ decline_code: 'insufficient_funds' }, 'insufficient-funds'],
    [{ decline_code: 'generic_decline' }, 'declined'],
    [{ code: 'expired_card' }, 'invalid-method'],
    [{ code: 'incorrect_number' }, 'invalid-method'],
    [undefined, 'declined'],
  ])('says why a charge failed: %j is %s', (error, reason) => {
    const object = { id: 'pi_1', status: 'requires_payment_method', last_payment_error: error ?? null };
    expect(read('payment_intent.payment_failed', object)).toMatchObject({
      answer: { kind: 'failed', reason },
    });
  });

  it.each([
    [400, false, 'eur', 400],
    [1_000, true, 'eur', 1_000],
    [500, false, 'isk', 5],
    [15, true, 'mga', 1_500],
  ])('says the sum that went back: %i (all: %s) in %s is %i', (amount, refunded, currency, refundedMinor) => {
    const answer = { kind: 'refunded', refundedMinor };
    expect(read('charge.refunded', { amount_refunded: amount, refunded, currency })).toMatchObject({
      answer,
    });
  });

  it.each(['refund.failed', 'refund.updated'])(
    'says by %s of which charge to look at the refunds',
    (type) => {
      const refund = { id: 're_1', amount: 400, status: 'failed', metadata: {} };
      const news = { eventId: 'evt_1', providerRef: 'pi_1' };
      expect(read(type, { ...refund, payment_intent: 'pi_1' })).toEqual(news);
      expect(read(type, { ...refund, payment_intent: { id: 'pi_1' } })).toEqual(news);
      expect(read(type, { ...refund, payment_intent: null })).toBeUndefined();
    },
  );

  it('is ignored when it is about a payment that is not ours, or of another kind', () => {
    expect(
      read('payment_intent.succeeded', { id: 'pi_1', status: 'succeeded', metadata: {} }),
    ).toBeUndefined();
    expect(read('payout.paid', {})).toBeUndefined();
  });
});

describe('a webhook is forged', () => {
  const body = bodyOf('payment_intent.succeeded', { id: 'pi_1', status: 'succeeded' });
  const forged = expect.objectContaining({ code: 'webhook-forged' });
  const reading =
    (signature: string, text = body) =>
    () =>
      readStripeWebhook(text, signature, [SECRET]);

  it.each([
    ['without a signature', reading('')],
    ['with one that is none', reading('t=1,v1=zz')],
    ['signed with another secret', reading(sign(body, 'whsec_of_another'))],
    ['signed six minutes ago', reading(sign(body, SECRET, 360))],
    ['with one byte more than was signed', reading(sign(body), `${body} `)],
  ])('%s', (_how, readIt) => {
    expect(readIt).toThrow(forged);
  });

  it('but not when one of two secrets has signed it', () => {
    expect(readStripeWebhook(body, sign(body), ['whsec_of_another', SECRET])?.eventId).toBe('evt_1');
  });

  it('and its error says nothing of its body', () => {
    expect(reading('')).not.toThrow(/order-1/);
  });
});
