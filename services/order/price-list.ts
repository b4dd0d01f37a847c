// Product events in, the prices that orders are placed at out.
import { type KnownProduct, type ProductChanged, productChangeFault } from '#contracts/products.ts';
import { orderService } from '#contracts/shop-processes.ts';
import type { AnyDecision } from '#runtime/decisions.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { createVersionedCopy } from '#runtime/versioned-copy.ts';
import type { ProductPrice } from './pricing.ts';

/** Our copy of the catalogue. */
export interface PriceList {
  /** Keeps a product unless a newer version is known. What cannot be the product service's is impossible. */
  record(product: ProductChanged): Promise<AnyDecision<unknown>>;
  /** Prices by product; products that no event has described are missing. */
  read(productIds: readonly string[]): Promise<ReadonlyMap<string, ProductPrice>>;
}

interface PriceRow {
  readonly product_id: string;
  readonly version: number;
  readonly price_minor: number;
  readonly currency: string;
  readonly is_active: boolean;
}

export function createPriceList(pool: Pool): PriceList {
  const { record, read } = createVersionedCopy<ProductPrice & KnownProduct, PriceRow>({
    pool,
    process: orderService,
    table: 'product_price',
    idColumn: 'product_id',
    faultOf: productChangeFault,
    rowOf: ({ productId, version, price, isActive }) => ({
      product_id: productId,
      version,
      price_minor: price.amountMinor,
      currency: price.currency,
      is_active: isActive,
    }),
    factOf: (row) => ({
      productId: row.product_id,
      version: row.version,
      price: { amountMinor: row.price_minor, currency: row.currency },
      isActive: row.is_active,
    }),
  });
  return { record: (product) => record(product.productId, product), read };
}
