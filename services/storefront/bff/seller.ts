// A seller's calls to the product service, each with the seller's own token, since that service decides what they may do.
import { z } from 'zod';
import { rejectionReason } from '#contracts/images.ts';
import type { Money } from '#contracts/money.ts';
import type { StorefrontConfig } from '../config.ts';
import { ADJUSTMENT_REASONS } from '../pages/seller/limits.ts';
import { categoryAnswer, categoryPage, pageOf, productAnswer } from './answers.ts';
import { type Ask, ask } from './services.ts';

export const sellerProductAnswer = productAnswer.extend({ version: z.int().positive() });
export const stockAnswer = z.object({ onHand: z.int(), reserved: z.int(), available: z.int() });
export const entryAnswer = z.object({
  entryId: z.int(),
  delta: z.int(),
  reason: z.enum([...ADJUSTMENT_REASONS, 'sold']),
  createdAt: z.iso.datetime(),
});
export const uploadAnswer = z.object({
  uploadId: z.string(),
  fileName: z.string(),
  bytes: z.int(),
  askedAt: z.iso.datetime(),
  state: z.enum(['waiting', 'shown', 'replaced', 'rejected']),
  rejection: z.object({ reason: rejectionReason, detail: z.string() }).optional(),
});
const sellerProductPage = pageOf(sellerProductAnswer);
const entryPage = pageOf(entryAnswer);
const uploadPage = pageOf(uploadAnswer);
const signedAnswer = z.object({
  uploadId: z.string(),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
});

export type SellerProduct = z.infer<typeof sellerProductAnswer>;
export type Stock = z.infer<typeof stockAnswer>;
export type StockEntry = z.infer<typeof entryAnswer>;
export type Upload = z.infer<typeof uploadAnswer>;
export type SignedUpload = z.infer<typeof signedAnswer>;
export type AdjustmentReason = (typeof ADJUSTMENT_REASONS)[number];

/** What is said of a product. */
export interface ProductFacts {
  readonly name: string;
  readonly description: string;
  readonly categoryId: string;
  readonly price: Money;
}

export interface ShelfQuery {
  readonly q?: string | undefined;
  readonly isActive: boolean;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** What is said of a file before it is sent. */
export interface PhotoFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: number;
}

type SellerConfig = Pick<StorefrontConfig, 'PRODUCT_SERVICE_URL' | 'ASK_MS_MAX'>;
type Call = <Answer>(path: string, schema: z.ZodType<Answer>, request?: Ask) => Promise<Answer>;

/** Every call of the seller's pages, for the visitor with this address and token. */
export function createSellerCalls(config: SellerConfig, from: string, accessToken: string) {
  const visit = { from, msMax: config.ASK_MS_MAX };
  const call: Call = (path, schema, request = {}) =>
    ask(`${config.PRODUCT_SERVICE_URL}${path}`, schema, visit, { ...request, accessToken });
  return { ...productCalls(call), ...stockCalls(call), ...photoCalls(call) };
}
export type SellerCalls = ReturnType<typeof createSellerCalls>;

const pathOf = (productId: string): string => `/products/${encodeURIComponent(productId)}`;
/** A part of a list, and where the next part begins. */
const queryOf = (pairs: Readonly<Record<string, string | number | boolean | undefined>>): string =>
  new URLSearchParams(
    Object.entries(pairs).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
  ).toString();

const productCalls = (call: Call) => ({
  products: (query: ShelfQuery) => call(`/products?${queryOf({ ...query })}`, sellerProductPage),
  product: (id: string) => call(pathOf(id), sellerProductAnswer),
  categories: () => call('/categories?limit=100', categoryPage),
  /** The same product for the same key, however often it is asked for. */
  addProduct: (idempotencyKey: string, body: ProductFacts & { readonly isActive: boolean }) =>
    call('/products', sellerProductAnswer, { method: 'POST', body, idempotencyKey }),
  /** Refused with 412 where the product has another version by now. */
  changeProduct: (
    id: string,
    version: string,
    body: Partial<ProductFacts & { readonly isActive: boolean }>,
  ) => call(pathOf(id), sellerProductAnswer, { method: 'PATCH', body, ifMatch: version }),
  takeOff: (id: string, version: string) =>
    call(pathOf(id), z.unknown(), { method: 'DELETE', ifMatch: version }),
  nameCategory: (id: string, name: string) =>
    call(`/categories/${encodeURIComponent(id)}`, categoryAnswer, { method: 'PUT', body: { name } }),
});

const stockCalls = (call: Call) => ({
  stock: (id: string) => call(`${pathOf(id)}/stock`, stockAnswer),
  stockEntries: (id: string, limit: number, cursor?: string) =>
    call(`${pathOf(id)}/stock/entries?${queryOf({ limit, cursor })}`, entryPage),
  /** Once for a key. */
  adjustStock: (id: string, idempotencyKey: string, body: { delta: number; reason: AdjustmentReason }) =>
    call(`${pathOf(id)}/stock`, stockAnswer, { method: 'PUT', body, idempotencyKey }),
});

const photoCalls = (call: Call) => ({
  uploads: (id: string, limit: number, cursor?: string) =>
    call(`${pathOf(id)}/uploads?${queryOf({ limit, cursor })}`, uploadPage),
  signUpload: (id: string, body: PhotoFile) =>
    call(`${pathOf(id)}/uploads`, signedAnswer, { method: 'POST', body }),
});
