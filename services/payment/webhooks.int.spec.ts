import { describe, expect, it } from '@jest/globals';
import { paymentsForSpec } from '../../test/payment-rig.ts';
import { newOrder, settleLate } from './test-payments.ts';

const payments = paymentsForSpec();

const refundsToldOf = async (orderId: string) =>
  (await payments.published(orderId))
    .filter(({ topic }) => topic === 'payment.refunded')
    .map(({ data }) => (data as { amount: { amountMinor: number } }).amount.amountMinor);

describe('news of the provider', () => {
  it('settle a charge that was pending', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_late_ok');
    expect(await payments.store.find(orderId)).toMatchObject({
      payment: { status: 'charging', providerRef: expect.stringContaining('sandbox_') },
    });
    await settleLate(payments.pool);
    await payments.sandbox.deliverDue(payments.collector.accept);
    expect(await payments.statusOf(orderId)).toBe('succeeded');
  });

  it('that never come are looked up', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_late_ok');
    await settleLate(payments.pool);
    await payments.letPausesEnd();
    await payments.collector.collectDue();
    expect(await payments.topicsOf(orderId)).toEqual(['payment.succeeded']);
  });

  it('that come twice count once', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_duplicate_webhook');
    await payments.sandbox.deliverDue(payments.collector.accept);
    await payments.sandbox.deliverDue(payments.collector.accept);
    expect(await payments.topicsOf(orderId)).toEqual(['payment.succeeded']);
  });

  it('of money that comes after we gave up send it back', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_declined');
    await payments.pool.query(`UPDATE sandbox_charge SET outcome = 'succeeded' WHERE order_id = $1`, [
      orderId,
    ]);
    const answer = { kind: 'succeeded', providerRef: 'ref-late' } as const;
    await payments.collector.accept({
      eventId: `late-${orderId}`,
      orderId,
      paymentId: await payments.idOf(orderId),
      answer,
    });
    await payments.collector.idle();
    expect(await payments.statusOf(orderId)).toBe('refunded');
    expect(await payments.topicsOf(orderId)).toEqual(['payment.failed', 'payment.refunded']);
  });

  it('of a refund by hand are booked', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    await payments.collector.accept({
      eventId: `hand-${orderId}`,
      orderId,
      paymentId: await payments.idOf(orderId),
      answer: { kind: 'refunded', refundedMinor: 1_250 },
    });
    expect(await payments.statusOf(orderId)).toBe('refunded');
  });

  it('of a part given back by hand are booked, published, and leave the rest to the next refund', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    await payments.sandbox.refundByHand(await payments.idOf(orderId), 400);
    await payments.sandbox.deliverDue(payments.collector.accept);
    expect(await payments.store.find(orderId)).toMatchObject({
      payment: { status: 'succeeded', refundedMinor: 400 },
    });
    await payments.store.handle(orderId, { kind: 'begin-refund', refundId: `rest-${orderId}` });
    await payments.collector.collect(orderId);
    await payments.collector.idle();
    expect(await payments.store.find(orderId)).toMatchObject({
      payment: { status: 'refunded', refundedMinor: 1_250 },
    });
    expect(await refundsToldOf(orderId)).toEqual([400, 850]);
    const paymentId = await payments.idOf(orderId);
    expect((await payments.published(orderId)).slice(1).map(({ id }) => id)).toEqual([
      `${paymentId}/refunded/1`,
      `${paymentId}/refunded/2`,
    ]);
  });

  it('of a part that never come do not hide what stays: a refund of all gives the rest', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    await payments.pool.query('DELETE FROM sandbox_webhook');
    await payments.sandbox.refundByHand(await payments.idOf(orderId), 400);
    await payments.pool.query('DELETE FROM sandbox_webhook');
    await payments.cancel(orderId);
    await payments.collector.idle();
    expect(await payments.statusOf(orderId)).toBe('refunded');
    expect(await payments.sandbox.read(`sandbox_${await payments.idOf(orderId)}`)).toMatchObject({
      refundedMinor: 1_250,
    });
  });

  it('of refunds make us ask for the sum: one that failed is taken out of the books again', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    const paymentId = await payments.idOf(orderId);
    await payments.sandbox.refundByHand(paymentId, 400);
    await payments.sandbox.deliverDue(payments.collector.accept);
    await payments.pool.query('DELETE FROM sandbox_refund WHERE payment_id = $1', [paymentId]);
    const news = { eventId: `failed-${orderId}`, providerRef: `sandbox_${paymentId}` };
    await payments.collector.accept(news);
    await payments.collector.accept(news);
    expect(await payments.store.find(orderId)).toMatchObject({
      payment: { status: 'succeeded', refundedMinor: 0 },
    });
    const { rows } = await payments.pool.query(
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
    await payments.collector.accept({ eventId: 'evt-other', providerRef: 'pi_of_another' });
  });

  it('of more than was charged are refused', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    const answer = { kind: 'refunded', refundedMinor: 1_251 } as const;
    const news = { eventId: `much-${orderId}`, orderId, paymentId: await payments.idOf(orderId), answer };
    await expect(payments.collector.accept(news)).rejects.toMatchObject({ code: 'refund-exceeds-charge' });
  });

  it('of an order that is not known here are refused, so that they come again', async () => {
    const answer = { kind: 'succeeded', providerRef: 'ref-1' } as const;
    const news = { eventId: 'evt-nobody', orderId: 'order-of-nobody', paymentId: 'pay_of_nobody', answer };
    await expect(payments.collector.accept(news)).rejects.toMatchObject({ code: 'payment-unknown' });
  });

  it('of another payment that names the same order are refused', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_timeout_then_ok');
    const answer = { kind: 'succeeded', providerRef: 'ref-of-another' } as const;
    const news = { eventId: `other-${orderId}`, orderId, paymentId: 'pay_of_another', answer };
    await expect(payments.collector.accept(news)).rejects.toMatchObject({ code: 'payment-unknown' });
    expect(await payments.statusOf(orderId)).toBe('charging');
  });

  it('that came too early count when they come again', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_timeout_then_ok');
    const news = { eventId: `early-${orderId}`, orderId, paymentId: await payments.idOf(orderId) };
    const early = payments.collector.accept({ ...news, answer: { kind: 'refunded', refundedMinor: 1_250 } });
    await expect(early).rejects.toMatchObject({ code: 'refund-without-charge' });
    await payments.letPausesEnd();
    await payments.collector.collectDue();
    // Refused is not seen: its mark in the inbox went with the transaction.
    await payments.collector.accept({ ...news, answer: { kind: 'refunded', refundedMinor: 1_250 } });
    expect(await payments.statusOf(orderId)).toBe('refunded');
  });
});
