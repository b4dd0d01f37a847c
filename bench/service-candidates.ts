// The routes that bench:services measures, of real services on real tables: a product, a page of a search, a line of a cart, an
// order placed, an order looked at.
import { join } from 'node:path';
import type { UserCaller } from '#runtime/http/api.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { cartRoutes } from '../services/cart/http.ts';
import { createCartStore } from '../services/cart/store.ts';
import { catalogueRoutes } from '../services/product/catalogue-routes.ts';
import { openProduct } from '../services/product/test-product.ts';
import { freshDatabase } from '../test/fresh.ts';
import { openOrderRig } from '../test/order-rig.ts';
import { type SpecServer, serveForSpec } from '../test/serve.ts';
import type { Recorded } from './bare-server.ts';
import type { Load } from './service-load.ts';

export interface Candidate {
  readonly name: string;
  readonly load: Omit<Load, 'address' | 'connections' | 'durationMs'>;
  readonly address: string;
  readonly pool: Pool;
  askOnce(): Promise<Recorded['answer']>;
  renewAfter(text: string): Recorded['renew'];
}

const PRODUCT_COUNT = 500;
const CUSTOMER_COUNT = 64;
const BENCH_KEY = 'bench-services-key';

/** Caller 0 is the one that is written down. */
const customer = (n: number): UserCaller => ({ kind: 'user', userId: `bench-${n}`, role: 'customer' });

const asRecorded: Recorded['renew'] = (values) => [...values];

export async function openCandidates(): Promise<{ candidates: Candidate[]; close: () => Promise<void> }> {
  const parts = [await productCandidates(), await cartCandidates(), await orderCandidates()];
  return {
    candidates: parts.flatMap(({ candidates }) => candidates),
    close: async () => {
      for (const part of parts) await part.close();
    },
  };
}

async function candidateOf(
  server: SpecServer,
  pool: Pool,
  one: { name: string; method: 'GET' | 'PUT' | 'POST'; path: string; body?: unknown; isKeyed?: boolean },
  options: { customers: number; renewAfter?: Candidate['renewAfter'] },
): Promise<Candidate> {
  const callers = Array.from({ length: options.customers }, (_, n) => customer(n));
  const tokens = await Promise.all(callers.map((caller) => server.issuer.tokenFor(caller)));
  const { name, method, path, isKeyed = false } = one;
  const body = one.body === undefined ? {} : { body: JSON.stringify(one.body) };
  return {
    name,
    load: { method, path, tokens, isKeyed, ...body },
    address: server.address,
    pool,
    askOnce: () =>
      server.request(method, path, {
        ...(callers[0] && { as: callers[0] }),
        ...body,
        headers: isKeyed ? { 'idempotency-key': BENCH_KEY } : {},
      }),
    renewAfter: options.renewAfter ?? (() => asRecorded),
  };
}

async function productCandidates() {
  const database = await freshDatabase();
  const shop = await openProduct(database);
  for (let n = 0; n < PRODUCT_COUNT; n += 1) {
    await shop.stock(`tea-${n}`, 5, { name: `Tea number ${n}`, description: 'From the hills, in a tin' });
  }
  const server = await serve(catalogueRoutes(shop.catalogue, 'https://images.example'), shop.pool, 'product');
  const of = (name: string, path: string) =>
    candidateOf(server, shop.pool, { name, method: 'GET', path }, { customers: 0 });
  return {
    candidates: [
      await of('GET /products/:productId', '/products/tea-7'),
      await of('GET /products', '/products?q=tea&category=table&limit=20'),
    ],
    close: closing(server, shop.pool, database.drop),
  };
}

async function cartCandidates() {
  const database = await freshDatabase();
  const log = createLogger('bench', 'silent');
  const pool = createPool({ connectionString: database.url, applicationName: 'bench', schema: 'cart', log });
  await migrateService(pool, 'cart', join(import.meta.dirname, '../services/cart/migrations'), log);
  const store = createCartStore(pool);
  const price = { amountMinor: 450, currency: 'EUR' };
  await store.learnProduct({ productId: 'tea', version: 1, name: 'Tea', price, isActive: true });
  const server = await serve(cartRoutes(store), pool, 'cart');
  const line = { name: 'PUT /cart/lines/:productId', method: 'PUT', path: '/cart/lines/tea' } as const;
  // A cart is changed over the version that was just read of it; each caller has one.
  const renew: Recorded['renew'] = (values, _fresh, turn, seen) =>
    values.map((value, at) => {
      if (value === 'bench-0') return `bench-${turn % CUSTOMER_COUNT}`;
      return at === 1 && typeof value === 'number' ? (seen.version ?? 0) : value;
    });
  const options = { customers: CUSTOMER_COUNT, renewAfter: () => renew };
  const candidate = await candidateOf(server, pool, { ...line, body: { quantity: 2 } }, options);
  return { candidates: [candidate], close: closing(server, pool, database.drop) };
}

async function orderCandidates() {
  const rig = await openOrderRig();
  await rig.sell('tea', 450);
  const placed = (await rig.place('bench-0')).body.orderId;
  const body = { lines: [{ productId: 'tea', quantity: 2 }], currency: 'EUR', paymentMethod: 'pm_bench' };
  // Everything that is made of the order's id or of the key is new each time; the claim of a key is the one just made.
  const renewAfter = (text: string): Recorded['renew'] => {
    const { orderId } = JSON.parse(text) as { orderId: string };
    return (values, fresh, _turn, seen) =>
      values.map((value) => {
        if (typeof value !== 'string') return value;
        if (/^\d{4}-\d\d-\d\d \d\d:/.test(value) && seen.claim) return seen.claim;
        return value.replaceAll(orderId, fresh).replaceAll(BENCH_KEY, fresh);
      });
  };
  const post = { name: 'POST /orders', method: 'POST', path: '/orders', body, isKeyed: true } as const;
  const get = { name: 'GET /orders/:orderId', method: 'GET', path: `/orders/${placed}` } as const;
  const close = rig.close;
  return {
    candidates: [
      await candidateOf(rig.server, rig.pool, post, { customers: CUSTOMER_COUNT, renewAfter }),
      await candidateOf(rig.server, rig.pool, get, { customers: 1 }),
    ],
    close,
  };
}

const serve = (routes: Parameters<typeof serveForSpec>[0]['routes'], pool: Pool, schema: string) =>
  serveForSpec({ routes, pool, schema, config: { RATE_LIMIT_PER_MINUTE: 10_000_000 } });

const closing = (server: SpecServer, pool: Pool, drop: () => Promise<void>) => async () => {
  await server.close();
  await pool.end();
  await drop();
};
