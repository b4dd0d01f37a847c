import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '../../test/fresh.ts';
import { newOrder, openPaymentStage, type PaymentStage, type Replica } from './test-payments.ts';

let stage: PaymentStage;
let replica: Replica;

beforeAll(async () => {
  stage = await openPaymentStage(await freshDatabase());
  replica = stage.replica();
});
afterEach(() => replica.collector.idle());
afterAll(() => stage.close());

const statusOf = async (orderId: string) => (await replica.store.find(orderId)).payment?.status;
const topicsOf = async (orderId: string) => (await stage.published(orderId)).map(({ topic }) => topic);
const request = async (orderId: string, method: string) => {
  await replica.request(orderId, method);
  await replica.collector.idle();
};
const idOf = async (orderId: string) => (await replica.store.find(orderId)).payment?.paymentId ?? '';
const refundsToldOf = async (orderId: string) =>
  (await stage.published(orderId))
    .filter(({ topic }) => topic === 'payment.refunded')
    .map(({ data }) => (data as { amount: { amountMinor: number } }).amount.amountMinor);
const untilLate = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('news of the provider', () => {
  it('settle a charge that was pending', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_late_ok');
    expect(await replica.store.find(orderId)).toMatchObject({
      payment: { status: 'charging', providerRef: expect.stringContaining('sandbox_') },
    });
    await untilLate();
    await stage.sandbox.deliverDue(replica.collector.accept);
    expect(await statusOf(orderId)).toBe('succeeded');
  });

  it('that never come are looked up', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_late_ok');
    await untilLate();
    await stage.letPausesEnd();
    await replica.collector.collectDue();
    expect(await topicsOf(orderId)).toEqual(['payment.succeeded']);
  });

  it('that come twice count once', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_duplicate_webhook');
    await stage.sandbox.deliverDue(replica.collector.accept);
    await stage.sandbox.deliverDue(replica.collector.accept);
    expect(await topicsOf(orderId)).toEqual(['payment.succeeded']);
  });

  it('of money that comes after we gave up send it back', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_declined');
    await stage.pool.query(`UPDATE sandbox_charge SET outcome = 'succeeded' WHERE order_id = $1`, [orderId]);
    const answer = { kind: 'succeeded', providerRef: 'ref-late' } as const;
    await replica.collector.accept({
      eventId: `late-${orderId}`,
      orderId,
      paymentId: await idOf(orderId),
      answer,
    });
    await replica.collector.idle();
    expect(await statusOf(orderId)).toBe('refunded');
    expect(await topicsOf(orderId)).toEqual(['payment.failed', 'payment.refunded']);
  });

  it('of a refund by hand are booked', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_ok');
    await replica.collector.accept({
      eventId: `hand-${orderId}`,
      orderId,
      paymentId: await idOf(orderId),
      answer: { kind: 'refunded', refundedMinor: 1_250 },
    });
    expect(await statusOf(orderId)).toBe('refunded');
  });

  it('of a part given back by hand are booked, published, and leave the rest to the next refund', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_ok');
    await stage.sandbox.refundByHand(await idOf(orderId), 400);
    await stage.sandbox.deliverDue(replica.collector.accept);
    expect(await replica.store.find(orderId)).toMatchObject({
      payment: { status: 'succeeded', refundedMinor: 400 },
    });
    await replica.store.handle(orderId, { kind: 'begin-refund', refundId: `rest-${orderId}` });
    await replica.collector.collect(orderId);
    await replica.collector.idle();
    expect(await replica.store.find(orderId)).toMatchObject({
      payment: { status: 'refunded', refundedMinor: 1_250 },
    });
    expect(await refundsToldOf(orderId)).toEqual([400, 850]);
    const paymentId = await idOf(orderId);
    expect((await stage.published(orderId)).slice(1).map(({ id }) => id)).toEqual([
      `${paymentId}/refunded/1`,
      `${paymentId}/refunded/2`,
    ]);
  });

  it('of a part that never come do not hide what stays: a refund of all gives the rest', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_ok');
    await stage.pool.query('DELETE FROM sandbox_webhook');
    await stage.sandbox.refundByHand(await idOf(orderId), 400);
    await stage.pool.query('DELETE FROM sandbox_webhook');
    await replica.cancel(orderId);
    await replica.collector.idle();
    expect(await statusOf(orderId)).toBe('refunded');
    expect(await stage.sandbox.read(`sandbox_${await idOf(orderId)}`)).toMatchObject({
      refundedMinor: 1_250,
    });
  });

  it('of refunds make us ask for the sum: one that failed is taken out of the books again', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_ok');
    const paymentId = await idOf(orderId);
    await stage.sandbox.refundByHand(paymentId, 400);
    await stage.sandbox.deliverDue(replica.collector.accept);
    await stage.pool.query('DELETE FROM sandbox_refund WHERE payment_id = $1', [paymentId]);
    const news = { eventId: `failed-${orderId}`, providerRef: `sandbox_${paymentId}` };
    await replica.collector.accept(news);
    await replica.collector.accept(news);
    expect(await replica.store.find(orderId)).toMatchObject({
      payment: { status: 'succeeded', refundedMinor: 0 },
    });
    const { rows } = await stage.pool.query(
      `SELECT kind, amount_minor AS amount FROM ledger_entry
       WHERE payment_id = $1 AND account = 'provider-balance' ORDER BY id`,
      [paymentId],
    );
    expect(rows.slice(1)).toEqual([
      { kind: 'refund', amount: -400 },
      { kind: 'refund-failed', amount: 400 },
    ]);
  });

  it('of refunds of charges that are not ours do nothing', async () => {
    await replica.collector.accept({ eventId: 'evt-other', providerRef: 'pi_of_another' });
  });

  it('of more than was charged are refused', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_ok');
    const answer = { kind: 'refunded', refundedMinor: 1_251 } as const;
    const news = { eventId: `much-${orderId}`, orderId, paymentId: await idOf(orderId), answer };
    await expect(replica.collector.accept(news)).rejects.toMatchObject({ code: 'refund-exceeds-charge' });
  });

  it('of an order that is not known here are refused, so that they come again', async () => {
    const answer = { kind: 'succeeded', providerRef: 'ref-1' } as const;
    const news = { eventId: 'evt-nobody', orderId: 'order-of-nobody', paymentId: 'pay_of_nobody', answer };
    await expect(replica.collector.accept(news)).rejects.toMatchObject({ code: 'payment-unknown' });
  });

  it('of another payment that names the same order are refused', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_timeout_then_ok');
    const answer = { kind: 'succeeded', providerRef: 'ref-of-another' } as const;
    const news = { eventId: `other-${orderId}`, orderId, paymentId: 'pay_of_another', answer };
    await expect(replica.collector.accept(news)).rejects.toMatchObject({ code: 'payment-unknown' });
    expect(await statusOf(orderId)).toBe('charging');
  });

  it('that came too early count when they come again', async () => {
    const orderId = newOrder();
    await request(orderId, 'pm_timeout_then_ok');
    const news = { eventId: `early-${orderId}`, orderId, paymentId: await idOf(orderId) };
    const early = replica.collector.accept({ ...news, answer: { kind: 'refunded', refundedMinor: 1_250 } });
    await expect(early).rejects.toMatchObject({ code: 'refund-without-charge' });
    await stage.letPausesEnd();
    await replica.collector.collectDue();
    // Refused is not seen: its mark in the inbox went with the transaction.
    await replica.collector.accept({ ...news, answer: { kind: 'refunded', refundedMinor: 1_250 } });
    expect(await statusOf(orderId)).toBe('refunded');
  });
});
