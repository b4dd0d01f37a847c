// Products and categories in Postgres. A change and its product.changed are one transaction; of two editors who change the
// same version one is refused.
import { productService } from '#contracts/shop-processes.ts';
import { productChanged } from '#contracts/shop-topics.ts';
import { type Client, createCommandHandler } from '#runtime/decisions.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import {
  type Command,
  type Decision,
  decide,
  type Edited,
  evolve,
  type Product,
  type ProductEvent,
  type ProductStore,
} from './domain.ts';

/** A row of the table `product`. */
export interface ProductRow {
  readonly product_id: string;
  readonly version: number;
  readonly name: string;
  readonly description: string;
  readonly category_id: string;
  readonly price_minor: number;
  readonly currency: string;
  readonly is_active: boolean;
}

/** Of the table `product`, as `productOf` reads them. */
export const PRODUCT_COLUMNS =
  'product_id, version, name, description, category_id, price_minor, currency, is_active';

/** The products of the schema that the pool's connections look at first. */
export const createProductStore = (pool: Pool): ProductStore => ({
  ...createCommandHandler<Edited, Command, ProductEvent, Decision>({
    pool,
    process: productService,
    decide,
    evolve,
    lock: lockProduct,
    async save(client, { before, after }) {
      const isSaved = await (before.product
        ? update(client, after.product!)
        : insert(client, after.product!));
      if (isSaved) await announce(client, after.product!);
      return isSaved;
    },
    repeated: { kind: 'ignored', why: 'repeated' },
    versionOf: ({ product }) => product?.version,
  }),
  async nameCategory({ categoryId, name }) {
    await pool.query(
      `INSERT INTO category (category_id, name) VALUES ($1, $2)
       ON CONFLICT (category_id) DO UPDATE SET name = excluded.name`,
      [categoryId, name],
    );
  },
});

async function lockProduct(client: Client, productId: string, command: Command): Promise<Edited> {
  const { rows } = await client.query<ProductRow>(
    `SELECT ${PRODUCT_COLUMNS} FROM product WHERE product_id = $1 FOR NO KEY UPDATE`,
    [productId],
  );
  const { categoryId } = command.kind === 'create' ? command.facts : command.wish;
  return {
    productId,
    product: rows[0] && productOf(rows[0]),
    hasCategory: categoryId === undefined || (await hasCategory(client, categoryId)),
  };
}

async function hasCategory(client: Client, categoryId: string): Promise<boolean> {
  return (await client.query('SELECT 1 FROM category WHERE category_id = $1', [categoryId])).rowCount === 1;
}

const valuesOf = ({ productId, version, name, description, categoryId, price, isActive }: Product) => [
  productId,
  version,
  name,
  description,
  categoryId,
  price.amountMinor,
  price.currency,
  isActive,
];

/** False when there is a product of that id by now. */
async function insert(client: Client, product: Product): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO product (${PRODUCT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (product_id) DO NOTHING`,
    valuesOf(product),
  );
  if (rowCount === 1) await client.query('INSERT INTO stock (product_id) VALUES ($1)', [product.productId]);
  return rowCount === 1;
}

async function update(client: Client, product: Product): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE product SET version = $2, changed_at = now(), name = $3, description = $4, category_id = $5,
       price_minor = $6, currency = $7, is_active = $8
     WHERE product_id = $1 AND version = $2 - 1`,
    valuesOf(product),
  );
  return rowCount === 1;
}

/** Into the history of the product's prices and to the others: each version goes to both once. */
async function announce(client: Client, product: Product): Promise<void> {
  const { productId, version, name, price, isActive } = product;
  await client.query(
    `INSERT INTO product_version (product_id, version, price_minor, currency, is_active) VALUES ($1, $2, $3, $4, $5)`,
    [productId, version, price.amountMinor, price.currency, isActive],
  );
  const data = { productId, version, name, price, isActive };
  const message = { key: productId, id: `${productId}/${version}`, data };
  await publishEvent(productChanged, client, productService, message);
}

export const productOf = (row: ProductRow): Product => ({
  productId: row.product_id,
  version: row.version,
  name: row.name,
  description: row.description,
  categoryId: row.category_id,
  price: { amountMinor: row.price_minor, currency: row.currency },
  isActive: row.is_active,
});
