// What is sold, and whether there is enough of it. Owner: services/product.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { id } from './ids.ts';
import { isSameMoney, type Money, money } from './money.ts';

export const productId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Data of `product.changed`: the product as it now is. A higher version replaces a lower one, in any order of arrival. */
export const productChangedData = z.object({
  productId,
  version: z.int().positive(),
  name: z.string().min(1).max(200),
  price: money,
  /** False when it is no longer sold. */
  isActive: z.boolean(),
});
export type ProductChanged = z.infer<typeof productChangedData>;

/** Beyond this the line of an order that takes 99 of it has no exact total. */
export const PRICE_MINOR_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 99);
/** The most changes of one product that a reader misses in a week's absence. */
const VERSION_JUMP_MAX = 1_000;
/** The highest version at which a reader first sees a product. */
const VERSION_FIRST_MAX = 1_000_000;

/** What a reader of `product.changed` remembers of a product. */
export interface KnownProduct {
  readonly version: number;
  readonly price: Money;
  readonly isActive: boolean;
}

/**
 * Why an event cannot be the product service's; undefined when it can. That service raises the version by one with each change, and
 * publishes each once. So versions do not jump, and one version has one content. A forged version too high to be replaced later, or a
 * forged price, must not get in.
 */
export function productChangeFault(
  known: KnownProduct | undefined,
  told: KnownProduct,
): 'product-price-too-large' | 'product-version-jumps' | 'product-version-contradicts' | undefined {
  if (told.price.amountMinor > PRICE_MINOR_MAX) return 'product-price-too-large';
  if (told.version > (known ? known.version + VERSION_JUMP_MAX : VERSION_FIRST_MAX))
    return 'product-version-jumps';
  const isSame = !known || (isSameMoney(known.price, told.price) && known.isActive === told.isActive);
  return known?.version === told.version && !isSame ? 'product-version-contradicts' : undefined;
}

/** Data of `stock.reserved`: all lines of the order are set aside. */
export const stockReservedData = z.object({ orderId: id });
export type StockReserved = z.infer<typeof stockReservedData>;

/** Data of `stock.rejected`: nothing was set aside, because of this product. */
export const stockRejectedData = z.object({
  orderId: id,
  productId,
  reason: z.enum(['out-of-stock', 'unknown-product']),
});
export type StockRejected = z.infer<typeof stockRejectedData>;

export const PRODUCT_CHANGED: EventContract<ProductChanged> = {
  type: 'shop.product.changed.v1',
  schema: productChangedData,
};
export const STOCK_RESERVED: EventContract<StockReserved> = {
  type: 'shop.stock.reserved.v1',
  schema: stockReservedData,
};
export const STOCK_REJECTED: EventContract<StockRejected> = {
  type: 'shop.stock.rejected.v1',
  schema: stockRejectedData,
};
