// The endpoints over real sockets, on the real Postgres.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { stockReserved } from '#contracts/shop-topics.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { admin, customer, openOrderRig, type ShownOrder } from '../../test/order-rig.ts';

interface Page {
  readonly items: readonly ShownOrder[];
  readonly next?: string;
}

describe('the endpoints of orders', () => {
  const rig = openForSpec(openOrderRig);
  beforeAll(async () => {
    await rig.sell('tea', 450);
    await rig.sell('pot', 2_000);
    await rig.sell('old', 100, { isActive: false });
    await rig.sell('yen', 300, { price: { amountMinor: 300, currency: 'JPY' } });
  });

  const newUser = () => `u-${randomUUID().slice(0, 8)}`;

  it('place an order at the prices of now, with its history, version and address', async () => {
    const { status, body, headers } = await rig.place('ann', { expectedTotalMinor: 900 });
    expect([status, body]).toEqual([
      201,
      {
        orderId: body.orderId,
        userId: 'ann',
        status: 'placed',
        lines: [{ productId: 'tea', quantity: 2, unitPriceMinor: 450 }],
        total: { amountMinor: 900, currency: 'EUR' },
        history: [{ status: 'placed', at: expect.any(String) }],
      },
    ]);
    expect([headers.get('etag'), headers.get('location')]).toEqual(['"1"', `/orders/${body.orderId}`]);
    expect(await rig.published(body.orderId)).toEqual(['order.placed']);
  });

  it('publish what was placed under an id that repeats with it, in the trace of the request', async () => {
    const { body } = await rig.place('ann');
    const { rows } = await rig.pool.query('SELECT headers, value FROM outbox WHERE key = $1', [body.orderId]);
    expect(rows[0].headers).toMatchObject({
      ce_id: `${body.orderId}/placed`,
      ce_source: '/services/order',
      ce_type: 'shop.order.placed.v1',
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-/),
    });
    expect(rows[0].value).not.toContain('pm_secret');
  });

  it.each([
    ['price-changed', 409, { expectedTotalMinor: 800 }, { total: { amountMinor: 900, currency: 'EUR' } }],
    ['unknown-product', 422, { lines: [{ productId: 'nothing', quantity: 1 }] }, { products: ['nothing'] }],
    ['inactive-product', 422, { lines: [{ productId: 'old', quantity: 1 }] }, { products: ['old'] }],
    [
      'currency-mismatch',
      422,
      { lines: ['tea', 'yen'].map((productId) => ({ productId, quantity: 1 })) },
      { products: ['yen'] },
    ],
    [
      'duplicate-product',
      422,
      { lines: ['tea', 'tea'].map((productId) => ({ productId, quantity: 1 })) },
      { products: ['tea'] },
    ],
  ])('place nothing: %s', async (code, status, wish, facts) => {
    const user = newUser();
    const refused = await rig.place(user, wish);
    expect([refused.status, refused.body]).toEqual([status, expect.objectContaining({ code, ...facts })]);
    expect(await rig.orders.list({ userId: user, countMax: 1 })).toEqual([]);
  });

  it.each([
    ['no line', { lines: [] }],
    ['a price of the customer’s own', { lines: [{ productId: 'tea', quantity: 1, unitPriceMinor: 1 }] }],
    ['part of a piece', { lines: [{ productId: 'tea', quantity: 0.5 }] }],
    ['a hundred pieces', { lines: [{ productId: 'tea', quantity: 100 }] }],
    ['a token that no database keeps', { paymentMethod: 'pm_\u0000' }],
    ['an unknown field', { discount: 100 }],
  ])('refuse %s', async (_name, wish) => {
    const { status, body } = await rig.place('ann', wish);
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it('place one order however often a request comes, and at its first price', async () => {
    const [user, key] = [newUser(), randomUUID()];
    const seen = { expectedTotalMinor: 900 };
    const first = await rig.place(user, seen, key);
    // As when the process died before the answer was stored: the request is worked on again.
    await rig.pool.query('DELETE FROM idempotency WHERE key = $1', [key]);
    await rig.sell('tea', 500, { version: 2 });
    const again = await rig.place(user, seen, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    await rig.pool.query('DELETE FROM idempotency WHERE key = $1', [key]);
    const other = await rig.place(user, { lines: [{ productId: 'pot', quantity: 1 }] }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect(await rig.published(first.body.orderId)).toEqual(['order.placed']);
    await rig.sell('tea', 450, { version: 3 });
  });

  it('show an order only to its owner and to admins', async () => {
    const { body } = await rig.place('ann');
    const read = (as?: Parameters<typeof rig.server.request>[2]) =>
      rig.server.request<ShownOrder>('GET', `/orders/${body.orderId}`, as);
    expect((await read({ as: customer('ann') })).body).toEqual(body);
    expect((await read({ as: admin })).body).toEqual(body);
    const foreign = await read({ as: customer('bob') });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'order-not-found']);
    expect((await read()).status).toBe(401);
    expect((await read({ as: customer('ann'), headers: { 'if-none-match': '"1"' } })).status).toBe(304);
  });

  it('never return the payment method, and keep it nowhere once the payment is asked for', async () => {
    const placed = await rig.place('ann');
    expect(placed.text).not.toContain('pm_secret');
    const { orderId } = placed.body;
    await rig.deliver(stockReserved, { orderId });
    const everywhere = await rig.pool.query(
      `SELECT 'orders' FROM orders o WHERE order_id = $1 AND o::text LIKE '%pm_secret%'
       UNION ALL SELECT 'idempotency' FROM idempotency i WHERE i::text LIKE '%pm_secret%'
       UNION ALL SELECT topic FROM outbox WHERE key = $1 AND outbox::text LIKE '%pm_secret%'`,
      [orderId],
    );
    expect(everywhere.rows.map((row) => Object.values(row)[0])).toEqual(['payment.requested']);
  });

  it('list a customer’s own orders, newest first, page by page, each once', async () => {
    const user = newUser();
    const placed: string[] = [];
    for (let count = 0; count < 5; count += 1) placed.push((await rig.place(user)).body.orderId);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await rig.server.request<Page>('GET', `/orders?limit=2${cursor}`, { as: customer(user) });
      seen.push(...page.body.items.map(({ orderId }) => orderId));
      if (!page.body.next) break;
      cursor = `&cursor=${page.body.next}`;
    }
    expect(seen).toHaveLength(5);
    expect(seen.toSorted()).toEqual(placed.toSorted());
  });

  it('list by status, and for admins by customer', async () => {
    const user = newUser();
    const [kept, gone] = [await rig.place(user), await rig.place(user)];
    await rig.cancel(user, gone.body.orderId);
    const ids = async (url: string, as = customer(user)) =>
      (await rig.server.request<Page>('GET', url, { as })).body.items.map(({ orderId }) => orderId);
    expect(await ids('/orders?status=cancelled')).toEqual([gone.body.orderId]);
    expect(await ids('/orders?status=placed')).toEqual([kept.body.orderId]);
    expect(await ids(`/admin/orders?userId=${user}&status=placed`, admin)).toEqual([kept.body.orderId]);
    const forbidden = await rig.server.request('GET', '/admin/orders', { as: customer(user) });
    expect(forbidden.status).toBe(403);
  });

  it.each(['0000-01-01T00:00:00Z', '2026-01-01'])('refuse a cursor made up of %s', async (placedAt) => {
    const cursor = Buffer.from(JSON.stringify({ placedAt, orderId: 'x' })).toString('base64url');
    const { status } = await rig.server.request('GET', `/orders?cursor=${cursor}`, { as: customer('ann') });
    expect(status).toBe(400);
  });

  it('answer a made-up id with 404, and one that cannot be with 400', async () => {
    const status = async (id: string) =>
      (await rig.server.request('GET', `/orders/${id}`, { as: customer('ann') })).status;
    expect([await status('nothing'), await status('%00')]).toEqual([404, 400]);
  });
});
