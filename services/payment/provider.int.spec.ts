// One contract, every adapter: the sandbox on Postgres, and Stripe's against a stage that answers as Stripe documents.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { migrateService } from '#runtime/migrate.ts';
import { createPool, type Pool } from '#runtime/postgres.ts';
import { freshDatabase } from '../../test/fresh.ts';
import type { ChargeOrder, PaymentProvider, ProviderCharge } from './provider.ts';
import { createSandbox } from './sandbox.ts';
import { createStripeProvider, openStripe } from './stripe.ts';
import { openStripeStage, type StripeStage } from './test-stripe.ts';

/** An adapter, its names for means of payment, and how its provider is made to fail. */
interface Subject {
  readonly provider: () => PaymentProvider;
  readonly ok: string;
  readonly declined: string;
  readonly insufficient: string;
  readonly late: string;
  readonly settleLate: () => Promise<void> | void;
  /** The next charge happens, and its answer gets lost. */
  readonly loseAnswer: (outcome: 'ok' | 'declined') => string;
  /** The next charge is not heard. */
  readonly beDeaf: () => string;
}

const LATE_MS = 50;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let stage: StripeStage;

beforeAll(async () => {
  database = await freshDatabase();
  const log = createLogger('spec', 'silent');
  pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: 'payment', log });
  await migrateService(pool, 'payment', join(import.meta.dirname, 'migrations'), log);
  stage = await openStripeStage();
});
afterAll(async () => {
  await stage.close();
  await pool.end();
  await database.drop();
});

/** Requests that the SDK makes of one call before it gives up. */
const SDK_ATTEMPTS = 3;

const sandbox: Subject = {
  provider: () => createSandbox({ pool, lateMs: LATE_MS }),
  ok: 'pm_ok',
  declined: 'pm_declined',
  insufficient: 'pm_insufficient',
  late: 'pm_late_ok',
  settleLate: () => new Promise((resolve) => setTimeout(resolve, LATE_MS)),
  loseAnswer: (outcome) => (outcome === 'ok' ? 'pm_timeout_then_ok' : 'pm_timeout_then_failed'),
  beDeaf: () => 'pm_error_503_twice',
};
const stripe: Subject = {
  provider: () =>
    createStripeProvider(openStripe({ apiKey: 'sk_test_stage', url: stage.url, timeoutMs: 2_000 })),
  ok: 'pm_card_visa',
  declined: 'pm_card_visa_chargeDeclined',
  insufficient: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  late: 'pm_usBankAccount',
  settleLate: () => stage.settle(),
  loseAnswer: (outcome) => {
    stage.loseAnswers(SDK_ATTEMPTS);
    return outcome === 'ok' ? stripe.ok : stripe.declined;
  },
  beDeaf: () => {
    stage.refuseNext(SDK_ATTEMPTS);
    return stripe.ok;
  },
};

describe.each([
  ['the sandbox', sandbox],
  ['Stripe', stripe],
])('%s as a provider', (_name, subject) => {
  const orderWith = (paymentMethod: string, amountMinor = 1_250): ChargeOrder => ({
    paymentId: `pay_${randomUUID()}`,
    orderId: `order-${randomUUID()}`,
    amount: { amountMinor, currency: 'EUR' },
    paymentMethod,
  });
  const clueOf = ({ paymentId }: ChargeOrder) => ({ paymentId, requestedAtMs: Date.now() });
  const chargesOf = async ({ paymentId }: ChargeOrder): Promise<ProviderCharge[]> => {
    const all: ProviderCharge[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await subject.provider().listCharges(Date.now() - 60_000, cursor);
      all.push(...page.charges);
      cursor = page.next;
      if (!cursor) return all.filter((charge) => charge.paymentId === paymentId);
    }
  };
  const refused = (code: string) => expect.objectContaining({ code });

  it('charges once, and repeats the first answer to a repeated call', async () => {
    const order = orderWith(subject.ok);
    const first = await subject.provider().charge(order);
    expect(first).toEqual({ kind: 'succeeded', providerRef: expect.any(String) });
    expect(await subject.provider().charge(order)).toEqual(first);
    const { paymentId, orderId, amount } = order;
    expect(await chargesOf(order)).toEqual([
      expect.objectContaining({ paymentId, orderId, amount, status: 'succeeded' }),
    ]);
  });

  it('charges once when called twice at the same time', async () => {
    const order = orderWith(subject.ok);
    const answers = await Promise.all([subject.provider().charge(order), subject.provider().charge(order)]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await chargesOf(order)).toHaveLength(1);
  });

  it('says why it does not charge, again and again', async () => {
    for (const [method, reason] of [
      [subject.declined, 'declined'],
      [subject.insufficient, 'insufficient-funds'],
      ['pm_of_nobody', 'invalid-method'],
    ] as const) {
      const order = orderWith(method);
      const answer = { kind: 'failed', reason };
      expect(await subject.provider().charge(order)).toEqual(answer);
      expect(await subject.provider().charge(order)).toEqual(answer);
    }
  });

  it('refuses one payment id for two amounts', async () => {
    const order = orderWith(subject.ok);
    await subject.provider().charge(order);
    const other = { ...order, amount: { amountMinor: 1, currency: 'EUR' } };
    await expect(subject.provider().charge(other)).rejects.toEqual(refused('idempotency-mismatch'));
    expect(await chargesOf(order)).toHaveLength(1);
  });

  it('never heard of what was not charged', async () => {
    expect(await subject.provider().lookup(clueOf(orderWith(subject.ok)))).toEqual({ kind: 'unheard' });
  });

  it('finds the charge whose answer got lost, and does not repeat it', async () => {
    const order = orderWith(subject.loseAnswer('ok'));
    await expect(subject.provider().charge(order)).rejects.toEqual(refused('provider-unreachable'));
    const found = await subject.provider().lookup(clueOf(order));
    expect(found).toEqual({ kind: 'succeeded', providerRef: expect.any(String) });
    expect(await subject.provider().charge(order)).toEqual(found);
    expect(await chargesOf(order)).toHaveLength(1);
  });

  it('finds the refusal whose answer got lost', async () => {
    const order = orderWith(subject.loseAnswer('declined'));
    await expect(subject.provider().charge(order)).rejects.toEqual(refused('provider-unreachable'));
    const failed = { kind: 'failed', reason: 'declined' };
    expect(await subject.provider().lookup(clueOf(order))).toEqual(failed);
    expect(await subject.provider().charge(order)).toEqual(failed);
  });

  it('has not charged what it did not hear, and charges it when it hears again', async () => {
    const order = orderWith(subject.beDeaf());
    await expect(subject.provider().charge(order)).rejects.toEqual(refused('provider-unreachable'));
    expect(await subject.provider().lookup(clueOf(order))).toEqual({ kind: 'unheard' });
    const answers = [];
    for (let call = 0; call < 3; call += 1)
      answers.push(
        await subject
          .provider()
          .charge(order)
          .catch(() => undefined),
      );
    expect(answers.at(-1)).toEqual({ kind: 'succeeded', providerRef: expect.any(String) });
    expect(await chargesOf(order)).toHaveLength(1);
  });

  it('may decide later, and is found by its own name then', async () => {
    const order = orderWith(subject.late);
    const answer = await subject.provider().charge(order);
    expect(answer.kind).toBe('pending');
    const { providerRef } = answer as { providerRef: string };
    const clue = { ...clueOf(order), providerRef };
    expect(await subject.provider().lookup(clue)).toEqual({ kind: 'pending', providerRef });
    await subject.settleLate();
    expect(await subject.provider().lookup(clue)).toEqual({ kind: 'succeeded', providerRef });
  });

  it('refunds once, however often it is asked to', async () => {
    const order = orderWith(subject.ok);
    const charge = await subject.provider().charge(order);
    const { providerRef } = charge as { providerRef: string };
    const refund = { paymentId: order.paymentId, providerRef, amount: order.amount };
    expect(await subject.provider().refund(refund)).toBe('refunded');
    expect(await subject.provider().refund(refund)).toBe('refunded');
    expect((await chargesOf(order)).map(({ status }) => status)).toEqual(['refunded']);
  });

  it('does not refund what was never charged', async () => {
    const order = orderWith(subject.declined);
    await subject.provider().charge(order);
    const refund = { paymentId: order.paymentId, providerRef: 'pi_none', amount: order.amount };
    await expect(subject.provider().refund(refund)).rejects.toEqual(refused('provider-refused'));
  });

  it('lists every charge once, page after page', async () => {
    const orders = Array.from({ length: 120 }, () => orderWith(subject.ok, 100));
    for (const order of orders) await subject.provider().charge(order);
    const found = await Promise.all([orders[0]!, orders[60]!, orders[119]!].map(chargesOf));
    expect(found.map((charges) => charges.length)).toEqual([1, 1, 1]);
  });
});

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
  const order = { paymentId: 'pay_small', orderId: 'order-small', paymentMethod: stripe.ok };
  const charge = stripe.provider().charge({ ...order, amount: { amountMinor: 0, currency: 'EUR' } });
  expect(await charge).toEqual({ kind: 'failed', reason: 'declined' });
});

it('Stripe’s refund is asked for anew when it came to nothing, and not while it is on its way', async () => {
  const amount = { amountMinor: 1_250, currency: 'EUR' };
  const paymentId = 'pay_refund';
  const charge = { paymentId, orderId: 'order-refund', amount, paymentMethod: stripe.ok };
  const { providerRef } = (await stripe.provider().charge(charge)) as { providerRef: string };
  const refund = () => stripe.provider().refund({ paymentId, providerRef, amount });
  expect(await refund()).toBe('refunded');
  const first = stage.refunds[0]!;
  const countBefore = stage.refunds.length;
  first.status = 'pending';
  expect(await refund()).toBe('pending');
  first.status = 'failed';
  stage.intents.find(({ id }) => id === providerRef)!.latest_charge!.refunded = false;
  expect(await refund()).toBe('refunded');
  expect(stage.refunds.length).toBe(countBefore + 1);
});
