// The ledger refuses what no book may say, and the reconciliation finds what the books and the provider say differently.
import { describe, expect, it } from '@jest/globals';
import { paymentsForSpec } from '../../test/payment-rig.ts';
import { reconcilePayments } from './reconcile.ts';
import { newOrder } from './test-payments.ts';

const payments = paymentsForSpec();

describe('the ledger', () => {
  const insert = (paymentId: string, rows: readonly [account: string, amount: number][]) =>
    payments.pool.query(
      `INSERT INTO ledger_entry (payment_id, kind, account, amount_minor, currency)
       SELECT $1, 'charge', account, amount, 'EUR' FROM unnest($2::text[], $3::bigint[]) AS t (account, amount)`,
      [paymentId, rows.map(([account]) => account), rows.map(([, amount]) => amount)],
    );

  it('takes no entry without its counterpart', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_declined');
    const paymentId = await payments.idOf(orderId);
    await expect(insert(paymentId, [['sales', 5]])).rejects.toThrow('does not balance');
    await expect(
      insert(paymentId, [
        ['sales', 5],
        ['provider-balance', -4],
      ]),
    ).rejects.toThrow('does not balance');
  });

  it('takes no second charge of a payment', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    const again = insert(await payments.idOf(orderId), [
      ['provider-balance', 5],
      ['sales', -5],
    ]);
    await expect(again).rejects.toThrow('duplicate key');
  });

  it('takes no refund beyond the charge, nor one twice', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    const paymentId = await payments.idOf(orderId);
    const refund = (amount: number, booking: number) =>
      payments.pool.query(
        `INSERT INTO ledger_entry (payment_id, kind, account, amount_minor, currency, booking)
         VALUES ($1, 'refund', 'provider-balance', -$2::bigint, 'EUR', $3), ($1, 'refund', 'sales', $2, 'EUR', $3)`,
        [paymentId, amount, booking],
      );
    await expect(refund(1_251, 1)).rejects.toThrow('more of payment');
    await refund(1_000, 1);
    await expect(refund(1, 1)).rejects.toThrow('duplicate key');
    await expect(refund(251, 2)).rejects.toThrow('more of payment');
  });

  it('is never changed', async () => {
    await payments.charge(newOrder(), 'pm_ok');
    await expect(payments.pool.query('UPDATE ledger_entry SET amount_minor = 0')).rejects.toThrow(
      'never changed',
    );
    await expect(payments.pool.query('DELETE FROM ledger_entry')).rejects.toThrow('never changed');
  });
});

describe('the reconciliation', () => {
  const HOUR_MS = 3_600_000;
  const differences = async () => {
    const { differences } = await reconcilePayments(
      payments.pool,
      payments.sandbox,
      Date.now() - HOUR_MS,
      Date.now() + HOUR_MS,
    );
    return differences;
  };

  it('finds what the provider has and we do not, and what we have and it does not', async () => {
    const [kept, lost] = [newOrder(), newOrder()];
    await payments.charge(kept, 'pm_ok');
    await payments.charge(lost, 'pm_ok');
    await payments.pool.query('DELETE FROM sandbox_charge WHERE order_id = $1', [lost]);
    await payments.sandbox.charge({
      paymentId: 'pay_of_nobody',
      orderId: 'order-of-nobody',
      amount: { amountMinor: 1, currency: 'EUR' },
      paymentMethod: 'pm_ok',
    });
    const found = await differences();
    expect(found.filter(({ orderId }) => orderId === kept)).toEqual([]);
    expect(found).toContainEqual(
      expect.objectContaining({ orderId: lost, what: 'it is succeeded, the provider says nothing' }),
    );
    expect(found).toContainEqual(expect.objectContaining({ paymentId: 'pay_of_nobody' }));
  });

  const differencesOf = async (orderId: string) =>
    (await differences()).filter((one) => one.orderId === orderId).map(({ what }) => what);

  it('finds what went back at the provider and not in our books, and the other way round', async () => {
    const [theirs, ours, both] = [newOrder(), newOrder(), newOrder()];
    for (const orderId of [theirs, ours, both]) await payments.charge(orderId, 'pm_ok');
    await payments.sandbox.refundByHand(await payments.idOf(theirs), 400);
    await payments.sandbox.refundByHand(await payments.idOf(both), 400);
    await payments.pool.query('DELETE FROM sandbox_webhook WHERE payment_id = $1', [
      await payments.idOf(theirs),
    ]);
    await payments.sandbox.deliverDue(payments.collector.accept);
    await payments.store.handle(ours, { kind: 'accept-sum', refundedMinor: 400 });
    expect(await differencesOf(theirs)).toEqual(['0 of it went back, by the provider 400']);
    expect(await differencesOf(ours)).toEqual(['400 of it went back, by the provider 0']);
    expect(await differencesOf(both)).toEqual([]);
  });

  it('finds them of charges that are older than it looks back, too', async () => {
    const [theirs, ours, old] = [newOrder(), newOrder(), newOrder()];
    for (const orderId of [theirs, ours, old]) await payments.charge(orderId, 'pm_ok');
    await payments.pool.query(
      `UPDATE sandbox_charge SET created_at = created_at - interval '9 days' WHERE order_id = ANY($1)`,
      [[theirs, ours, old]],
    );
    await payments.pool.query(
      `UPDATE payment SET requested_at = requested_at - interval '9 days', updated_at = updated_at - interval '9 days'
       WHERE order_id = ANY($1)`,
      [[theirs, ours, old]],
    );
    await payments.sandbox.refundByHand(await payments.idOf(theirs), 400);
    await payments.pool.query('DELETE FROM sandbox_webhook');
    await payments.store.handle(ours, { kind: 'accept-sum', refundedMinor: 400 });
    expect(await differencesOf(theirs)).toEqual(['0 of it went back, by the provider 400']);
    expect(await differencesOf(ours)).toEqual(['400 of it went back, by the provider 0']);
    expect(await differencesOf(old)).toEqual([]);
  });
});
