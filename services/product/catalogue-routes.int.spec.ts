import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { UserCaller } from '#runtime/http/api.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import { openProduct, type TestProduct } from './test-product.ts';

interface Listed {
  readonly items: readonly { productId: string; name: string; images: unknown[]; availableCount: number }[];
  readonly next?: string;
}

const ADMIN: UserCaller = { kind: 'user', userId: 'admin-1', role: 'admin' };
let shop: TestProduct;
let server: SpecServer;
const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
beforeAll(async () => {
  shop = await openProduct(await freshDatabase());
  await shop.products.nameCategory({ categoryId: 'living', name: 'Living' });
  const table = { categoryId: 'table' };
  const living = { categoryId: 'living' };
  await shop.stock('p1', 5, { ...table, name: 'Moss cup', description: 'For tea.', price: eur(1_250) });
  await shop.stock('p2', 0, { ...table, name: 'Tea bowl', description: 'Deep.', price: eur(2_200) });
  await shop.stock('p3', 1, { ...living, name: 'Rust lamp', description: 'Warm light.', price: eur(11_900) });
  await shop.stock('p4', 1, { ...living, name: 'Candles', description: 'Forty hours.', price: eur(890) });
  await shop.stock('p5', 1, { ...living, name: 'Alp vase', price: { amountMinor: 900, currency: 'CHF' } });
  await shop.stock('p6', 1, { ...living, name: 'Retired lamp', isActive: false });
  server = await serveForSpec({ routes: catalogueRoutes(shop.catalogue, 'https://images.example/') });
});
afterAll(async () => {
  await server.close();
  await shop.close();
});

const list = async (query: string, as?: UserCaller) =>
  (await server.request<Listed>('GET', `/products?${query}`, as ? { as } : {})).body;
const idsOf = async (query: string, as?: UserCaller) =>
  (await list(query, as)).items.map(({ productId }) => productId);

describe('the list of products', () => {
  it('is sorted by name and leaves out what is not sold', async () => {
    expect(await idsOf('')).toEqual(['p5', 'p4', 'p1', 'p3', 'p2']);
  });

  it('finds words in whichever form, and puts a hit in the name first', async () => {
    expect(await idsOf('q=candle')).toEqual(['p4']);
    expect(await idsOf('q=tea')).toEqual(['p2', 'p1']);
    expect(await idsOf('q=tea+-bowl')).toEqual(['p1']);
    expect(await idsOf('q=nothing')).toEqual([]);
  });

  it.each(['%27%3B--', '%22', '%3A*+%26+(', '-'])('takes any words: q=%s', async (q) => {
    expect(await idsOf(`q=${q}`)).toEqual([]);
  });

  it('takes whatever is typed, however many operators it has', async () => {
    const piece = fc.constantFrom(
      '-',
      '- ',
      '"',
      ' ',
      'or ',
      '!',
      '&',
      '|',
      '(',
      ')',
      ':*',
      '<->',
      "'",
      '\\',
      'tea',
      'é',
      '@',
    );
    const typed = fc.oneof(
      fc
        .tuple(piece, piece, fc.integer({ min: 1, max: 100 }))
        .map(([one, other, count]) => (one + other).repeat(count)),
      fc.array(piece, { minLength: 1, maxLength: 100 }).map((pieces) => pieces.join('')),
    );
    const asked = (q: string) => server.request('GET', `/products?q=${encodeURIComponent(q.slice(0, 200))}`);
    for (const q of [
      '-'.repeat(33),
      '-'.repeat(200),
      '- '.repeat(100),
      `${'-'.repeat(40)}tea`,
      '-"'.repeat(40),
      '-&'.repeat(33),
      '-_'.repeat(99),
    ]) {
      expect({ q, status: (await asked(q)).status }).toEqual({ q, status: 200 });
    }
    await fc.assert(
      fc.asyncProperty(typed, async (q) => expect((await asked(q)).status).toBe(200)),
      { numRuns: 1_000, seed: 33 },
    );
  });

  it('takes one category, and a price range of one currency with both ends', async () => {
    expect(await idsOf('category=table')).toEqual(['p1', 'p2']);
    expect(await idsOf('currency=EUR&priceMinorMin=890&priceMinorMax=1250')).toEqual(['p4', 'p1']);
    expect(await idsOf('category=living&currency=CHF&priceMinorMax=900')).toEqual(['p5']);
  });

  it('needs a currency for a price range', async () => {
    const { status, body } = await server.request('GET', '/products?priceMinorMin=1');
    expect([status, body.code]).toEqual([400, 'currency-missing']);
  });

  it.each(['', 'q=tea+or+light+or+hour&'])(
    'comes in pages that miss and repeat nothing: %j',
    async (filter) => {
      const all = await idsOf(filter);
      expect(all.length).toBeGreaterThan(2);
      const seen: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page: Listed = await list(`${filter}limit=1${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.items.map(({ productId }) => productId));
        cursor = page.next;
      }
      expect(seen).toEqual(all);
    },
  );

  it('shows the inactive ones to admins only', async () => {
    expect(await idsOf('isActive=false', ADMIN)).toEqual(['p6']);
    expect((await server.request('GET', '/products?isActive=false')).status).toBe(403);
  });

  it.each([
    'limit=0',
    'limit=101',
    'cursor=xyz',
    'q=%00',
    'category=A%20B',
    'colour=red',
    'priceMinorMin=-1',
  ])('refuses %s', async (query) => {
    expect((await server.request('GET', `/products?${query}`)).status).toBe(400);
  });
});

describe('a product', () => {
  it('is shown with its price, its version and how many can be ordered', async () => {
    const { status, body, headers } = await server.request('GET', '/products/p1');
    expect(status).toBe(200);
    expect(body).toEqual({
      productId: 'p1',
      version: 1,
      name: 'Moss cup',
      description: 'For tea.',
      categoryId: 'table',
      price: { amountMinor: 1_250, currency: 'EUR' },
      isActive: true,
      availableCount: 5,
      images: [],
    });
    // Stock and photos change without the version: a 304 would hide that.
    expect(headers.get('etag')).toBeNull();
  });

  it('has its images under the base URL', async () => {
    await shop.pool.query(`INSERT INTO photo VALUES ('p2', 1, 'k', 'v')`);
    await shop.pool.query(
      `INSERT INTO rendition VALUES ('p2', 'small', 'renditions/p2/u/v+1/small.jpg', 4, 3)`,
    );
    const { body } = await server.request('GET', '/products/p2');
    const url = 'https://images.example/renditions/p2/u/v%2B1/small.jpg';
    expect(body.images).toEqual([{ label: 'small', url, width: 4, height: 3 }]);
  });

  it('that is retired is there for admins alone', async () => {
    expect((await server.request('GET', '/products/p6')).status).toBe(404);
    const { status, body } = await server.request('GET', '/products/p6', { as: ADMIN });
    expect([status, body.isActive]).toEqual([200, false]);
  });

  it('that is unknown is a 404', async () => {
    const { status, body } = await server.request('GET', '/products/nobody');
    expect([status, body.code]).toEqual([404, 'product-unknown']);
  });
});

describe('categories', () => {
  it('come by name, in pages', async () => {
    const first = await server.request<Listed>('GET', '/categories?limit=1');
    expect(first.body.items).toEqual([{ categoryId: 'living', name: 'Living' }]);
    const second = await server.request<Listed>('GET', `/categories?limit=1&cursor=${first.body.next}`);
    expect(second.body).toEqual({ items: [{ categoryId: 'table', name: 'Table' }] });
  });
});
