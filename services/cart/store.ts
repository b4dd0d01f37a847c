// Carts and products in Postgres. A change is a decision on a version of the cart, made while its row is held, and is saved
// only over that version.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Money } from '#contracts/money.ts';
import { productChangeFault } from '#contracts/products.ts';
import { orderPlaced } from '#contracts/shop-topics.ts';
import { backoffMs } from '#runtime/backoff.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { Problem } from '#runtime/http/problem.ts';
import { takeOnce } from '#runtime/outbox/inbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { Cart, CartLine, CartStore, Product } from './domain.ts';

type Queries = Pick<PoolClient, 'query'>;

/** A cart that is not there yet cannot be held: of many first changes one makes it, and the others hold it the next time. */
const TRY_COUNT_MAX = 8;
const GROUP = `cart-${orderPlaced.name}`;

/** Thrown to roll the transaction back: the cart has another version by now. */
class Overtaken extends Error {}

/** The store in the given schema; the pool's connections look there for tables. */
export function createCartStore(pool: Pool, schema: string): CartStore {
  return {
    load: (userId) => load(pool, userId),
    products: (productIds) => loadProducts(pool, productIds),
    change: (userId, decide) =>
      repeated(() => inTransaction(pool, (client) => change(client, userId, decide))),
    changeOnce: (eventId, userId, decide) =>
      repeated(() =>
        inTransaction(pool, async (client) => {
          if (await takeOnce(client, schema, GROUP, eventId)) await change(client, userId, decide);
        }),
      ),
    learnProduct: (product) => learnProduct(pool, product),
    forgetUntouched: (sinceMs, countMax) => forgetUntouched(pool, sinceMs, countMax),
  };
}

async function load(queries: Queries, userId: string, lock: '' | 'FOR UPDATE' = ''): Promise<Cart> {
  const { rows } = await queries.query<{ version: number; lines: CartLine[] }>(
    `SELECT version, lines FROM cart WHERE user_id = $1 ${lock}`,
    [userId],
  );
  return { userId, version: rows[0]?.version ?? 0, lines: rows[0]?.lines ?? [] };
}

async function change(
  client: Queries,
  userId: string,
  decide: (cart: Cart) => readonly CartLine[],
): Promise<Cart> {
  // Held until the transaction ends: many changes of one cart wait for each other instead of failing by turns.
  const cart = await load(client, userId, 'FOR UPDATE');
  const lines = decide(cart);
  if (lines === cart.lines) return cart;
  const { rowCount } = await client.query(
    `INSERT INTO cart (user_id, version, lines) VALUES ($1, 1, $3)
     ON CONFLICT (user_id) DO UPDATE SET version = cart.version + 1, lines = excluded.lines, changed_at = now()
     WHERE cart.version = $2`,
    [userId, cart.version, JSON.stringify(lines)],
  );
  if (rowCount !== 1) throw new Overtaken();
  return { userId, version: cart.version + 1, lines };
}

async function repeated<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; tries < TRY_COUNT_MAX; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      await sleep(backoffMs(tries, 5, 100));
    }
  }
  const detail = 'The cart is being changed by other requests at this moment: read it, then try again.';
  throw new Problem(409, 'cart-contended', detail, {}, { 'retry-after': '1' });
}

interface ProductRow {
  product_id: string;
  version: number;
  name: string;
  amount_minor: number;
  currency: string;
  is_active: boolean;
}

async function loadProducts(
  queries: Queries,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, Product>> {
  const { rows } = await queries.query<ProductRow>('SELECT * FROM product WHERE product_id = ANY($1)', [
    productIds,
  ]);
  return new Map(rows.map((row) => [row.product_id, productOf(row)]));
}

function productOf(row: ProductRow): Product {
  const price: Money = { amountMinor: row.amount_minor, currency: row.currency };
  return { productId: row.product_id, version: row.version, name: row.name, price, isActive: row.is_active };
}

/** Versions and not an inbox: events of a product may come in any order, and again. */
async function learnProduct(queries: Queries, product: Product): Promise<void> {
  const { productId, version } = product;
  const fault = productChangeFault((await loadProducts(queries, [productId])).get(productId), product);
  if (fault) throw new RefusedEvent(fault, `version ${version} of product ${productId}`, { productId });
  await queries.query(
    `INSERT INTO product (product_id, version, name, amount_minor, currency, is_active)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, name = excluded.name,
       amount_minor = excluded.amount_minor, currency = excluded.currency, is_active = excluded.is_active
     WHERE product.version < excluded.version`,
    [
      product.productId,
      product.version,
      product.name,
      product.price.amountMinor,
      product.price.currency,
      product.isActive,
    ],
  );
}

async function forgetUntouched(queries: Queries, sinceMs: number, countMax: number): Promise<number> {
  const { rowCount } = await queries.query(
    // The condition stands twice: a cart may be touched between the choice and the deletion.
    `DELETE FROM cart WHERE changed_at < now() - $1 * interval '1 millisecond' AND user_id IN (
       SELECT user_id FROM cart WHERE changed_at < now() - $1 * interval '1 millisecond' LIMIT $2)`,
    [sinceMs, countMax],
  );
  return rowCount ?? 0;
}
