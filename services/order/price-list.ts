// Product events in, the prices that orders are placed at out. A higher version replaces a lower one, in whatever order they
// come and however often: so no inbox is needed here. What cannot be the product service's is refused.
import { type ProductChanged, productChangeFault } from '#contracts/products.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { ProductPrice } from './pricing.ts';

/** Our copy of the catalogue. */
export interface PriceList {
  /** @throws RefusedEvent with the fault of the change */
  record(product: ProductChanged): Promise<void>;
  /** Prices by product; products that nobody has told us of are missing. */
  read(productIds: readonly string[]): Promise<ReadonlyMap<string, ProductPrice>>;
}

interface PriceRow {
  readonly product_id: string;
  readonly version: number;
  readonly price_minor: number;
  readonly currency: string;
  readonly is_active: boolean;
}

export const createPriceList = (pool: Pool): PriceList => ({
  record: async ({ productId, version, price, isActive }) => {
    const { rows } = await pool.query<PriceRow>('SELECT * FROM product_price WHERE product_id = $1', [
      productId,
    ]);
    const known = rows[0] && { ...priceOf(rows[0]), version: rows[0].version };
    const fault = productChangeFault(known, { version, price, isActive });
    if (fault) throw new RefusedEvent(fault, `version ${version} of product ${productId}`, { productId });
    await pool.query(
      `INSERT INTO product_price (product_id, version, price_minor, currency, is_active) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, price_minor = excluded.price_minor,
         currency = excluded.currency, is_active = excluded.is_active
       WHERE product_price.version < excluded.version`,
      [productId, version, price.amountMinor, price.currency, isActive],
    );
  },
  read: async (productIds) => {
    const { rows } = await pool.query<PriceRow>('SELECT * FROM product_price WHERE product_id = ANY($1)', [
      productIds,
    ]);
    return new Map(rows.map((row) => [row.product_id, priceOf(row)]));
  },
});

const priceOf = (row: PriceRow): ProductPrice => ({
  productId: row.product_id,
  price: { amountMinor: row.price_minor, currency: row.currency },
  isActive: row.is_active,
});
