// What admins may do with the catalogue: make, change and retire products, name categories. A change is based on a version;
// who comes second reads again.
import { z } from 'zod';
import { money } from '#contracts/money.ts';
import { PRICE_MINOR_MAX } from '#contracts/products.ts';
import { callerKey } from '#runtime/http/access.ts';
import { type Route, route } from '#runtime/http/api.ts';
import { idFromKey } from '#runtime/http/idempotency.ts';
import {
  categoryId,
  categoryJson,
  problemOf,
  productBody,
  productJson,
  productParams,
  productUnknown,
} from './catalogue-routes.ts';
import { type Catalogue, isRefused, type Product, type ProductStore } from './domain.ts';

/** Not blank, and without NUL, which Postgres does not store. */
const name = z
  .string()
  .max(200)
  .regex(/^\s*[^\s\0][^\0]*$/);
const description = z
  .string()
  .max(5_000)
  .regex(/^[^\0]*$/);
/** Carts and orders take no higher one. */
const price = money.extend({ amountMinor: money.shape.amountMinor.max(PRICE_MINOR_MAX) });
const newProduct = z.object({
  name,
  description: description.default(''),
  categoryId,
  price,
  isActive: z.boolean().default(true),
});
const productWish = z.object({
  name: name.optional(),
  description: description.optional(),
  categoryId: categoryId.optional(),
  price: price.optional(),
  isActive: z.boolean().optional(),
});
export interface EditingParts {
  readonly catalogue: Catalogue;
  readonly products: ProductStore;
  readonly imagesBaseUrl: string;
}

/** `POST /products`, `PATCH` and `DELETE /products/:productId`, `PUT /categories/:categoryId`. */
export const editingRoutes = (parts: EditingParts): Route[] => [
  createProduct(parts),
  changeProduct(parts),
  retireProduct(parts),
  nameCategory(parts),
];

/** What was just written, with its stock and photo. */
async function written({ catalogue, imagesBaseUrl }: EditingParts, product: Product) {
  const view = await catalogue.find(product.productId);
  if (!view) throw productUnknown();
  return { body: productBody({ ...view, ...product }, imagesBaseUrl), version: product.version };
}

const createProduct = (parts: EditingParts): Route =>
  route(
    {
      method: 'POST',
      url: '/products',
      access: 'admin',
      summary: 'Adds a product, with no stock yet',
      isIdempotent: true,
      body: newProduct,
      answers: { 201: productJson },
      problems: [422],
    },
    async ({ body, caller, idempotencyKey }) => {
      // The same key makes the same product, also when the first try died before its answer.
      const productId = idFromKey('product', callerKey(caller), idempotencyKey);
      const product = await parts.products.create(productId, body);
      if (isRefused(product)) throw problemOf(product);
      return { status: 201, location: `/products/${productId}`, ...(await written(parts, product)) };
    },
  );

const changeProduct = (parts: EditingParts): Route =>
  route(
    {
      method: 'PATCH',
      url: '/products/:productId',
      access: 'admin',
      summary: 'Changes what is said of a product; If-Match holds the version that the change is based on',
      ifMatch: 'required',
      params: productParams,
      body: productWish,
      answers: { 200: productJson },
      problems: [404, 422],
    },
    async ({ params, body, ifMatch }) => {
      const product = await parts.products.change(params.productId, ifMatch, body);
      if (isRefused(product)) throw problemOf(product);
      return { status: 200, ...(await written(parts, product)) };
    },
  );

const retireProduct = ({ products }: EditingParts): Route =>
  route(
    {
      method: 'DELETE',
      url: '/products/:productId',
      access: 'admin',
      summary: 'Takes a product off the shop; it stays known to the orders that have it',
      params: productParams,
      answers: { 204: null },
      ifMatch: 'optional',
      problems: [404],
    },
    async ({ params, ifMatch }) => {
      const outcome = await products.change(params.productId, ifMatch, { isActive: false });
      if (isRefused(outcome)) throw problemOf(outcome);
      return { status: 204 };
    },
  );

const nameCategory = ({ products }: EditingParts): Route =>
  route(
    {
      method: 'PUT',
      url: '/categories/:categoryId',
      access: 'admin',
      summary: 'Adds a category, or gives it another name',
      params: z.object({ categoryId }),
      body: z.object({ name }),
      answers: { 200: categoryJson },
    },
    async ({ params, body }) => {
      const category = { ...params, ...body };
      await products.nameCategory(category);
      return { status: 200, body: category };
    },
  );
