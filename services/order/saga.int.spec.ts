// The saga on the real Postgres: commands over HTTP, answers by the consumers' handlers, at once and in every order.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { paymentFailed, paymentSucceeded, stockRejected, stockReserved } from '#contracts/shop-topics.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { openOrderRig } from '../../test/order-rig.ts';
import { orderJobs } from './jobs.ts';
import { watchOpenOrders } from './metrics.ts';

const paid = (orderId: string, paymentId = derivedId('pay', orderId)) => ({
  paymentId,
  orderId,
  userId: 'ann',
  amount: { amountMinor: 900, currency: 'EUR' },
});
const failed = (orderId: string) =>
  ({ paymentId: derivedId('pay', orderId), orderId, userId: 'ann', reason: 'declined' }) as const;

describe('the saga of an order', () => {
  const rig = openForSpec(openOrderRig);
  beforeAll(() => rig.sell('tea', 450));

  const place = async () => (await rig.place('ann')).body.orderId;
  const reserved = async () => {
    const orderId = await place();
    await rig.deliver(stockReserved, { orderId });
    return orderId;
  };
  const statuses = async (orderId: string) =>
    (await rig.orders.find(orderId))?.history.map(({ status, reason }) => reason ?? status);
  const count = async (metric: string, labels: Record<string, string>) => {
    const found = await rig.registry.getSingleMetric(metric)?.get();
    const isAsked = (given: object) =>
      Object.entries(labels).every(([name, value]) => Reflect.get(given, name) === value);
    return found?.values.find(({ labels: given }) => isAsked(given))?.value ?? 0;
  };

  it('goes from placed over reserved to confirmed', async () => {
    const orderId = await reserved();
    await rig.deliver(paymentSucceeded, paid(orderId));
    expect(await statuses(orderId)).toEqual(['placed', 'reserved', 'confirmed']);
    expect(await rig.published(orderId)).toEqual(['order.placed', 'payment.requested', 'order.confirmed']);
    const { rows } = await rig.pool.query(
      `SELECT headers->>'ce_id' AS id, headers->>'traceparent' AS trace, value FROM outbox WHERE key = $1 ORDER BY outbox.id`,
      [orderId],
    );
    expect(rows.map(({ id }) => id)).toEqual(
      ['placed', 'payment-requested', 'confirmed'].map((kind) => `${orderId}/${kind}`),
    );
    expect(rows.every(({ trace }) => trace.startsWith('00-0af7651916cd43dd8448eb211c80319c-'))).toBe(true);
    expect(JSON.parse(rows[1].value)).toEqual({
      orderId,
      userId: 'ann',
      amount: { amountMinor: 900, currency: 'EUR' },
      paymentMethod: 'pm_secret',
    });
  });

  it('ends without stock', async () => {
    const orderId = await place();
    await rig.deliver(stockRejected, { orderId, productId: 'tea', reason: 'out-of-stock' });
    expect(await statuses(orderId)).toEqual(['placed', 'stock-rejected']);
    expect(await rig.published(orderId)).toEqual(['order.placed', 'order.cancelled']);
  });

  it('ends without money', async () => {
    const orderId = await reserved();
    await rig.deliver(paymentFailed, failed(orderId));
    expect(await statuses(orderId)).toEqual(['placed', 'reserved', 'payment-failed']);
    expect(await rig.published(orderId)).toEqual(['order.placed', 'payment.requested', 'order.cancelled']);
  });

  it.each([
    ['the same event', 'event-1', 'event-1'],
    ['another event of the same meaning', 'event-2', 'event-3'],
  ])('goes on once when %s comes again', async (_name, first, second) => {
    const orderId = await place();
    await rig.deliver(stockReserved, { orderId }, `${orderId}/${first}`);
    await rig.deliver(stockReserved, { orderId }, `${orderId}/${second}`);
    expect(await rig.published(orderId)).toEqual(['order.placed', 'payment.requested']);
  });

  it('makes one step when the same event is handled twice at once', async () => {
    const orderId = await place();
    const id = randomUUID();
    await Promise.all([1, 2, 3].map(() => rig.deliver(stockReserved, { orderId }, id)));
    expect(await rig.published(orderId)).toEqual(['order.placed', 'payment.requested']);
  });

  it('is placed once when the same command comes at once', async () => {
    const command = {
      type: 'place',
      at: new Date().toISOString(),
      orderId: randomUUID(),
      userId: 'ann',
      lines: [{ productId: 'tea', quantity: 1, unitPriceMinor: 450 }],
      total: { amountMinor: 450, currency: 'EUR' },
      paymentMethod: 'pm_secret',
    } as const;
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => rig.orders.handle(command.orderId, { ...command, lines: [...command.lines] })),
    );
    expect(answers.map(({ state }) => state?.status)).toEqual(['placed', 'placed', 'placed', 'placed']);
    expect(await rig.published(command.orderId)).toEqual(['order.placed']);
  });

  it('counts money that comes after the cancellation, and publishes nothing: the payment service refunds it', async () => {
    const before = await count('order_commands_ignored_total', { command: 'paymentSucceeded', why: 'late' });
    const orderId = await reserved();
    await rig.cancel('ann', orderId);
    await rig.deliver(paymentSucceeded, paid(orderId));
    expect(await statuses(orderId)).toEqual(['placed', 'reserved', 'by-customer']);
    expect(await rig.published(orderId)).toEqual(['order.placed', 'payment.requested', 'order.cancelled']);
    expect(await count('order_commands_ignored_total', { command: 'paymentSucceeded', why: 'late' })).toBe(
      before + 1,
    );
  });

  it('fails on what can never be, counts it, and would take the same event again', async () => {
    const orderId = await place();
    const labels = { command: 'paymentSucceeded', why: 'payment-never-requested' };
    const deliver = () => rig.deliver(paymentSucceeded, paid(orderId), `${orderId}/paid`);
    await expect(deliver()).rejects.toMatchObject({
      code: 'order-impossible',
      facts: { orderId, ...labels },
    });
    await expect(deliver()).rejects.toMatchObject({ code: 'order-impossible' });
    expect(await count('order_commands_impossible_total', labels)).toBe(2);
    await rig.deliver(stockReserved, { orderId });
    await deliver();
    expect(await statuses(orderId)).toEqual(['placed', 'reserved', 'confirmed']);
    await expect(rig.deliver(stockReserved, { orderId: 'nothing' })).rejects.toMatchObject({
      facts: { why: 'unknown-order' },
    });
    await expect(rig.deliver(paymentSucceeded, paid(orderId, 'pay2'))).rejects.toMatchObject({
      facts: { why: 'other-payment' },
    });
  });

  it('refuses answers that contradict the order, and continues with the true one', async () => {
    const orderId = await reserved();
    const cheap = { ...paid(orderId), amount: { amountMinor: 1, currency: 'EUR' } };
    const yen = { ...paid(orderId), amount: { amountMinor: 900, currency: 'JPY' } };
    const other = { ...paid(orderId), userId: 'bob' };
    for (const forged of [cheap, yen, other, paid(orderId, derivedId('pay', 'another'))])
      await expect(rig.deliver(paymentSucceeded, forged)).rejects.toBeInstanceOf(RefusedEvent);
    await expect(rig.deliver(paymentFailed, { ...failed(orderId), userId: 'bob' })).rejects.toBeInstanceOf(
      RefusedEvent,
    );
    expect(await statuses(orderId)).toEqual(['placed', 'reserved']);
    await rig.deliver(paymentSucceeded, paid(orderId));
    expect(await statuses(orderId)).toEqual(['placed', 'reserved', 'confirmed']);
  });

  it('refuses a rejection for a product that the order has not', async () => {
    const orderId = await place();
    const forged = { orderId, productId: 'gold', reason: 'out-of-stock' } as const;
    await expect(rig.deliver(stockRejected, forged)).rejects.toBeInstanceOf(RefusedEvent);
    expect(await statuses(orderId)).toEqual(['placed']);
  });

  /** Begins pieces of work that all wait for the order's row, and then lets them continue at the same moment. */
  const atOnce = async <Result>(orderId: string, works: readonly (() => Promise<Result>)[]) => {
    const holder = await rig.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM orders WHERE order_id = $1 FOR UPDATE', [orderId]);
    const all = Promise.allSettled(works.map((work) => work()));
    const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE application_name = 'order-spec' AND datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await rig.pool.query<{ n: number }>(waiting)).rows[0]!.n < works.length) await sleep(10);
    await holder.query('ROLLBACK');
    holder.release();
    return all;
  };

  it('is cancelled or confirmed when both come at once, never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const orderId = await reserved();
      let cancelStatus = 0;
      const works = [
        async () => {
          cancelStatus = (await rig.cancel('ann', orderId)).status;
        },
        () => rig.deliver(paymentSucceeded, paid(orderId)),
        () => rig.deliver(paymentSucceeded, paid(orderId)),
      ];
      const ends = await atOnce(orderId, round % 2 ? works : works.toReversed());
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
      const [, , end, ...more] = await rig.published(orderId);
      expect(more).toEqual([]);
      expect(end).toMatch(/^order\.(cancelled|confirmed)$/);
      expect((await rig.orders.find(orderId))?.status).toBe(end?.replace('order.', ''));
      expect(cancelStatus).toBe(end === 'order.cancelled' ? 200 : 409);
    }
  });

  it('is cancelled by its customer alone, before it is confirmed, and again with the same answer', async () => {
    const orderId = await place();
    expect((await rig.cancel('bob', orderId)).status).toBe(404);
    expect((await rig.cancel('ann', orderId)).body).toMatchObject({ status: 'cancelled' });
    const again = await rig.cancel('ann', orderId);
    expect([again.status, again.headers.get('etag')]).toEqual([200, '"2"']);
    expect(await rig.published(orderId)).toEqual(['order.placed', 'order.cancelled']);
    const confirmed = await reserved();
    await rig.deliver(paymentSucceeded, paid(confirmed));
    const late = await rig.cancel('ann', confirmed);
    expect([late.status, late.body.code]).toEqual([409, 'order-confirmed']);
  });

  it('is cancelled only as it was read, if that was asked for', async () => {
    const orderId = await reserved();
    const stale = await rig.cancel('ann', orderId, { 'if-match': '"1"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'changed-meanwhile']);
    expect(await statuses(orderId)).toEqual(['placed', 'reserved']);
    expect((await rig.cancel('ann', orderId, { 'if-match': '"2"' })).status).toBe(200);
    // The same request again, whose answer was lost: its version is stale by its own doing.
    expect((await rig.cancel('ann', orderId, { 'if-match': '"2"' })).status).toBe(200);
  });
});

describe('orders that are not confirmed in time', () => {
  const rig = openForSpec(openOrderRig);
  beforeAll(() => rig.sell('tea', 450));

  const EXPIRY_MS = 900_000;
  const runAfter = (ms: number) => orderJobs(rig.orders, EXPIRY_MS, 1, () => Date.now() + ms)[0]!.run();
  const statusOf = async (orderId: string) => (await rig.orders.find(orderId))?.status;

  it('expire, whether their stock is reserved or not, and confirmed ones never', async () => {
    const [placed, reserved, confirmed] = await Promise.all(
      [1, 2, 3].map(async () => (await rig.place('ann')).body.orderId),
    );
    for (const orderId of [reserved!, confirmed!]) await rig.deliver(stockReserved, { orderId });
    await rig.deliver(paymentSucceeded, paid(confirmed!));
    await runAfter(EXPIRY_MS - 60_000);
    expect(await statusOf(placed!)).toBe('placed');
    await runAfter(EXPIRY_MS + 1_000);
    expect(await Promise.all([placed!, reserved!, confirmed!].map(statusOf))).toEqual([
      'cancelled',
      'cancelled',
      'confirmed',
    ]);
    expect((await rig.orders.find(placed!))?.history.at(-1)).toMatchObject({ reason: 'expired' });
    expect(await rig.published(reserved!)).toEqual(['order.placed', 'payment.requested', 'order.cancelled']);
    await runAfter(EXPIRY_MS + 2_000);
    expect(await rig.published(placed!)).toEqual(['order.placed', 'order.cancelled']);
  });

  it('wait while another transaction has locked them, and expire in the next run', async () => {
    const [held, free] = [(await rig.place('ann')).body.orderId, (await rig.place('ann')).body.orderId];
    const holder = await rig.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM orders WHERE order_id = $1 FOR UPDATE', [held]);
    await runAfter(EXPIRY_MS + 1_000);
    expect([await statusOf(held), await statusOf(free)]).toEqual(['placed', 'cancelled']);
    await holder.query('ROLLBACK');
    holder.release();
    await runAfter(EXPIRY_MS + 1_000);
    expect(await statusOf(held)).toBe('cancelled');
  });

  it('expire all in one run, in batches, each once even by two runs at once', async () => {
    await rig.pool.query(
      `INSERT INTO orders (order_id, user_id, status, lines, currency, total_minor, payment_method, history, version, placed_at)
       SELECT 'old-' || n, 'bob', 'placed', '[]', 'EUR', 0, 'pm', '[{"status": "placed", "at": "2026-01-01T00:00:00.000Z"}]',
              1, '2026-01-01T00:00:00Z' FROM generate_series(1, 250) n`,
    );
    await Promise.all([runAfter(0), runAfter(0)]);
    const { rows } = await rig.pool.query(
      `SELECT (SELECT count(*) FROM orders WHERE user_id = 'bob' AND status = 'cancelled') AS orders,
              (SELECT count(DISTINCT key) FROM outbox WHERE key LIKE 'old-%') AS published,
              (SELECT count(*) FROM outbox WHERE key LIKE 'old-%') AS events`,
    );
    expect(rows[0]).toEqual({ orders: 250, published: 250, events: 250 });
  });
});

describe('the age of the oldest open order', () => {
  const rig = openForSpec(openOrderRig);
  beforeAll(() => rig.sell('tea', 450));

  it('is reported for each status, until the order ends', async () => {
    const gauge = watchOpenOrders(rig.pool, rig.registry);
    const ages = async () =>
      Object.fromEntries((await gauge.get()).values.map(({ labels, value }) => [labels.status, value]));
    expect(await ages()).toEqual({ placed: 0, reserved: 0 });
    const { orderId } = (await rig.place('ann')).body;
    await rig.pool.query(`UPDATE orders SET placed_at = now() - interval '1 hour' WHERE order_id = $1`, [
      orderId,
    ]);
    expect(await ages()).toEqual({ placed: expect.closeTo(3_600, -3), reserved: 0 });
    await rig.deliver(stockReserved, { orderId });
    expect(await ages()).toEqual({ placed: 0, reserved: expect.closeTo(3_600, -3) });
    await rig.deliver(paymentSucceeded, paid(orderId));
    expect(await ages()).toEqual({ placed: 0, reserved: 0 });
  });
});
