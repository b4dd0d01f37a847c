// What only Stripe has: its errors, its units, and refunds that fail days later.
import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { createStripeProvider, openStripe } from './stripe.ts';
import { openStripeStage } from './test-stripe.ts';

const OK = 'pm_card_visa';
const stage = openForSpec(openStripeStage);

const provider = () =>
  createStripeProvider(openStripe({ apiKey: 'sk_test_stage', url: stage.url, timeoutMs: 2_000 }));

it('Stripe’s errors leave without what Stripe said of card and customer', async () => {
  const provider = createStripeProvider(openStripe({ apiKey: 'sk_wrong', url: stage.url }));
  const error: Error = (await provider.listCharges(0).catch((thrown: Error) => thrown)) as never;
  expect(error).toMatchObject({
    code: 'provider-refused',
    facts: { statusCode: 401, requestId: 'req_stage' },
  });
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain('no such key');
});

it('Stripe’s refusal of an amount is final', async () => {
  const order = { paymentId: 'pay_small', orderId: 'order-small', paymentMethod: OK };
  const charge = provider().charge({ ...order, amount: { amountMinor: 0, currency: 'EUR' } });
  expect(await charge).toEqual({ kind: 'failed', reason: 'declined' });
});

const amountOf = (amountMinor: number, currency: string) => ({ amountMinor, currency });

it.each([
  [123_450, 'HUF', 123_450],
  [500, 'JPY', 500],
  [5, 'ISK', 500],
  [5, 'UGX', 500],
  [1_500, 'MGA', 15],
  [5_120, 'KWD', 5_120],
])(
  'Stripe is asked for %i minor units of %s as %i, and gives as many back',
  async (minor, currency, units) => {
    const paymentId = `pay_${randomUUID()}`;
    const order = { paymentId, orderId: 'o', amount: amountOf(minor, currency), paymentMethod: OK };
    const { providerRef } = (await provider().charge(order)) as { providerRef: string };
    expect(stage.intents[0]).toMatchObject({ amount: units, currency: currency.toLowerCase() });
    expect(await provider().read(providerRef)).toMatchObject({
      amount: order.amount,
      refundedMinor: 0,
    });
    const refund = { paymentId, providerRef, refundId: randomUUID(), charged: order.amount };
    expect(await provider().refund(refund)).toEqual({ outcome: 'done', refundedMinor: minor });
    expect(stage.refunds[0]).toMatchObject({ amount: units });
  },
);

it.each([
  [5_124, 'KWD'],
  [150, 'MGA'],
  [1, 'ABC'],
])('Stripe is not asked for %i minor units of %s, which it cannot move exactly', async (minor, currency) => {
  const count = stage.intents.length;
  const amount = amountOf(minor, currency);
  const order = { paymentId: `pay_${randomUUID()}`, orderId: 'o', amount, paymentMethod: OK };
  expect(await provider().charge(order)).toEqual({ kind: 'failed', reason: 'declined' });
  expect(provider().accepts(amount)).toBe(false);
  expect(stage.intents).toHaveLength(count);
});

it('a refund at Stripe is asked for again when it failed, and not while it is on its way', async () => {
  const charged = { amountMinor: 1_250, currency: 'EUR' };
  const paymentId = 'pay_refund';
  const order = { paymentId, orderId: 'order-refund', amount: charged, paymentMethod: OK };
  const { providerRef } = (await provider().charge(order)) as { providerRef: string };
  const refund = () => provider().refund({ paymentId, providerRef, refundId: 'r', charged });
  const all = { outcome: 'done', refundedMinor: 1_250 };
  expect(await refund()).toEqual(all);
  const first = stage.refunds[0]!;
  const countBefore = stage.refunds.length;
  stage.endRefund(first, 'pending');
  expect(await refund()).toEqual({ ...all, outcome: 'pending' });
  stage.endRefund(first, 'failed');
  expect((await provider().read(providerRef))?.refundedMinor).toBe(0);
  expect(await refund()).toEqual(all);
  expect(stage.refunds.length).toBe(countBefore + 1);
});
