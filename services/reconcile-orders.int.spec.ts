// The reconciliation of a whole shop finds no difference after anything that people may do, and exactly the differences that forged
// events make.
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

describe('the reconciliation of orders finds no difference', () => {
  it('after orders that were confirmed, whose payment failed, and that had no stock', async () => {
    const lamp = await sell(3);
    await shop.buy({ [lamp]: 2 });
    await shop.buy({ [lamp]: 1 }, 'pm_declined');
    await shop.buy({ [lamp]: 9 });
    expect(await found()).toEqual(EQUAL);
    const { orders } = await reconcileOrders(shop.url, 0);
    expect(orders).toEqual({ cancelled: 2, confirmed: 1 });
  });

  it('after refunds of a part, of all, and at the provider’s own dashboard', async () => {
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

  it('after new prices, adjusted stock and retired products', async () => {
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

  it('after old notifications were purged, but names an order whose notification is missing', async () => {
    const lamp = await sell();
    const [old, silent] = [await shop.buy({ [lamp]: 1 }), await shop.buy({ [lamp]: 1 })];
    const deleteNotifications = (orderId: string) =>
      shop.query(`DELETE FROM notification.notification WHERE facts->>'orderId' = $1`, [orderId]);
    await deleteNotifications(silent);
    expect((await found()).differences).toEqual([
      `the customer was notified once of how the order ended: ${silent}`,
    ]);
    await shop.query(
      `UPDATE "order".orders SET history = jsonb_set(history, '{-1,at}', '"2020-01-01T00:00:00.000Z"')
      WHERE order_id = ANY($1)`,
      [[old, silent]],
    );
    await deleteNotifications(old);
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

  it('order.placed of no order reserves stock: its reservation is found, and nothing else', async () => {
    await shop.forge(orderPlaced, { orderId: forged, userId, lines: linesOf(1, 1_000), total: eur(1_000) });
    expect((await found()).differences).toEqual([
      `a reservation has an order, with the same customer and total: ${forged}`,
      `a reservation holds the pieces that were ordered: ${forged}`,
    ]);
  });

  it('order.placed with a wrong price or a wrong total is refused and changes nothing', async () => {
    await shop.forge(orderPlaced, { orderId: forged, userId, lines: linesOf(1, 0), total: eur(0) });
    await shop.forge(orderPlaced, { orderId: forged, userId, lines: linesOf(1, 1_000), total: eur(1) });
    expect(shop.refused).toEqual(['price-never-was', ...Array(2).fill('order-total-is-not-its-lines')]);
    expect(await found()).toEqual(EQUAL);
  });

  it('product.changed with a version far too high is refused by every consumer, and true changes go on', async () => {
    const product = { productId: lamp, name: 'Lamp', price: eur(0), isActive: true };
    await shop.forge(productChanged, { ...product, version: Number.MAX_SAFE_INTEGER });
    expect(shop.refused).toEqual(Array(2).fill('product-version-jumps'));
    await shop.product.products.handle(lamp, { kind: 'change', wish: { price: eur(2_000) } });
    await shop.settle();
    const next = await shop.buy({ [lamp]: 1 });
    expect((await shop.orders.find(next))?.total).toEqual(eur(2_000));
    expect(await found()).toEqual(EQUAL);
  });

  it('product.changed with the next version and no price is found in every service that took it', async () => {
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
        `products in the order service are those of the product service: ${lamp}`,
        `products in the cart service are those of the product service: ${lamp}`,
        `the order service has the newest prices: ${lamp}`,
        `the cart service has the newest prices: ${lamp}`,
      ]),
    );
    const cheap = await shop.buy({ [lamp]: 1 });
    // The product service never had that price: it reserves nothing, and the order stays placed.
    expect(shop.refused).toEqual(['price-never-was']);
    expect((await found()).differences).toContain(
      `the prices of an order are prices that its products had: ${cheap}`,
    );
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

  it('stock.reserved of an order without stock confirms the order: found', async () => {
    const short = await sell(1);
    // The event of this order never reaches the product service.
    await shop.query(
      `CREATE RULE silent AS ON INSERT TO "order".outbox WHERE NEW.topic = 'order.placed' DO INSTEAD NOTHING`,
    );
    const unheld = await shop.buy({ [short]: 1 });
    await shop.query('DROP RULE silent ON "order".outbox');
    await shop.forge(stockReserved, { orderId: unheld });
    expect((await shop.orders.find(unheld))?.status).toBe('confirmed');
    expect((await found()).differences).toContain(
      `a reserved or confirmed order has a reservation: ${unheld}`,
    );
  });

  it('payment.requested of no order is charged: found', async () => {
    await shop.forge(paymentRequested, { orderId: forged, userId, amount: eur(5), paymentMethod: 'pm_ok' });
    expect((await found()).differences).toEqual([
      `a payment has an order, with the same customer and amount: ${forged}`,
    ]);
  });

  it('order.cancelled of a confirmed order gives its money back: found', async () => {
    await shop.forge(orderCancelled, { orderId, userId, reason: 'by-customer', total: eur(2_000) });
    expect(shop.refused.toSorted()).toEqual(['reservation-impossible', 'told-another-end']);
    expect((await found()).differences).toEqual([
      `only a cancelled order is cancelled in the product and payment services: ${orderId}`,
    ]);
  });

  it('order.cancelled of no order: found', async () => {
    await shop.forge(orderCancelled, { orderId: forged, userId, reason: 'by-customer', total: eur(1) });
    const { differences } = await found();
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.filter((one) => !one.endsWith(forged))).toEqual([]);
  });

  it('order.confirmed and payment.refunded of no order send a customer wrong mails: found', async () => {
    await shop.forge(orderConfirmed, { orderId: forged, userId, paymentId: 'p', total: eur(1) });
    await shop.forge(paymentRefunded, { paymentId: 'p', orderId: forged, userId, amount: eur(1) });
    expect(shop.refused).toEqual(['reservation-impossible']);
    expect((await found()).differences).toEqual([
      ...Array(2).fill(`a notification of an order has its customer, status and total: ${forged}`),
      `notifications of refunds do not exceed the refunds in the ledger: ${forged}`,
    ]);
  });

  it('payment.refunded that was not made: found', async () => {
    await shop.forge(paymentRefunded, { paymentId: 'p', orderId, userId, amount: eur(2_000) });
    expect((await found()).differences).toEqual([
      `notifications of refunds do not exceed the refunds in the ledger: ${orderId}`,
    ]);
  });
});
