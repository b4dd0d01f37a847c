// The cart over HTTP and by its events, on the real Postgres.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Event } from '#contracts/envelope.ts';
import type { OrderPlaced } from '#contracts/orders.ts';
import { orderPlaced, productChanged } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import type { Access } from '#runtime/http/api.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { authorisationCases, outcomeOf, type Prepare } from '../../test/authorisation.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { cartConsumers } from './consumers.ts';
import type { CartStore, PricedCart, Product } from './domain.ts';
import { cartRoutes } from './http.ts';
import { createCartStore } from './store.ts';

const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let store: CartStore;
let server: SpecServer;
let me: { kind: 'user'; userId: string; role: 'customer' };

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'cart', schema: 'cart', log });
  await migrateService(pool, 'cart', `${import.meta.dirname}/migrations`, log);
  store = createCartStore(pool);
  server = await serveForSpec({ routes: cartRoutes(store), pool, schema: 'cart' });
});
afterAll(async () => {
  await server?.close();
  await pool?.end();
  await database?.drop();
});
beforeEach(() => {
  me = { kind: 'user', userId: randomUUID(), role: 'customer' };
});

async function arrive<Data>(topic: Topic<Data>, data: Data, id: string = randomUUID()): Promise<void> {
  const timeMs = Date.now();
  const time = new Date(timeMs).toISOString();
  const event: Event<unknown> = { id, source: '/spec', type: topic.event.type, time, timeMs, data };
  await cartConsumers(store)
    .find((one) => one.topic.name === topic.name)!
    .handle(event);
}

async function sold(over: Partial<Product> = {}): Promise<string> {
  const productId = `p-${randomUUID().slice(0, 8)}`;
  const price = { amountMinor: 500, currency: 'EUR' };
  await arrive(productChanged, { productId, version: 1, name: 'Cup', price, isActive: true, ...over });
  return productId;
}

const put = (productId: string, quantity: unknown, headers: Record<string, string> = {}) =>
  server.request<PricedCart>('PUT', `/cart/lines/${productId}`, { as: me, body: { quantity }, headers });
const get = (as = me) => server.request<PricedCart>('GET', '/cart', { as });
const order = (productId: string, quantity: number): OrderPlaced => ({
  orderId: randomUUID(),
  userId: me.userId,
  lines: [{ productId, quantity, unitPriceMinor: 500 }],
  total: { amountMinor: 500 * quantity, currency: 'EUR' },
});

describe('the cart over HTTP', () => {
  it('is empty for a user who has none, and shows what is put in', async () => {
    expect((await get()).body).toEqual({ version: 0, lines: [], totals: [], isOrderable: false });
    const cup = await sold();
    const { status, body, headers } = await put(cup, 3);
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"1"');
    expect(body).toMatchObject({ lines: [{ productId: cup, quantity: 3 }], isOrderable: true });
    expect((await get()).body).toEqual(body);
  });

  it('belongs to one user, and cannot be reached without a token', async () => {
    await put(await sold(), 1);
    const other = { ...me, userId: randomUUID() };
    expect((await get(other)).body.lines).toEqual([]);
    expect((await server.request('GET', '/cart')).status).toBe(401);
    const service = { kind: 'service', name: 'order' } as const;
    expect((await server.request('GET', '/cart', { as: service })).status).toBe(403);
  });

  it.each([-1, 100, 1.5, '3', null, undefined])('refuses the quantity %j', async (quantity) => {
    const answer = await put(await sold(), quantity);
    expect(answer.status).toBe(400);
  });

  it('refuses unknown products, more than are sold, and a 51st one', async () => {
    expect(await put('nowhere', 1)).toMatchObject({ status: 422, body: { code: 'unknown-product' } });
    const gone = await sold({ isActive: false });
    expect(await put(gone, 1)).toMatchObject({ status: 422, body: { code: 'product-not-sold' } });
    for (let i = 0; i < 50; i += 1) expect((await put(await sold(), 1)).status).toBe(200);
    expect(await put(await sold(), 1)).toMatchObject({ status: 422, body: { code: 'too-many-lines' } });
  });

  it('changes nothing under another version than If-Match names', async () => {
    const cup = await sold();
    await put(cup, 1);
    expect((await put(cup, 5, { 'if-match': '"9"' })).status).toBe(412);
    expect((await put(cup, 5, { 'if-match': '"1"' })).body.version).toBe(2);
    const late = await server.request('DELETE', '/cart', { as: me, headers: { 'if-match': '"1"' } });
    expect(late.status).toBe(412);
    expect((await get()).body.lines).toMatchObject([{ quantity: 5 }]);
  });

  it('is emptied as often as one likes, and an old ETag never comes back', async () => {
    await put(await sold(), 1);
    const first = await server.request<PricedCart>('DELETE', '/cart', { as: me });
    expect(first.body).toMatchObject({ version: 2, lines: [] });
    const again = await server.request<PricedCart>('DELETE', '/cart', { as: me });
    expect(again.body).toMatchObject({ version: 2, lines: [] });
  });

  it('loses none of many changes made at the same time', async () => {
    const products = await Promise.all([sold(), sold(), sold(), sold()]);
    const answers = await Promise.all(products.map((one) => put(one, 2)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { lines, version } = (await get()).body;
    expect(version).toBe(4);
    expect(lines.map((one) => one.productId).toSorted()).toEqual(products.toSorted());
  });

  it.each([
    ['that nobody has touched yet', 0],
    ['that is there already', 1],
  ])('%s loses none of many changes made at the same time', async (_which, before) => {
    for (let count = 0; count < before; count += 1) await put(await sold(), 1);
    const products = await Promise.all(Array.from({ length: 30 }, () => sold()));
    const answers = await Promise.all(
      Array.from({ length: 240 }, (_, n) => put(products[n % 30]!, 1 + Math.floor(n / 30))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(240).fill(200));
    const { lines, version } = (await get()).body;
    expect(
      lines
        .map((one) => one.productId)
        .slice(before)
        .toSorted(),
    ).toEqual(products.toSorted());
    // Each answer names the version that its own change made, and the last one is the cart's.
    expect(version).toBe(Math.max(...answers.map(({ body }) => body.version)));
    expect(lines.every(({ quantity }) => quantity >= 1 && quantity <= 8)).toBe(true);
  });

  it('is changed and emptied by many at the same time, with a clear answer to each', async () => {
    const products = await Promise.all(Array.from({ length: 20 }, () => sold()));
    const answers = await Promise.all(
      products.flatMap((one) => [
        put(one, 1),
        server.request('DELETE', '/cart', { as: me }),
        put(one, 3, { 'if-match': '"1"' }),
      ]),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 412)).toEqual([]);
    expect(statuses.filter((_status, at) => at % 3 !== 2)).toEqual(Array(40).fill(200));
  });

  it('is not to be kept by browsers: its ETag does not cover prices', async () => {
    expect((await get()).headers.get('cache-control')).toBe('no-store');
  });
});

describe('who may use the cart', () => {
  const prepare: Prepare = async ({ method, url }) => ({
    url: url.replace(':productId', await sold()),
    ...(method === 'PUT' ? { body: { quantity: 1 } } : {}),
  });
  // A product in the path belongs to no user: each signed-in user reaches their own cart by it.
  const rules = {
    'GET /cart': 'signed-in',
    'PUT /cart/lines/:productId': 'signed-in',
    'DELETE /cart': 'signed-in',
  };
  it.each(authorisationCases(cartRoutes({} as CartStore), rules as Record<string, Access>))(
    '$name',
    async (one) => {
      expect(one.expected).toContain(await outcomeOf(server, one, prepare));
    },
  );
});

describe('product.changed', () => {
  it('reprices carts, and an older version that comes later changes nothing', async () => {
    const cup = await sold();
    await put(cup, 1);
    const newer = { productId: cup, name: 'Big cup', price: { amountMinor: 800, currency: 'EUR' } };
    await arrive(productChanged, { ...newer, version: 3, isActive: true });
    await arrive(productChanged, { ...newer, version: 2, name: 'Old cup', isActive: false });
    expect((await get()).body.lines).toMatchObject([
      { name: 'Big cup', unitPrice: { amountMinor: 800 }, priceChangedSince: { amountMinor: 500 } },
    ]);
  });
});

describe('a forged event', () => {
  const refused = (code: string) => expect.objectContaining({ name: 'RefusedEvent', code });
  it('of a product changes no cart', async () => {
    const cup = await sold();
    await put(cup, 1);
    const forged = {
      productId: cup,
      name: 'Cup',
      price: { amountMinor: 0, currency: 'EUR' },
      isActive: true,
    };
    const jump = arrive(productChanged, { ...forged, version: Number.MAX_SAFE_INTEGER });
    await expect(jump).rejects.toEqual(refused('product-version-jumps'));
    await expect(arrive(productChanged, { ...forged, version: 1 })).rejects.toEqual(
      refused('product-version-contradicts'),
    );
    expect((await get()).body.lines).toMatchObject([{ unitPrice: { amountMinor: 500 } }]);
    await arrive(productChanged, { ...forged, version: 2 });
    expect((await get()).body.lines).toMatchObject([{ unitPrice: { amountMinor: 0 } }]);
  });

  it('of an order whose total is not that of its lines takes nothing out', async () => {
    const cup = await sold();
    await put(cup, 2);
    const forged = { ...order(cup, 2), total: { amountMinor: 1, currency: 'EUR' } };
    await expect(arrive(orderPlaced, forged)).rejects.toEqual(refused('order-total-is-not-its-lines'));
    expect((await get()).body.lines).toMatchObject([{ quantity: 2 }]);
  });
});

describe('order.placed', () => {
  it('takes the ordered quantities out once, however often it comes', async () => {
    const cup = await sold();
    await put(cup, 5);
    const placed = order(cup, 2);
    const id = `${placed.orderId}/placed`;
    await arrive(orderPlaced, placed, id);
    await arrive(orderPlaced, placed, id);
    expect((await get()).body.lines).toMatchObject([{ quantity: 3 }]);
  });

  it('takes effect once also when it is handled twice at the same time, and beside the customer’s own change', async () => {
    const [cup, pot] = await Promise.all([sold(), sold()]);
    await put(cup, 5);
    const placed = order(cup, 2);
    const twice = [1, 2].map(() => arrive(orderPlaced, placed, placed.orderId));
    await Promise.all([...twice, put(pot, 1)]);
    const { lines } = (await get()).body;
    expect(lines).toMatchObject([{ quantity: 3 }, { productId: pot, quantity: 1 }]);
  });

  it('makes no cart for a user who has none', async () => {
    await arrive(orderPlaced, order('cup', 1));
    const { rowCount } = await pool.query('SELECT 1 FROM cart WHERE user_id = $1', [me.userId]);
    expect(rowCount).toBe(0);
  });
});

describe('a cart that is no longer used', () => {
  it('is deleted, and those touched since are kept', async () => {
    const old = me.userId;
    await put(await sold(), 1);
    await pool.query(`UPDATE cart SET changed_at = now() - interval '91 days' WHERE user_id = $1`, [old]);
    me = { ...me, userId: randomUUID() };
    await put(await sold(), 1);
    expect(await store.forgetUntouched(90 * 86_400_000, 10)).toBe(1);
    expect((await get()).body.lines).toHaveLength(1);
  });

  it('is deleted with all the others, in steps', async () => {
    await pool.query(
      `INSERT INTO cart (user_id, version, lines, changed_at) SELECT 'old-' || n, 1, '[]', now() - interval '91 days'
       FROM generate_series(1, 25) AS n`,
    );
    const steps = [];
    do steps.push(await store.forgetUntouched(90 * 86_400_000, 10));
    while (steps.at(-1) === 10);
    expect(steps).toEqual([10, 10, 5]);
  });
});
