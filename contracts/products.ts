// What is sold, and whether there is enough of it. Owner: services/product.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { id } from './ids.ts';
import { money } from './money.ts';

export const productId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Data of `product.changed`: the product as it now is. A higher version replaces a lower one, in whatever order they come. */
export const productChangedData = z.object({
  productId,
  version: z.int().positive(),
  name: z.string().min(1).max(200),
  price: money,
  /** False when it is no longer sold. */
  isActive: z.boolean(),
});
export type ProductChanged = z.infer<typeof productChangedData>;

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
