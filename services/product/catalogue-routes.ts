// What everybody may see: products and categories. Inactive products are shown to admins only. No ETag here: stock and photos
// change without the version, so that a stored answer would be stale; the version for If-Match stands in the body.
import { z } from 'zod';
import { currency, money } from '#contracts/money.ts';
import { productId } from '#contracts/products.ts';
import {
  type Caller,
  cursorPage,
  decodeCursor,
  Problem,
  pageOf,
  pageQuery,
  type Route,
  route,
} from '#runtime/http/api.ts';
import type { Catalogue, ProductView, Refusal } from './domain.ts';
import type { StockRefusal } from './stock/domain.ts';

/** Postgres stores no NUL in a text. */
const WITHOUT_NUL = /^[^\0]*$/;
export const categoryId = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const productParams = z.object({ productId });

/** A product as callers get it. */
export const productJson = z.object({
  productId,
  version: z.int().positive(),
  name: z.string(),
  description: z.string(),
  categoryId,
  price: money,
  isActive: z.boolean(),
  availableCount: z.int().nonnegative().describe('pieces that can be ordered now'),
  images: z
    .array(z.object({ label: z.string(), url: z.string(), width: z.int(), height: z.int() }))
    .describe('of the latest photo, from the smallest to the largest'),
});
export const categoryJson = z.object({ categoryId, name: z.string() });

const productsQuery = pageQuery.extend({
  q: z.string().min(1).max(200).regex(WITHOUT_NUL).optional().describe('words, "a phrase", or, -not'),
  category: categoryId.optional(),
  currency: currency.optional().describe('needed with priceMinorMin or priceMinorMax'),
  priceMinorMin: z.int().nonnegative().optional(),
  priceMinorMax: z.int().nonnegative().optional(),
  isActive: z.boolean().default(true).describe('false: the inactive ones, for admins'),
});
const sortText = z.string().max(200).regex(WITHOUT_NUL);
const productPosition = z.object({ rank: z.number(), name: sortText, productId });
const categoryPosition = z.object({ categoryId, name: sortText });

/** The body of a product; images lie under the base URL. */
export const productBody = (
  { renditions, ...product }: ProductView,
  imagesBaseUrl: string,
): z.infer<typeof productJson> => ({
  ...product,
  images: renditions.map(({ label, key, width, height }) => ({
    label,
    url: `${imagesBaseUrl.replace(/\/$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`,
    width,
    height,
  })),
});

export const productUnknown = (): Problem => new Problem(404, 'product-unknown', 'There is no such product.');

/** The problem of a refusal, with what to do about it. */
export function problemOf(why: Refusal | StockRefusal): Problem {
  switch (why) {
    case 'product-unknown':
      return productUnknown();
    case 'category-unknown':
      return new Problem(422, why, 'There is no such category: add it by PUT /categories/:categoryId.');
    case 'stock-below-reserved':
      return new Problem(409, why, 'Orders have more pieces set aside than would be left.');
    case 'stock-too-large':
      return new Problem(422, why, 'No shelf holds that many pieces.');
    case 'cause-reused':
      return new Problem(422, why, 'This Idempotency-Key stands for another adjustment: take a new one.');
  }
}

const isAdmin = (caller: Caller): boolean => caller.kind === 'user' && caller.role === 'admin';

/** `GET /products`, `GET /products/:productId`, `GET /categories`. */
export const catalogueRoutes = (catalogue: Catalogue, imagesBaseUrl: string): Route[] => [
  listProducts(catalogue, imagesBaseUrl),
  route(
    {
      method: 'GET',
      url: '/products/:productId',
      access: 'anyone',
      summary: 'A product with its photo and how many can be ordered',
      params: productParams,
      answers: { 200: productJson },
      problems: [404],
    },
    async ({ params, caller }) => {
      const product = await catalogue.find(params.productId);
      if (!product || !(product.isActive || isAdmin(caller))) throw productUnknown();
      return { status: 200, body: productBody(product, imagesBaseUrl) };
    },
  ),
  route(
    {
      method: 'GET',
      url: '/categories',
      access: 'anyone',
      summary: 'All categories, by name',
      query: pageQuery,
      answers: { 200: cursorPage(categoryJson) },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await catalogue.categories({ after: decodeCursor(cursor, categoryPosition), limit });
      return {
        status: 200,
        body: pageOf(
          rows,
          limit,
          (row) => row,
          (row) => row,
        ),
      };
    },
  ),
];

const listProducts = (catalogue: Catalogue, imagesBaseUrl: string): Route =>
  route(
    {
      method: 'GET',
      url: '/products',
      access: 'anyone',
      summary: 'Products by words, category and price; the best match first, then by name',
      query: productsQuery,
      answers: { 200: cursorPage(productJson) },
      problems: [403],
    },
    async ({ query: { limit, cursor, category, ...filter }, caller }) => {
      const hasPriceRange = filter.priceMinorMin !== undefined || filter.priceMinorMax !== undefined;
      if (hasPriceRange && filter.currency === undefined) {
        throw new Problem(400, 'currency-missing', 'A price range needs a currency: add currency=EUR.');
      }
      if (!filter.isActive && !isAdmin(caller)) {
        throw new Problem(403, 'admins-only', 'Only admins may list inactive products: leave isActive out.');
      }
      const after = decodeCursor(cursor, productPosition);
      const rows = await catalogue.search({ ...filter, categoryId: category }, { after, limit });
      const body = pageOf(
        rows,
        limit,
        ({ rank, name, productId }) => ({ rank, name, productId }),
        (product) => productBody(product, imagesBaseUrl),
      );
      return { status: 200, body };
    },
  );
