// The reconciliation on a whole shop: equal whatever people and time may do, and different by exactly what was forged.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  paymentFailed,
  paymentRefunded,
  paymentRequested,
  paymentSucceeded,
  productChanged,
  stockRejected,
  stockReserved,
} from '#contracts/shop-topics.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { openWholeShop, type WholeShop } from '../test/whole-shop.ts';
import { reconcileOrders } from './reconcile-orders.ts';

let shop: WholeShop;
let productNo = 0;
const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

beforeAll(async () => {
  shop = await openWholeShop();
}, 60_000);
afterAll(() => shop.close(), 60_000);

/** Adds a product at 10 euros. */
const sell = async (pieces = 20): Promise<string> => {
  productNo += 1;
  const productId = `lamp-${productNo}`;
  await shop.product.stock(productId, pieces);
  await shop.settle();
  return productId;
};
const found = async () => {
  const { differences, pending } = await reconcileOrders(shop.url, 0);
  return { differences: differences.map(({ rule, key }) => `${rule}: ${key}`), pending };
};
const EQUAL = { differences: [], pending: [] };
const give = async (orderId: string, amountMinor?: number) => {
  await shop.payments.handle(orderId, {
    kind: 'begin-refund',
    refundId: `r-${orderId}-${amountMinor}`,
    amountMinor,
  });
  await shop.collector.collect(orderId);
  await shop.settle();
};

describe('whatever people and time may do', () => {
  it('orders that are confirmed, refused, cancelled and without stock are equal', async () => {
    const lamp = await sell(3);
    await shop.buy({ [lamp]: 2 });
    await shop.buy({ [lamp]: 1 }, 'pm_declined');
    await shop.buy({ [lamp]: 9 });
    expect(await found()).toEqual(EQUAL);
    const { orders } = await reconcileOrders(shop.url, 0);
    expect(orders).toEqual({ cancelled: 2, confirmed: 1 });
  });

  it('refunds by an admin, of a part, of all, and by hand, leave it equal', async () => {
    const lamp = await sell();
    const [part, all, byHand] = [
      await shop.buy({ [lamp]: 2 }),
      await shop.buy({ [lamp]: 1 }),
      await shop.buy({ [lamp]: 1 }),
    ];
    await give(part, 400);
    await give(part, 300);
    await give(all);
    await shop.payment.sandbox.refundByHand(derivedId('pay', byHand), 1);
    await shop.payment.sandbox.deliverDue(shop.collector.accept);
    await shop.settle();
    expect((await shop.payments.find(part)).payment?.refundedMinor).toBe(700);
    expect(await found()).toEqual(EQUAL);
  });

  it('new prices, adjusted stock and retired products leave it equal', async () => {
    const [lamp, vase] = [await sell(), await sell()];
    await shop.buy({ [lamp]: 1, [vase]: 2 });
    await shop.product.products.handle(lamp, { kind: 'change', wish: { price: eur(0) } });
    await shop.settle();
    await shop.buy({ [lamp]: 3 });
    await shop.product.products.handle(lamp, {
      kind: 'change',
      wish: { price: { amountMinor: 5, currency: 'JPY' } },
    });
    await shop.product.products.handle(vase, { kind: 'change', wish: { isActive: false } });
    await shop.product.warehouse.adjust({ productId: vase, delta: -3, reason: 'damaged', cause: vase });
    await shop.settle();
    expect(await found()).toEqual(EQUAL);
  });

  it('notifications that are purged after their time leave it equal, and one that never went shows', async () => {
    const lamp = await sell();
    const [old, silent] = [await shop.buy({ [lamp]: 1 }), await shop.buy({ [lamp]: 1 })];
    const forget = (orderId: string) =>
      shop.query(`DELETE FROM notification.notification WHERE facts->>'orderId' = $1`, [orderId]);
    await forget(silent);
    expect((await found()).differences).toEqual([`a customer was told how the order ended: ${silent}`]);
    await shop.query(
      `UPDATE "order".orders SET history = jsonb_set(history, '{-1,at}', '"2020-01-01T00:00:00.000Z"')
      WHERE order_id = ANY($1)`,
      [[old, silent]],
    );
    await forget(old);
    expect(await found()).toEqual(EQUAL);
  });
});

describe('a forged event', () => {
  let lamp: string;
  let orderId: string;
  let userId: string;
  const forged = 'order-that-never-was';
  const linesOf = (quantity: number, unitPriceMinor: number) => [
    { productId: lamp, quantity, unitPriceMinor },
  ];

  beforeEach(async () => {
    await shop.close();
    shop = await openWholeShop();
    lamp = await sell();
    orderId = await shop.buy({ [lamp]: 2 });
    userId = (await shop.orders.find(orderId))!.userId;
    expect(await found()).toEqual(EQUAL);
  }, 60_000);

  it('order.placed, consistent in itself, holds stock for no order: found, and nothing else', async () => {
    await shop.forge(orderPlaced, { orderId: forged, userId, lines: linesOf(1, 1_000), total: eur(1_000) });
    expect((await found()).differences).toEqual([
      `a reservation is of an order, its customer and its total: ${forged}`,
      `a reservation holds what was ordered: ${forged}`,
    ]);
  });

  it('order.placed at a price that never was, or over another sum, is refused and leaves nothing', async () => {
    await shop.forge(orderPlaced, { orderId: forged, userId, lines: linesOf(1, 0), total: eur(0) });
    await shop.forge(orderPlaced, { orderId: forged, userId, lines: linesOf(1, 1_000), total: eur(1) });
    expect(shop.refused).toEqual(['price-never-was', ...Array(2).fill('order-total-is-not-its-lines')]);
    expect(await found()).toEqual(EQUAL);
  });

  it('product.changed beyond all versions is refused by all, and true changes go on', async () => {
    const told = { productId: lamp, name: 'Lamp', price: eur(0), isActive: true };
    await shop.forge(productChanged, { ...told, version: Number.MAX_SAFE_INTEGER });
    expect(shop.refused).toEqual(Array(2).fill('product-version-jumps'));
    await shop.product.products.handle(lamp, { kind: 'change', wish: { price: eur(2_000) } });
    await shop.settle();
    const next = await shop.buy({ [lamp]: 1 });
    expect((await shop.orders.find(next))?.total).toEqual(eur(2_000));
    expect(await found()).toEqual(EQUAL);
  });

  it('product.changed one version ahead sells for nothing: found at every place that believed it', async () => {
    await shop.forge(productChanged, {
      productId: lamp,
      name: 'Lamp',
      price: eur(0),
      isActive: true,
      version: 2,
    });
    const { differences } = await found();
    expect(new Set(differences)).toEqual(
      new Set([
        `what order knows of products is what the product service told: ${lamp}`,
        `what cart knows of products is what the product service told: ${lamp}`,
        `order knows the newest prices: ${lamp}`,
        `cart knows the newest prices: ${lamp}`,
      ]),
    );
    const cheap = await shop.buy({ [lamp]: 1 });
    // The product service never had that price: it sets nothing aside, and the order waits for its end.
    expect(shop.refused).toEqual(['price-never-was']);
    expect((await found()).differences).toContain(`an order is at prices that its products had: ${cheap}`);
    expect((await shop.orders.find(cheap))?.status).toBe('placed');
  });

  it.each([
    ['amount', () => ({ amount: eur(1) })],
    ['currency', () => ({ amount: { amountMinor: 2_000, currency: 'JPY' } })],
    ['customer', () => ({ userId: 'somebody' })],
    ['payment', () => ({ paymentId: 'pay_of_another' })],
  ])('payment.succeeded and payment.failed of another %s are refused', async (_what, over) => {
    const truly = { paymentId: derivedId('pay', orderId), orderId, userId, amount: eur(2_000) };
    await shop.forge(paymentSucceeded, { ...truly, ...over() });
    expect(shop.refused).toEqual(['order-impossible']);
    const { amount: _none, ...failed } = { ...truly, ...over() };
    await shop.forge(paymentFailed, { ...failed, reason: 'declined' });
    expect(shop.refused).toEqual(['order-impossible', 'order-impossible']);
    expect(await found()).toEqual(EQUAL);
  });

  it('answers to orders that nobody placed are refused', async () => {
    await shop.forge(stockReserved, { orderId: forged });
    await shop.forge(stockRejected, { orderId: forged, productId: lamp, reason: 'out-of-stock' });
    await shop.forge(paymentSucceeded, {
      paymentId: derivedId('pay', forged),
      orderId: forged,
      userId,
      amount: eur(1),
    });
    await shop.forge(orderConfirmed, { orderId, userId, paymentId: 'p', total: eur(1) });
    expect(shop.refused).toContain('told-another-total');
    expect(shop.refused.filter((code) => code === 'order-impossible')).toHaveLength(3);
    expect(await found()).toEqual(EQUAL);
  });

  it('stock.reserved for an order without stock confirms it: found', async () => {
    const short = await sell(1);
    // Nobody has told the product service of the order yet.
    await shop.query(
      `CREATE RULE silent AS ON INSERT TO "order".outbox WHERE NEW.topic = 'order.placed' DO INSTEAD NOTHING`,
    );
    const unheld = await shop.buy({ [short]: 1 });
    await shop.query('DROP RULE silent ON "order".outbox');
    await shop.forge(stockReserved, { orderId: unheld });
    expect((await shop.orders.find(unheld))?.status).toBe('confirmed');
    expect((await found()).differences).toContain(`an order that counts on its stock has it: ${unheld}`);
  });

  it('payment.requested for no order is charged by who has a token: found', async () => {
    await shop.forge(paymentRequested, { orderId: forged, userId, amount: eur(5), paymentMethod: 'pm_ok' });
    expect((await found()).differences).toEqual([
      `a payment is of an order, its customer and its amount: ${forged}`,
    ]);
  });

  it('order.cancelled of a confirmed order gives its money back: found', async () => {
    await shop.forge(orderCancelled, { orderId, userId, reason: 'by-customer', total: eur(2_000) });
    expect(shop.refused.toSorted()).toEqual(['reservation-impossible', 'told-another-end']);
    expect((await found()).differences).toEqual([
      `stock and money heard of no cancellation that was not: ${orderId}`,
    ]);
  });

  it('order.cancelled of no order: found', async () => {
    await shop.forge(orderCancelled, { orderId: forged, userId, reason: 'by-customer', total: eur(1) });
    const { differences } = await found();
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.filter((one) => !one.endsWith(forged))).toEqual([]);
  });

  it('order.confirmed and payment.refunded of no order tell a customer what is not so: found', async () => {
    await shop.forge(orderConfirmed, { orderId: forged, userId, paymentId: 'p', total: eur(1) });
    await shop.forge(paymentRefunded, { paymentId: 'p', orderId: forged, userId, amount: eur(1) });
    expect(shop.refused).toEqual(['reservation-impossible']);
    expect((await found()).differences).toEqual([
      ...Array(2).fill(`customers were told of their own orders, and what is so: ${forged}`),
      `customers were told of no refund that was not made: ${forged}`,
    ]);
  });

  it('payment.refunded that was not made: found', async () => {
    await shop.forge(paymentRefunded, { paymentId: 'p', orderId, userId, amount: eur(2_000) });
    expect((await found()).differences).toEqual([
      `customers were told of no refund that was not made: ${orderId}`,
    ]);
  });
});
