// Carts and products in Postgres. Each command is one transaction under the lock of the cart's row.
import type { Money } from '#contracts/money.ts';
import { productChangeFault } from '#contracts/products.ts';
import { cartService } from '#contracts/shop-processes.ts';
import { type Client, createCommandHandler, type Step } from '#runtime/decisions.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import {
  type Cart,
  type CartEvent,
  type CartLine,
  type CartStore,
  type Command,
  type Decision,
  decide,
  evolve,
  type Product,
} from './domain.ts';

/** The carts of the schema that the pool's connections look at first. */
export const createCartStore = (pool: Pool): CartStore => ({
  ...createCommandHandler<Cart, Command, CartEvent, Decision>({
    pool,
    process: cartService,
    decide,
    evolve,
    lock: (client, userId) => load(client, userId, 'FOR UPDATE'),
    save,
    repeated: { kind: 'ignored', why: 'repeated' },
    versionOf: ({ version }) => version,
  }),
  load: (userId) => load(pool, userId),
  products: (productIds) => loadProducts(pool, productIds),
  learnProduct: (product) => learnProduct(pool, product),
  forgetUntouched: (sinceMs, countMax) => forgetUntouched(pool, sinceMs, countMax),
});

async function load(client: Client, userId: string, lock: '' | 'FOR UPDATE' = ''): Promise<Cart> {
  const { rows } = await client.query<{ version: number; lines: CartLine[] }>(
    `SELECT version, lines FROM cart WHERE user_id = $1 ${lock}`,
    [userId],
  );
  return { userId, version: rows[0]?.version ?? 0, lines: rows[0]?.lines ?? [] };
}

async function save(client: Client, { id: userId, before, after }: Step<Cart, CartEvent>): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO cart (user_id, version, lines) VALUES ($1, 1, $3)
     ON CONFLICT (user_id) DO UPDATE SET version = cart.version + 1, lines = excluded.lines, changed_at = now()
     WHERE cart.version = $2`,
    [userId, before.version, JSON.stringify(after.lines)],
  );
  return rowCount === 1;
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
  client: Client,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, Product>> {
  const { rows } = await client.query<ProductRow>('SELECT * FROM product WHERE product_id = ANY($1)', [
    productIds,
  ]);
  return new Map(rows.map((row) => [row.product_id, productOf(row)]));
}

function productOf(row: ProductRow): Product {
  const price: Money = { amountMinor: row.amount_minor, currency: row.currency };
  return { productId: row.product_id, version: row.version, name: row.name, price, isActive: row.is_active };
}

/** Versions and not an inbox: events of a product may come in any order, and again. */
async function learnProduct(client: Client, product: Product): Promise<void> {
  const { productId, version } = product;
  const fault = productChangeFault((await loadProducts(client, [productId])).get(productId), product);
  if (fault) throw new RefusedEvent(fault, `version ${version} of product ${productId}`, { productId });
  await client.query(
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

async function forgetUntouched(client: Client, sinceMs: number, countMax: number): Promise<number> {
  const { rowCount } = await client.query(
    // The condition stands twice: a cart may be touched between the choice and the deletion.
    `DELETE FROM cart WHERE changed_at < now() - $1 * interval '1 millisecond' AND user_id IN (
       SELECT user_id FROM cart WHERE changed_at < now() - $1 * interval '1 millisecond' LIMIT $2)`,
    [sinceMs, countMax],
  );
  return rowCount ?? 0;
}
