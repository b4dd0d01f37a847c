import { describe, expect, it } from '@jest/globals';
import { AppError } from '#runtime/errors.ts';
import { paymentsForSpec } from '../../test/payment-rig.ts';
import type { PaymentProvider } from './provider.ts';
import { newOrder, TRACE } from './test-payments.ts';

const payments = paymentsForSpec();

const rowsOf = async (sql: string, orderId: string) =>
  (await payments.pool.query<Record<string, unknown>>(sql, [orderId])).rows;
const ledgerOf = (orderId: string) =>
  rowsOf(
    `SELECT l.kind, l.account, l.amount_minor AS amount FROM ledger_entry l JOIN payment USING (payment_id)
     WHERE order_id = $1 ORDER BY l.id`,
    orderId,
  );
const chargesOf = (orderId: string) =>
  rowsOf(
    `SELECT outcome, calls, EXISTS (SELECT 1 FROM sandbox_refund r WHERE r.payment_id = c.payment_id) AS refunded
     FROM sandbox_charge c WHERE order_id = $1`,
    orderId,
  );
const cancel = async (orderId: string) => {
  await payments.cancel(orderId);
  await payments.collector.idle();
};
/** The job's runs, as if each pause before them had passed. */
const goOn = async (runs = 1) => {
  for (let run = 0; run < runs; run += 1) {
    await payments.letPausesEnd();
    await payments.collector.collectDue();
  }
};

describe('a request', () => {
  it('is charged, booked on both sides, and announced with the trace of its cause', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    const { payment } = await payments.store.find(orderId);
    expect(payment).toMatchObject({ status: 'succeeded', paymentMethod: undefined });
    expect(await ledgerOf(orderId)).toEqual([
      { kind: 'charge', account: 'provider-balance', amount: 1_250 },
      { kind: 'charge', account: 'sales', amount: -1_250 },
    ]);
    const { paymentId, userId, amount } = payment!;
    expect(await payments.published(orderId)).toEqual([
      {
        topic: 'payment.succeeded',
        id: `${paymentId}/succeeded`,
        traceparent: TRACE,
        data: { paymentId, orderId, userId, amount },
      },
    ]);
  });

  it.each([
    ['pm_declined', 'declined'],
    ['pm_insufficient', 'insufficient-funds'],
    ['pm_of_nobody', 'invalid-method'],
  ])('with %s fails: %s, and books nothing', async (method, reason) => {
    const orderId = newOrder();
    await payments.charge(orderId, method);
    expect(await payments.published(orderId)).toEqual([
      expect.objectContaining({ topic: 'payment.failed', data: expect.objectContaining({ reason }) }),
    ]);
    expect(await ledgerOf(orderId)).toEqual([]);
  });

  it('that comes five times at once, to two replicas, is charged and announced once', async () => {
    const orderId = newOrder();
    const other = payments.replica();
    await Promise.all([payments, other, payments, other, other].map((one) => one.request(orderId, 'pm_ok')));
    await Promise.all([payments.collector.idle(), other.collector.idle()]);
    expect(await chargesOf(orderId)).toEqual([{ outcome: 'succeeded', calls: 1, refunded: false }]);
    expect(await payments.topicsOf(orderId)).toEqual(['payment.succeeded']);
  });

  it('for the same order with another amount is refused, so that a person looks at it', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    await payments.pool.query('DELETE FROM inbox WHERE event_id = $1', [`${orderId}/payment-requested`]);
    await expect(payments.request(orderId, 'pm_ok', 9)).rejects.toMatchObject({
      code: 'request-contradicts-earlier-one',
    });
  });

  it('over nothing succeeds without the provider', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_of_nobody', 0);
    expect(await payments.statusOf(orderId)).toBe('succeeded');
    expect(await chargesOf(orderId)).toEqual([]);
  });
});

describe('an outcome that is unknown', () => {
  it.each([
    ['pm_timeout_then_ok', 'succeeded', 'payment.succeeded'],
    ['pm_timeout_then_failed', 'failed', 'payment.failed'],
  ])('%s stays charging until it is looked up: %s', async (method, status, topic) => {
    const orderId = newOrder();
    await payments.charge(orderId, method);
    expect(await payments.statusOf(orderId)).toBe('charging');
    expect(await payments.topicsOf(orderId)).toEqual([]);
    await goOn();
    expect(await payments.statusOf(orderId)).toBe(status);
    expect(await payments.topicsOf(orderId)).toEqual([topic]);
    expect(await chargesOf(orderId)).toEqual([expect.objectContaining({ calls: 1 })]);
  });

  it('is waited for: the job does not come back before the pause has passed', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_timeout_then_ok');
    await payments.collector.collectDue();
    expect(await payments.statusOf(orderId)).toBe('charging');
  });

  it('that does not reach the provider is asked for again, with the same key', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_error_503_twice');
    await goOn(2);
    expect(await payments.statusOf(orderId)).toBe('succeeded');
    expect(await chargesOf(orderId)).toEqual([{ outcome: 'succeeded', calls: 3, refunded: false }]);
  });

  it('leaves no trace of the means of payment in the log', async () => {
    await payments.charge(newOrder(), 'pm_timeout_then_ok');
    expect(payments.logged.length).toBeGreaterThan(0);
    expect(payments.logged.join()).not.toContain('pm_timeout');
  });
});

describe('a crash', () => {
  /** Dies at a call: as the process would, it neither learns nor saves anything more. */
  const dying = (at: 'before' | 'after'): PaymentProvider => ({
    ...payments.sandbox,
    charge: async (order) => {
      if (at === 'after') await payments.sandbox.charge(order);
      return new Promise(() => {});
    },
  });

  it.each(['before', 'after'] as const)(
    '%s the provider was called is made good, with one charge',
    async (at) => {
      const orderId = newOrder();
      await payments.replica(dying(at)).request(orderId, 'pm_ok');
      const isThere = async () =>
        (await payments.statusOf(orderId)) === 'charging' &&
        (await chargesOf(orderId)).length === (at === 'after' ? 1 : 0);
      while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 5));
      await payments.collector.collectDue();
      expect(await payments.statusOf(orderId)).toBe('charging');
      await goOn();
      expect(await payments.statusOf(orderId)).toBe('succeeded');
      expect(await chargesOf(orderId)).toEqual([{ outcome: 'succeeded', calls: 1, refunded: false }]);
      expect(await payments.topicsOf(orderId)).toEqual(['payment.succeeded']);
    },
  );

  it('between the request’s commit and its first step is found by the job', async () => {
    const orderId = newOrder();
    const amount = { amountMinor: 10, currency: 'EUR' };
    const payment = { paymentId: `pay_${orderId}`, orderId, userId: 'u', amount, requestedAtMs: Date.now() };
    await payments.store.handle(orderId, {
      kind: 'request',
      request: { ...payment, paymentMethod: 'pm_ok' },
    });
    expect(await payments.statusOf(orderId)).toBe('requested');
    await payments.collector.collectDue();
    expect(await payments.statusOf(orderId)).toBe('succeeded');
  });
});

describe('a cancellation that contradicts the payment', () => {
  it.each([
    ['customer', { userId: 'somebody-else' }],
    ['amount', { total: { amountMinor: 1, currency: 'EUR' } }],
    ['currency', { total: { amountMinor: 1_250, currency: 'JPY' } }],
  ])('by its %s gives no money back', async (_what, over) => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    const forged = payments.cancel(orderId, over);
    await expect(forged).rejects.toMatchObject({
      name: 'RefusedEvent',
      code: 'cancellation-contradicts-payment',
    });
    expect(await payments.statusOf(orderId)).toBe('succeeded');
    await cancel(orderId);
    expect(await payments.statusOf(orderId)).toBe('refunded');
  });
});

describe('a cancelled order', () => {
  it('whose cancellation overtook the request is never charged', async () => {
    const orderId = newOrder();
    await cancel(orderId);
    await payments.charge(orderId, 'pm_ok');
    expect(await chargesOf(orderId)).toEqual([]);
    expect(await payments.published(orderId)).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ reason: 'order-cancelled' }) }),
    ]);
  });

  it('that was paid gets its money back, once, and the books are even', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    await Promise.all([cancel(orderId), cancel(orderId)]);
    expect(await payments.statusOf(orderId)).toBe('refunded');
    expect(await payments.topicsOf(orderId)).toEqual(['payment.succeeded', 'payment.refunded']);
    expect(await chargesOf(orderId)).toEqual([expect.objectContaining({ refunded: true })]);
    expect((await ledgerOf(orderId)).map(({ amount }) => amount)).toEqual([1_250, -1_250, -1_250, 1_250]);
  });

  it('whose charge succeeds later gets it back at once', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_timeout_then_ok');
    await cancel(orderId);
    expect(await payments.statusOf(orderId)).toBe('charging');
    await goOn();
    expect(await payments.topicsOf(orderId)).toEqual(['payment.succeeded', 'payment.refunded']);
  });

  it('whose charge never reached the provider fails, once no call can still arrive', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_error_503_twice');
    await cancel(orderId);
    await goOn(3);
    expect(await payments.statusOf(orderId)).toBe('charging');
    await goOn(2);
    expect(await payments.topicsOf(orderId)).toEqual(['payment.failed']);
    expect(await chargesOf(orderId)).toEqual([{ outcome: null, calls: 1, refunded: false }]);
  });

  it('and its request at the same time, in either order, end with no money kept', async () => {
    const orders = Array.from({ length: 20 }, newOrder);
    await Promise.all(orders.flatMap((orderId) => [payments.charge(orderId, 'pm_ok'), cancel(orderId)]));
    for (const orderId of orders) expect(['failed', 'refunded']).toContain(await payments.statusOf(orderId));
  });

  it('gets its money back although the first refund fails', async () => {
    const orderId = newOrder();
    await payments.charge(orderId, 'pm_ok');
    let isAway = true;
    const flaky = payments.replica({
      ...payments.sandbox,
      refund: (order) => {
        if (!isAway) return payments.sandbox.refund(order);
        isAway = false;
        return Promise.reject(new AppError('provider-unreachable', 'away'));
      },
    });
    await flaky.cancel(orderId);
    await flaky.collector.idle();
    expect(await payments.statusOf(orderId)).toBe('refunding');
    await goOn();
    expect(await payments.statusOf(orderId)).toBe('refunded');
  });
});
