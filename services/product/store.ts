// Products and categories in Postgres. A change and its product.changed are one transaction; of two editors who change the
// same version one is refused.
import { encodeEvent } from '#contracts/envelope.ts';
import { PRODUCT_CHANGED } from '#contracts/products.ts';
import { productChanged } from '#contracts/shop-topics.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { isMatch } from '#runtime/versions.ts';
import { decideChange, type Product, type ProductFacts, type Products } from './domain.ts';

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
/** The products of a schema; the pool's connections look there first. */
export function createProducts(pool: Pool, schema: string): Products {
  return {
    async nameCategory({ categoryId, name }) {
      await pool.query(
        `INSERT INTO category (category_id, name) VALUES ($1, $2)
         ON CONFLICT (category_id) DO UPDATE SET name = excluded.name`,
        [categoryId, name],
      );
    },
    create: (productId, facts) =>
      inTransaction(pool, async (client) => {
        if (!(await hasCategory(client, facts.categoryId))) return { fault: 'category-unknown' };
        const created = await insert(client, productId, facts);
        if (!created) return productOf((await lock(client, productId))!);
        await client.query('INSERT INTO stock (product_id) VALUES ($1)', [productId]);
        await tell(client, schema, created);
        return created;
      }),
    change: (productId, versions, wish) =>
      inTransaction(pool, async (client) => {
        const row = await lock(client, productId);
        if (!row) return { fault: 'product-unknown' };
        if (!isMatch(versions, row.version)) return { fault: 'version-mismatch' };
        const product = productOf(row);
        const facts = decideChange(product, wish);
        if (!facts) return product;
        if (!(await hasCategory(client, facts.categoryId))) return { fault: 'category-unknown' };
        const changed = await update(client, productId, facts);
        await tell(client, schema, changed);
        return changed;
      }),
  };
}

async function hasCategory(client: PoolClient, categoryId: string): Promise<boolean> {
  return (await client.query('SELECT 1 FROM category WHERE category_id = $1', [categoryId])).rowCount === 1;
}

async function lock(client: PoolClient, productId: string): Promise<ProductRow | undefined> {
  const sql = `SELECT ${PRODUCT_COLUMNS} FROM product WHERE product_id = $1 FOR NO KEY UPDATE`;
  return (await client.query<ProductRow>(sql, [productId])).rows[0];
}

const valuesOf = ({ name, description, categoryId, price, isActive }: ProductFacts): unknown[] => [
  name,
  description,
  categoryId,
  price.amountMinor,
  price.currency,
  isActive,
];

async function insert(client: PoolClient, id: string, facts: ProductFacts): Promise<Product | undefined> {
  const { rows } = await client.query<ProductRow>(
    `INSERT INTO product (product_id, name, description, category_id, price_minor, currency, is_active)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (product_id) DO NOTHING RETURNING ${PRODUCT_COLUMNS}`,
    [id, ...valuesOf(facts)],
  );
  return rows[0] && productOf(rows[0]);
}

async function update(client: PoolClient, id: string, facts: ProductFacts): Promise<Product> {
  const { rows } = await client.query<ProductRow>(
    `UPDATE product SET version = version + 1, changed_at = now(), name = $2, description = $3, category_id = $4,
       price_minor = $5, currency = $6, is_active = $7
     WHERE product_id = $1 RETURNING ${PRODUCT_COLUMNS}`,
    [id, ...valuesOf(facts)],
  );
  return productOf(rows[0]!);
}

/** Into the history of the product's prices and to the others: both are told of each version once. */
async function tell(client: PoolClient, schema: string, product: Product): Promise<void> {
  const { productId, version, name, price, isActive } = product;
  await client.query(
    `INSERT INTO product_version (product_id, version, price_minor, currency, is_active) VALUES ($1, $2, $3, $4, $5)`,
    [productId, version, price.amountMinor, price.currency, isActive],
  );
  const record = encodeEvent(PRODUCT_CHANGED, productId, {
    id: `${productId}/${version}`,
    source: '/services/product',
    time: new Date().toISOString(),
    data: { productId, version, name, price, isActive },
  });
  await saveToOutbox(client, schema, productChanged, record);
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
