import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PRICE_MINOR_MAX } from '#contracts/products.ts';
import type { Method, Route, UserCaller } from '#runtime/http/api.ts';
import { authorisationCases, outcomeOf } from '../../test/authorisation.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { productRoutes, type RouteParts } from './http.ts';
import type { PhotoUploads } from './photos/domain.ts';
import { factsOf, openProduct, SCHEMA, type TestProduct } from './test-product.ts';

const ADMIN: UserCaller = { kind: 'user', userId: 'admin-1', role: 'admin' };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let shop: TestProduct;
let server: SpecServer;
beforeAll(async () => {
  database = await freshDatabase();
  shop = await openProduct(database.url);
  const { catalogue, products, warehouse, uploadLog } = shop;
  const uploads: PhotoUploads = {
    sign: async (key, contentType, bytes) => `https://uploads.example/${key}?${contentType}&${bytes}`,
  };
  const imagesBaseUrl = 'https://images.example';
  const routes = productRoutes({ catalogue, products, warehouse, uploads, uploadLog, imagesBaseUrl });
  server = await serveForSpec({ routes, pool: shop.pool, schema: SCHEMA });
});
afterAll(async () => {
  await server.close();
  await shop.pool.end();
  await database.drop();
});

const send = (method: Method, url: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.request(method, url, { as: ADMIN, body, headers });
const create = (body: unknown, key: string = randomUUID()) =>
  send('POST', '/products', body, { 'idempotency-key': key });
const adjust = (id: string, delta: number, key: string = randomUUID()) =>
  send('PUT', `/products/${id}/stock`, { delta, reason: 'counted' }, { 'idempotency-key': key });
const toldOf = async (productId: string) =>
  (await shop.told()).filter(({ data }) => (data as { productId: string }).productId === productId);

describe('a new product', () => {
  it('is answered with its place and version, and published', async () => {
    const { status, body, headers } = await create(factsOf('Cup'));
    const productId = body.productId as string;
    expect([status, headers.get('location'), headers.get('etag')]).toEqual([
      201,
      `/products/${productId}`,
      '"1"',
    ]);
    expect(body).toMatchObject({ name: 'Cup', version: 1, availableCount: 0, images: [] });
    const { name, price, isActive } = factsOf('Cup');
    const data = { productId, version: 1, name, price, isActive };
    expect(await toldOf(productId)).toEqual([{ topic: 'product.changed', id: `${productId}/1`, data }]);
  });

  it('is made once for a key, also when the first answer was lost', async () => {
    const key = randomUUID();
    const first = await create(factsOf('Once'), key);
    await shop.pool.query('DELETE FROM idempotency');
    const second = await create(factsOf('Once'), key);
    expect(second.body).toEqual(first.body);
    expect(await toldOf(first.body.productId as string)).toHaveLength(1);
  });

  it('needs a category that exists', async () => {
    const { status, body } = await create({ ...factsOf('Cup'), categoryId: 'nowhere' });
    expect([status, body.code]).toEqual([422, 'category-unknown']);
  });

  it.each([
    { price: { amountMinor: PRICE_MINOR_MAX + 1, currency: 'EUR' } },
    { name: '' },
    { name: ' \t' },
    { name: 'a\0b' },
    { name: 'x'.repeat(201) },
    { description: 'a\0b' },
    { price: { amountMinor: 9.99, currency: 'EUR' } },
    { price: { amountMinor: -1, currency: 'EUR' } },
    { price: { amountMinor: 1, currency: 'euro' } },
    { colour: 'red' },
  ])('is refused with %j', async (wrong) => {
    expect((await create({ ...factsOf('Cup'), ...wrong })).status).toBe(400);
  });
});

describe('a change', () => {
  const change = (id: string, body: unknown, version: string) =>
    send('PATCH', `/products/${id}`, body, { 'if-match': version });

  it('gives a new version, and is published with it', async () => {
    await shop.stock('pot', 3);
    const { status, body, headers } = await change(
      'pot',
      { price: { amountMinor: 5, currency: 'EUR' } },
      '"1"',
    );
    expect([status, body.version, headers.get('etag'), body.availableCount]).toEqual([200, 2, '"2"', 3]);
    expect((await toldOf('pot')).map(({ id }) => id)).toEqual(['pot/1', 'pot/2']);
  });

  it('that changes nothing gives no version and no event', async () => {
    await shop.stock('still', 0);
    const { body } = await change('still', { name: 'still' }, '"1"');
    expect(body.version).toBe(1);
    expect(await toldOf('still')).toHaveLength(1);
  });

  it('is refused without the version that it is based on, and when that is not the last one', async () => {
    await shop.stock('vase', 0);
    expect((await send('PATCH', '/products/vase', { name: 'V' })).status).toBe(428);
    expect((await change('vase', { name: 'V' }, '"7"')).status).toBe(412);
    expect((await change('nobody', { name: 'V' }, '"1"')).status).toBe(404);
    expect((await change('vase', { categoryId: 'nowhere' }, '"1"')).status).toBe(422);
  });

  it('is one, of many at the same time on the same version', async () => {
    await shop.stock('lamp', 0);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => change('lamp', { name: `Lamp ${at}` }, '"1"')),
    );
    const statuses = answers.map(({ status }) => status).sort((one, other) => one - other);
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 412)]);
  });

  it('retires a product, once', async () => {
    await shop.stock('bowl', 0);
    expect((await send('DELETE', '/products/bowl')).status).toBe(204);
    expect((await send('DELETE', '/products/bowl')).status).toBe(204);
    expect((await server.request('GET', '/products/bowl')).status).toBe(404);
    const told = await toldOf('bowl');
    expect(told.map(({ data }) => (data as { isActive: boolean }).isActive)).toEqual([true, false]);
  });
});

describe('the stock', () => {
  it('is adjusted with a reason that stands in the ledger', async () => {
    await shop.stock('cup', 0);
    expect((await adjust('cup', 10)).body).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
    expect((await adjust('cup', -3)).body).toMatchObject({ onHand: 7 });
    const { body } = await send('GET', '/products/cup/stock/entries?limit=1');
    expect(body).toMatchObject({ items: [{ delta: -3, reason: 'counted' }], next: expect.any(String) });
    const rest = await send('GET', `/products/cup/stock/entries?cursor=${body.next as string}`);
    expect(rest.body).toMatchObject({ items: [{ delta: 10 }] });
    expect((await send('GET', '/products/cup/stock')).body).toMatchObject({ productId: 'cup', onHand: 7 });
  });

  it('is adjusted once for a key, also when the first answer was lost', async () => {
    await shop.stock('tin', 0);
    const key = randomUUID();
    await adjust('tin', 5, key);
    await shop.pool.query('DELETE FROM idempotency');
    expect((await adjust('tin', 5, key)).body).toMatchObject({ onHand: 5 });
    await shop.pool.query('DELETE FROM idempotency');
    expect((await adjust('tin', 6, key)).body).toMatchObject({ code: 'cause-reused' });
  });

  it('never falls below nothing, whatever comes at once', async () => {
    await shop.stock('jar', 5);
    const answers = await Promise.all(Array.from({ length: 10 }, () => adjust('jar', -1)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ body }) => body.code === 'stock-below-reserved')).toHaveLength(5);
  });

  it('is refused for what is no whole change of a product', async () => {
    await shop.stock('mug', 0);
    expect((await adjust('mug', 0)).status).toBe(400);
    expect((await adjust('mug', 1.5)).status).toBe(400);
    expect((await adjust('nobody', 1)).status).toBe(404);
  });
});

describe('an upload', () => {
  const ask = (id: string, body: unknown) => send('POST', `/products/${id}/uploads`, body);
  const photo = { fileName: 'cup.jpg', contentType: 'image/jpeg', bytes: 10 };

  it('is a signed PUT of that type and length, under a key of the product', async () => {
    await shop.stock('pic', 0);
    const { status, body } = await ask('pic', photo);
    expect(status).toBe(201);
    expect(body).toMatchObject({ method: 'PUT', headers: { 'content-type': 'image/jpeg' } });
    expect(body.url).toMatch(new RegExp(`uploads/pic/${body.uploadId as string}\\.jpg\\?image/jpeg&10$`));
  });

  it('is refused for an unknown product and for what is no photo', async () => {
    await shop.stock('pic', 0);
    expect((await ask('nobody', photo)).status).toBe(404);
    expect((await ask('pic', { ...photo, contentType: 'image/png' })).status).toBe(415);
    expect((await ask('pic', { ...photo, bytes: 1e9 })).status).toBe(413);
    expect((await ask('pic', { ...photo, bytes: 0 })).status).toBe(400);
    expect((await ask('pic', { ...photo, fileName: 'a\0b.jpg' })).status).toBe(400);
    expect((await send('GET', '/products/nobody/uploads')).status).toBe(404);
  });

  it('is listed with what became of it, the latest first, a page at a time', async () => {
    await shop.stock('album', 0);
    await ask('album', photo);
    const last = await ask('album', { ...photo, fileName: 'last.jpg', bytes: 20 });
    const { body } = await send('GET', '/products/album/uploads?limit=1');
    expect(body).toEqual({
      items: [
        {
          uploadId: last.body.uploadId,
          fileName: 'last.jpg',
          contentType: 'image/jpeg',
          bytes: 20,
          askedAt: expect.stringMatching(/^\d{4}-.*Z$/),
          state: 'waiting',
        },
      ],
      next: expect.any(String),
    });
    const rest = await send('GET', `/products/album/uploads?cursor=${body.next as string}`);
    expect(rest.body).toMatchObject({ items: [{ fileName: 'cup.jpg' }] });
    expect(rest.body).not.toHaveProperty('next');
  });
});

const RULES = {
  'GET /products': 'anyone',
  'GET /products/:productId': 'anyone',
  'GET /categories': 'anyone',
  'POST /products': 'admin',
  'PATCH /products/:productId': 'admin',
  'DELETE /products/:productId': 'admin',
  'PUT /categories/:categoryId': 'admin',
  'POST /products/:productId/uploads': 'admin',
  'GET /products/:productId/uploads': 'admin',
  'GET /products/:productId/stock': 'admin',
  'PUT /products/:productId/stock': 'admin',
  'GET /products/:productId/stock/entries': 'admin',
} as const;
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /products': factsOf('Cup'),
  'PATCH /products/:productId': { name: 'Cup' },
  'PUT /categories/:categoryId': { name: 'Rest' },
  'POST /products/:productId/uploads': { fileName: 'a.jpg', contentType: 'image/jpeg', bytes: 1 },
  'PUT /products/:productId/stock': { delta: 1, reason: 'counted' },
};
async function prepare({ method, url, ifMatch }: Route) {
  const productId = `p-${randomUUID()}`;
  await shop.stock(productId, 1);
  return {
    url: url.replace(':productId', productId).replace(':categoryId', 'rest'),
    body: BODIES[`${method} ${url}`],
    ...(ifMatch && { headers: { 'if-match': '"1"' } }),
  };
}

// The cases are named before there are stores; the server has routes with them.
it.each(authorisationCases(productRoutes({} as RouteParts), RULES))('$name', async (one) => {
  expect(one.expected).toContain(await outcomeOf(server, one, prepare));
});
