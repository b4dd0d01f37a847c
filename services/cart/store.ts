// Carts and products in Postgres. Each command is one transaction under the lock of the cart's row.
import { productChangeFault } from '#contracts/products.ts';
import { cartService } from '#contracts/shop-processes.ts';
import { type Client, createCommandHandler, type Step } from '#runtime/decisions.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { createVersionedCopy } from '#runtime/versioned-copy.ts';
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
export function createCartStore(pool: Pool): CartStore {
  const products = productCopy(pool);
  return {
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
    products: products.read,
    learnProduct: (product) => products.record(product.productId, product),
    forgetUntouched: (sinceMs, countMax) => forgetUntouched(pool, sinceMs, countMax),
  };
}

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

const productCopy = (pool: Pool) =>
  createVersionedCopy<Product, ProductRow>({
    pool,
    process: cartService,
    table: 'product',
    idColumn: 'product_id',
    faultOf: productChangeFault,
    rowOf: ({ productId, version, name, price, isActive }) => ({
      product_id: productId,
      version,
      name,
      amount_minor: price.amountMinor,
      currency: price.currency,
      is_active: isActive,
    }),
    factOf: (row) => ({
      productId: row.product_id,
      version: row.version,
      name: row.name,
      price: { amountMinor: row.amount_minor, currency: row.currency },
      isActive: row.is_active,
    }),
  });

async function forgetUntouched(client: Client, sinceMs: number, countMax: number): Promise<number> {
  const { rowCount } = await client.query(
    // The condition stands twice: a cart may be touched between the choice and the deletion.
    `DELETE FROM cart WHERE changed_at < now() - $1 * interval '1 millisecond' AND user_id IN (
       SELECT user_id FROM cart WHERE changed_at < now() - $1 * interval '1 millisecond' LIMIT $2)`,
    [sinceMs, countMax],
  );
  return rowCount ?? 0;
}
