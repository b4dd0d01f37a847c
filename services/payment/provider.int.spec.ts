// One contract, every adapter: the sandbox on Postgres, and Stripe's against a stage that answers as Stripe documents.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { freshDatabase } from '../../test/fresh.ts';
import type { ChargeOrder, PaymentProvider, ProviderCharge } from './provider.ts';
import { createSandbox } from './sandbox.ts';
import { createStripeProvider, openStripe } from './stripe.ts';
import { LATE_MS, settleLate } from './test-payments.ts';
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
  /** The next charge does not reach the provider. */
  readonly beDeaf: () => string;
  /** Somebody gives a part back at the provider's own console. */
  readonly refundByHand: (order: ChargeOrder, providerRef: string, amountMinor: number) => Promise<void>;
  /** As if the charge had been made an hour ago. */
  readonly age: (order: ChargeOrder, providerRef: string) => Promise<void>;
}

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
  settleLate: () => settleLate(pool),
  loseAnswer: (outcome) => (outcome === 'ok' ? 'pm_timeout_then_ok' : 'pm_timeout_then_failed'),
  beDeaf: () => 'pm_error_503_twice',
  refundByHand: ({ paymentId }, _ref, amountMinor) =>
    createSandbox({ pool, lateMs: LATE_MS }).refundByHand(paymentId, amountMinor),
  age: async ({ paymentId }) => {
    const sql = `UPDATE sandbox_charge SET created_at = created_at - interval '1 hour' WHERE payment_id = $1`;
    await pool.query(sql, [paymentId]);
  },
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
  refundByHand: async (_order, providerRef, amountMinor) => stage.refundByHand(providerRef, amountMinor),
  age: async (_order, providerRef) => stage.age(providerRef, 3_600),
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

  it('does not know a charge that was not made', async () => {
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

  it('has not made a charge that did not reach it, and makes it when it is asked again', async () => {
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

  const charged = async (amountMinor = 1_000) => {
    const order = orderWith(subject.ok, amountMinor);
    const { providerRef } = (await subject.provider().charge(order)) as { providerRef: string };
    const refundId = randomUUID();
    return {
      order,
      providerRef,
      refund: { paymentId: order.paymentId, providerRef, refundId, charged: order.amount },
    };
  };
  const sumOf = async (providerRef: string) => (await subject.provider().read(providerRef))?.refundedMinor;

  it('gives all back, once, however often it is asked to', async () => {
    const { order, providerRef, refund } = await charged();
    const all = { outcome: 'done', refundedMinor: 1_000 };
    expect(await subject.provider().refund(refund)).toEqual(all);
    expect(await subject.provider().refund(refund)).toEqual(all);
    expect(await sumOf(providerRef)).toBe(1_000);
    const about = { paymentId: order.paymentId, providerRef, status: 'succeeded', refundedMinor: 1_000 };
    expect(await chargesOf(order)).toContainEqual(expect.objectContaining(about));
  });

  it.each([1, 400, 999])('gives the rest back when %i went back by hand', async (byHand) => {
    const { order, providerRef, refund } = await charged();
    await subject.refundByHand(order, providerRef, byHand);
    expect(await sumOf(providerRef)).toBe(byHand);
    expect(await subject.provider().refund(refund)).toEqual({ outcome: 'done', refundedMinor: 1_000 });
    expect(await sumOf(providerRef)).toBe(1_000);
  });

  it('gives nothing more back when all went back by hand', async () => {
    const { order, providerRef, refund } = await charged();
    await subject.refundByHand(order, providerRef, 1_000);
    expect(await subject.provider().refund(refund)).toEqual({ outcome: 'done', refundedMinor: 1_000 });
  });

  it('gives exactly a part back, once for each wish, and then the rest', async () => {
    const { providerRef, refund } = await charged();
    const part = { ...refund, amountMinor: 300 };
    for (let again = 0; again < 2; again += 1)
      expect(await subject.provider().refund(part)).toEqual({ outcome: 'done', refundedMinor: 300 });
    const other = { ...part, refundId: randomUUID() };
    expect(await subject.provider().refund(other)).toEqual({ outcome: 'done', refundedMinor: 600 });
    const rest = { ...refund, refundId: randomUUID() };
    expect(await subject.provider().refund(rest)).toEqual({ outcome: 'done', refundedMinor: 1_000 });
    expect(await sumOf(providerRef)).toBe(1_000);
  });

  it('refuses a part that is more than is left, and gives nothing', async () => {
    const { order, providerRef, refund } = await charged();
    await subject.refundByHand(order, providerRef, 400);
    const part = { ...refund, amountMinor: 601 };
    expect(await subject.provider().refund(part)).toEqual({ outcome: 'refused', refundedMinor: 400 });
    expect(await sumOf(providerRef)).toBe(400);
  });

  it('gives one wish back once when asked twice at the same time', async () => {
    const { providerRef, refund } = await charged();
    const part = { ...refund, amountMinor: 300 };
    await Promise.all([subject.provider().refund(part), subject.provider().refund(part)]);
    expect(await sumOf(providerRef)).toBe(300);
  });

  it('lists old charges of which something went back lately, and no other old ones', async () => {
    const [back, kept] = [await charged(), await charged()];
    for (const { order, providerRef } of [back, kept]) await subject.age(order, providerRef);
    await subject.refundByHand(back.order, back.providerRef, 1);
    expect((await chargesOf(back.order))[0]).toMatchObject({
      providerRef: back.providerRef,
      refundedMinor: 1,
    });
    expect(await chargesOf(kept.order)).toEqual([]);
  });

  it('does not refund what was never charged', async () => {
    const order = orderWith(subject.declined);
    await subject.provider().charge(order);
    const refund = {
      paymentId: order.paymentId,
      refundId: 'r-1',
      providerRef: 'pi_none',
      charged: order.amount,
    };
    await expect(subject.provider().refund(refund)).rejects.toEqual(refused('provider-refused'));
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'takes the means of payment %s for an invalid one',
    async (method) => {
      const answer = await subject.provider().charge(orderWith(method));
      expect(answer).toEqual({ kind: 'failed', reason: 'invalid-method' });
    },
  );

  it('lists every charge once, page after page', async () => {
    const orders = Array.from({ length: 120 }, () => orderWith(subject.ok, 100));
    for (const order of orders) await subject.provider().charge(order);
    const found = await Promise.all([orders[0]!, orders[60]!, orders[119]!].map(chargesOf));
    expect(found.map((charges) => charges.length)).toEqual([1, 1, 1]);
  });
});
