import { describe, expect, it } from '@jest/globals';
import type { OrderPlaced } from '#contracts/orders.ts';
import { orderCancelled, orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { freshDatabase } from '../../../test/fresh.ts';
import { openForSpec } from '../../../test/open-for-spec.ts';
import { createProductMetrics } from '../metrics.ts';
import { cancelledData, confirmedData, consume, eventOf, openProduct, placedData } from '../test-product.ts';

const shop = openForSpec(async () => openProduct(await freshDatabase()));

const place = (orderId: string, quantities: Readonly<Record<string, number>>, id = `${orderId}/placed`) =>
  consume(shop, orderPlaced, eventOf(orderPlaced, id, placedData(orderId, quantities)));
const confirm = (orderId: string, id = `${orderId}/confirmed`) =>
  consume(shop, orderConfirmed, eventOf(orderConfirmed, id, confirmedData(orderId)));
const cancel = (orderId: string, id = `${orderId}/cancelled`) =>
  consume(shop, orderCancelled, eventOf(orderCancelled, id, cancelledData(orderId)));
const stockOf = (productId: string) => shop.warehouse.stock(productId);
const answersTo = async (orderId: string) =>
  (await shop.published()).filter(({ data }) => (data as { orderId?: string }).orderId === orderId);

const refused = (code: string) => expect.objectContaining({ name: 'RefusedEvent', code });
const consumePlaced = (data: OrderPlaced) =>
  consume(shop, orderPlaced, eventOf(orderPlaced, `${data.orderId}/placed`, data));
const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

/** Holds for every product, whatever has happened. */
async function expectTrueStock(): Promise<void> {
  const { rows } = await shop.pool.query(
    `SELECT product_id FROM stock WHERE
       on_hand <> (SELECT COALESCE(sum(delta), 0) FROM stock_entry e WHERE e.product_id = stock.product_id)
       OR reserved <> (SELECT COALESCE(sum(quantity), 0) FROM reservation_line l JOIN reservation USING (order_id)
         WHERE l.product_id = stock.product_id AND state = 'open')
       OR reserved < 0 OR reserved > on_hand`,
  );
  expect(rows).toEqual([]);
  expect((await shop.pool.query(`SELECT 1 FROM reservation WHERE state = 'unknown'`)).rowCount).toBe(0);
}

describe('an order', () => {
  it('has its lines set aside, and is answered once although it comes twice', async () => {
    await shop.stock('cup-1', 5);
    await place('o-1', { 'cup-1': 3 });
    await place('o-1', { 'cup-1': 3 });
    await place('o-1', { 'cup-1': 3 }, 'another id');
    expect(await stockOf('cup-1')).toEqual({ onHand: 5, reserved: 3 });
    expect(await answersTo('o-1')).toEqual([
      { topic: 'stock.reserved', id: 'o-1/stock-reserved', data: { orderId: 'o-1' } },
    ]);
  });

  it('of the same id by another customer or over another total is refused', async () => {
    await shop.stock('cup-again', 5);
    const placed = placedData('o-again', { 'cup-again': 1 });
    await place('o-again', { 'cup-again': 1 });
    const others = [{ ...placed, userId: 'somebody' }, placedData('o-again', { 'cup-again': 2 })];
    for (const [at, data] of others.entries())
      await expect(consume(shop, orderPlaced, eventOf(orderPlaced, `again-${at}`, data))).rejects.toEqual(
        refused('order-contradicts-earlier-one'),
      );
    expect(await stockOf('cup-again')).toEqual({ onHand: 5, reserved: 1 });
  });

  it('has nothing set aside when one line is short', async () => {
    await shop.stock('cup-2', 5);
    await shop.stock('pot-2', 1);
    await place('o-2', { 'cup-2': 3, 'pot-2': 2 });
    expect(await stockOf('cup-2')).toEqual({ onHand: 5, reserved: 0 });
    const data = { orderId: 'o-2', productId: 'pot-2', reason: 'out-of-stock' };
    expect(await answersTo('o-2')).toEqual([{ topic: 'stock.rejected', id: 'o-2/stock-rejected', data }]);
    await cancel('o-2');
    await expectTrueStock();
  });

  it('of an unknown or retired product is rejected', async () => {
    await shop.stock('cup-3', 5, { isActive: false });
    await place('o-3a', { 'cup-3': 1 });
    await place('o-3b', { nothing: 1 });
    const reason = 'unknown-product';
    expect((await answersTo('o-3a'))[0]?.data).toEqual({ orderId: 'o-3a', productId: 'cup-3', reason });
    expect((await answersTo('o-3b'))[0]?.data).toEqual({ orderId: 'o-3b', productId: 'nothing', reason });
  });

  it('that is confirmed takes the pieces off the shelf, once, and stands in the ledger', async () => {
    await shop.stock('cup-4', 5);
    await place('o-4', { 'cup-4': 2 });
    await confirm('o-4');
    await confirm('o-4');
    await confirm('o-4', 'another id');
    expect(await stockOf('cup-4')).toEqual({ onHand: 3, reserved: 0 });
    const entries = await shop.warehouse.entries('cup-4', { limit: 10 });
    expect(entries.map(({ delta, reason }) => [delta, reason])).toEqual([
      [-2, 'sold'],
      [5, 'delivered'],
    ]);
  });

  it('that is cancelled gives the pieces back, once', async () => {
    await shop.stock('cup-5', 5);
    await place('o-5', { 'cup-5': 2 });
    await cancel('o-5');
    await cancel('o-5', 'another id');
    expect(await stockOf('cup-5')).toEqual({ onHand: 5, reserved: 0 });
  });

  it('whose cancellation overtakes it reserves nothing and is not answered', async () => {
    await shop.stock('cup-6', 5);
    await cancel('o-6');
    await place('o-6', { 'cup-6': 2 });
    expect(await stockOf('cup-6')).toEqual({ onHand: 5, reserved: 0 });
    expect(await answersTo('o-6')).toEqual([]);
  });

  it('that is confirmed without a reservation is an error and leaves nothing', async () => {
    await expect(confirm('o-7')).rejects.toMatchObject({ code: 'reservation-impossible' });
    const { rowCount } = await shop.pool.query(`SELECT 1 FROM reservation WHERE order_id = 'o-7'`);
    expect(rowCount).toBe(0);
  });

  it('carries its trace on to the answer', async () => {
    await shop.stock('cup-8', 1);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const event = eventOf(orderPlaced, 'o-8/placed', placedData('o-8', { 'cup-8': 1 }));
    await consume(shop, orderPlaced, { ...event, traceparent });
    const { rows } = await shop.pool.query(`SELECT headers FROM outbox WHERE key = 'o-8'`);
    expect(rows[0].headers.traceparent).toBe(traceparent);
  });
});

describe('the age of the oldest open reservation', () => {
  it('is reported until the order ends', async () => {
    const registry = createRegistry('spec');
    const gauge = createProductMetrics(registry, shop.pool);
    const age = async () => (await gauge.get()).values[0]!.value;
    await shop.stock('cup-10', 1);
    await place('o-10', { 'cup-10': 1 });
    await shop.pool.query(
      `UPDATE reservation SET created_at = now() - interval '1 hour' WHERE order_id = 'o-10'`,
    );
    expect(await age()).toBeGreaterThanOrEqual(3_600);
    await cancel('o-10');
    expect(await age()).toBeLessThan(3_600);
  });
});

describe('many orders at once', () => {
  it('get exactly the last ten pieces, one each', async () => {
    await shop.stock('last', 10);
    const ids = Array.from({ length: 50 }, (_, at) => `rush-${at}`);
    await Promise.all(ids.map((id) => place(id, { last: 1 })));
    expect(await stockOf('last')).toEqual({ onHand: 10, reserved: 10 });
    const answers = (await Promise.all(ids.map(answersTo))).flat().map(({ topic }) => topic);
    expect(answers.filter((topic) => topic === 'stock.reserved')).toHaveLength(10);
    expect(answers.filter((topic) => topic === 'stock.rejected')).toHaveLength(40);
    await expectTrueStock();
  }, 20_000);

  it('do not deadlock, whichever way round they name their products', async () => {
    await Promise.all(['x', 'y', 'z'].map((id) => shop.stock(id, 1_000)));
    const ways = [
      { x: 1, y: 1, z: 1 },
      { z: 1, y: 1, x: 1 },
      { y: 1, z: 1 },
      { z: 1, x: 1 },
    ];
    const ids = Array.from({ length: 60 }, (_, at) => `crossed-${at}`);
    await Promise.all(ids.map((id, at) => place(id, ways[at % ways.length]!)));
    await Promise.all(ids.map((id, at) => (at % 3 === 0 ? cancel(id) : confirm(id))));
    await expectTrueStock();
    const stocks = await Promise.all(['x', 'y', 'z'].map(stockOf));
    expect(stocks.map((stock) => stock!.reserved)).toEqual([0, 0, 0]);
  }, 20_000);

  it('of one id take effect once, with their end in the middle of it', async () => {
    await shop.stock('contended', 5);
    const repeats = Array.from({ length: 8 }, (_, at) => at);
    await Promise.all([
      ...repeats.map((at) => place('o-9', { contended: 5 }, `o-9/placed-${at}`)),
      ...repeats.map((at) => cancel('o-9', `o-9/cancelled-${at}`)),
    ]);
    expect(await stockOf('contended')).toEqual({ onHand: 5, reserved: 0 });
    expect((await answersTo('o-9')).length).toBeLessThanOrEqual(1);
    await expectTrueStock();
  }, 20_000);
});

describe('an order that never was', () => {
  const linesAt = (unitPriceMinor: number, quantity = 2) => [{ productId: 'lamp', quantity, unitPriceMinor }];
  const order = (orderId: string, over: Partial<OrderPlaced>): OrderPlaced => ({
    orderId,
    userId: 'user-1',
    lines: linesAt(1_000),
    total: eur(2_000),
    ...over,
  });

  it.each([
    ['for nothing', { lines: linesAt(0), total: eur(0) }, 'price-never-was'],
    ['at a price that the product never had', { lines: linesAt(999), total: eur(1_998) }, 'price-never-was'],
    ['in another currency', { total: { amountMinor: 2_000, currency: 'JPY' } }, 'price-never-was'],
    ['over less than its lines', { total: eur(1_999) }, 'order-total-is-not-its-lines'],
    ['over more than its lines', { total: eur(2_001) }, 'order-total-is-not-its-lines'],
    [
      'with one true line and one false',
      { lines: [...linesAt(1_000), ...linesAt(1, 1)], total: eur(2_001) },
      'price-never-was',
    ],
  ])('%s holds no stock', async (name, over, code) => {
    await shop.stock('lamp', 5);
    const before = await stockOf('lamp');
    const orderId = `forged-${name.replaceAll(' ', '-')}`;
    await expect(consumePlaced(order(orderId, over))).rejects.toEqual(refused(code));
    expect(await stockOf('lamp')).toEqual(before);
    expect(await answersTo(orderId)).toEqual([]);
    await expectTrueStock();
  });

  it('is none at a price that was raised since: an earlier order keeps the earlier price', async () => {
    await shop.stock('rising', 5);
    await shop.products.handle('rising', { kind: 'change', wish: { price: eur(1_500) } });
    const lines = [{ productId: 'rising', quantity: 1, unitPriceMinor: 1_000 }];
    await consumePlaced(order('old-price', { lines, total: eur(1_000) }));
    const now = [{ productId: 'rising', quantity: 1, unitPriceMinor: 1_500 }];
    await consumePlaced(order('new-price', { lines: now, total: eur(1_500) }));
    expect(await stockOf('rising')).toEqual({ onHand: 5, reserved: 2 });
  });

  it('is not judged by prices of a product whose history begins later', async () => {
    await shop.stock('old-one', 5);
    await shop.products.handle('old-one', { kind: 'change', wish: { price: eur(1_500) } });
    await shop.pool.query(`DELETE FROM product_version WHERE product_id = 'old-one' AND version = 1`);
    const lines = [{ productId: 'old-one', quantity: 1, unitPriceMinor: 1_000 }];
    await consumePlaced(order('before-history', { lines, total: eur(1_000) }));
    expect(await stockOf('old-one')).toEqual({ onHand: 5, reserved: 1 });
  });
});

describe('an end that contradicts the order that was placed', () => {
  it.each([
    ['another customer', { userId: 'user-2' }],
    ['another total', { total: eur(1) }],
    ['another currency', { total: { amountMinor: 2_000, currency: 'JPY' } }],
  ])('for %s sells nothing and gives nothing free', async (name, over) => {
    const orderId = `end-${name.replaceAll(' ', '-')}`;
    await shop.stock(orderId, 2);
    await place(orderId, { [orderId]: 2 });
    const confirmed = { ...confirmedData(orderId), ...over };
    const cancelled = { ...cancelledData(orderId), ...over };
    const code = refused('order-contradicts-earlier-one');
    await expect(consume(shop, orderConfirmed, eventOf(orderConfirmed, 'c', confirmed))).rejects.toEqual(
      code,
    );
    await expect(consume(shop, orderCancelled, eventOf(orderCancelled, 'c', cancelled))).rejects.toEqual(
      code,
    );
    expect(await stockOf(orderId)).toEqual({ onHand: 2, reserved: 2 });
    await confirm(orderId);
    expect(await stockOf(orderId)).toEqual({ onHand: 0, reserved: 0 });
  });
});
