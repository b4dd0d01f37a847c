// What the services answer, as far as pages need it. Pages import the types alone.
import { z } from 'zod';
import { money } from '#contracts/money.ts';
import { cancellationReason, orderId, orderLine } from '#contracts/orders.ts';
import { paymentFailedData } from '#contracts/payments.ts';
import { productId } from '#contracts/products.ts';

export const productAnswer = z.object({
  productId,
  name: z.string(),
  description: z.string(),
  categoryId: z.string(),
  price: money,
  isActive: z.boolean(),
  availableCount: z.int(),
  images: z.array(z.object({ label: z.string(), url: z.url(), width: z.int(), height: z.int() })),
});
export const categoryAnswer = z.object({ categoryId: z.string(), name: z.string() });
/** Called once for each kind: to make a schema takes longer than to check an answer by it. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });
export const productPage = pageOf(productAnswer);
export const categoryPage = pageOf(categoryAnswer);
export const cartAnswer = z.object({
  lines: z.array(
    z.object({
      productId,
      name: z.string(),
      quantity: z.int(),
      unitPrice: money,
      lineTotal: money.optional(),
      isAvailable: z.boolean(),
      priceChangedSince: money.optional(),
    }),
  ),
  totals: z.array(money),
  isOrderable: z.boolean(),
});
const orderStatus = z.enum(['placed', 'reserved', 'confirmed', 'cancelled']);
export const orderAnswer = z.object({
  orderId,
  status: orderStatus,
  lines: z.array(orderLine),
  total: money,
  history: z
    .array(z.object({ status: orderStatus, at: z.iso.datetime(), reason: cancellationReason.optional() }))
    .min(1),
});
export const orderPage = pageOf(orderAnswer);
export const paymentAnswer = z.object({
  status: z.enum(['requested', 'charging', 'succeeded', 'refunding', 'refunded', 'failed']),
  failureReason: paymentFailedData.shape.reason.optional(),
});
export const tokensAnswer = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresInS: z.int(),
});
export const profileAnswer = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string().optional(),
  role: z.enum(['customer', 'admin']),
});
/** RFC 9457, with the members of runtime/http/problem.ts and the faults of runtime/http/faults.ts. */
export const problemAnswer = z.object({
  code: z.string().default('unknown'),
  detail: z.string().optional(),
  title: z.string().optional(),
  faults: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  /** Of `price-changed`: what the order would cost now. */
  total: money.optional(),
});

export type Product = z.infer<typeof productAnswer>;
export type Category = z.infer<typeof categoryAnswer>;
export type Cart = z.infer<typeof cartAnswer>;
export type Order = z.infer<typeof orderAnswer>;
export type Payment = z.infer<typeof paymentAnswer>;
export type Tokens = z.infer<typeof tokensAnswer>;
export type Profile = z.infer<typeof profileAnswer>;
/** A cart, and its version: another one after every change. */
export interface CartVersion {
  readonly cart: Cart;
  readonly version: string;
}
/** Some products, and the cursor of those after them. */
export interface ProductPage {
  readonly items: readonly Product[];
  readonly next?: string | undefined;
}
