// What admins may do with the stock: see it, adjust it with a reason, read the ledger.
import { z } from 'zod';
import { callerKey } from '#runtime/http/access.ts';
import { cursorPage, decodeCursor, pageOf, pageQuery, type Route, route } from '#runtime/http/api.ts';
import { problemOf, productParams, productUnknown } from '../catalogue-routes.ts';
import { available, ON_HAND_MAX, type Stock, type Warehouse } from './domain.ts';

const adjustmentReason = z.enum(['delivered', 'counted', 'damaged', 'returned']);
const adjustmentBody = z.object({
  delta: z
    .union([z.int().min(1).max(ON_HAND_MAX), z.int().min(-ON_HAND_MAX).max(-1)])
    .describe('pieces more, or less when negative'),
  reason: adjustmentReason,
});
const stockJson = z.object({
  productId: z.string(),
  onHand: z.int().describe('pieces that are there'),
  reserved: z.int().describe('of these, promised to orders'),
  available: z.int(),
});
const entryJson = z.object({
  entryId: z.int(),
  delta: z.int(),
  reason: z.enum([...adjustmentReason.options, 'sold']),
  createdAt: z.string().describe('RFC 3339'),
});
const entryPosition = z.object({ entryId: z.int() });

const stockBody = (productId: string, stock: Stock): z.infer<typeof stockJson> => ({
  productId,
  onHand: stock.onHand,
  reserved: stock.reserved,
  available: available(stock),
});

/** `GET` and `PUT /products/:productId/stock`, `GET /products/:productId/stock/entries`. */
export const stockRoutes = (warehouse: Warehouse): Route[] => [
  route(
    {
      method: 'GET',
      url: '/products/:productId/stock',
      access: 'admin',
      summary: 'Pieces on the shelf',
      params: productParams,
      answers: { 200: stockJson },
      problems: [404],
    },
    async ({ params: { productId } }) => {
      const stock = await warehouse.stock(productId);
      if (!stock) throw productUnknown();
      return { status: 200, body: stockBody(productId, stock) };
    },
  ),
  adjustStock(warehouse),
  route(
    {
      method: 'GET',
      url: '/products/:productId/stock/entries',
      access: 'admin',
      summary: 'The ledger of a product, the latest entry first',
      params: productParams,
      query: pageQuery,
      answers: { 200: cursorPage(entryJson) },
      problems: [404],
    },
    async ({ params: { productId }, query: { limit, cursor } }) => {
      if (!(await warehouse.stock(productId))) throw productUnknown();
      const rows = await warehouse.entries(productId, { after: decodeCursor(cursor, entryPosition), limit });
      const body = pageOf(
        rows,
        limit,
        ({ entryId }) => ({ entryId }),
        ({ createdAt, ...entry }) => ({ ...entry, createdAt: createdAt.toISOString() }),
      );
      return { status: 200, body };
    },
  ),
];

const adjustStock = (warehouse: Warehouse): Route =>
  route(
    {
      method: 'PUT',
      url: '/products/:productId/stock',
      access: 'admin',
      summary: 'Adds pieces to the stock or takes some from it, and says why',
      isIdempotent: true,
      params: productParams,
      body: adjustmentBody,
      answers: { 200: stockJson },
      problems: [404, 409, 422],
    },
    async ({ params: { productId }, body, caller, idempotencyKey }) => {
      const cause = `${callerKey(caller)}/${idempotencyKey}`;
      const { decision, state } = await warehouse.adjust({ productId, ...body, cause });
      if (decision.kind === 'refused') throw problemOf(decision.why);
      return { status: 200, body: stockBody(productId, state.stock!) };
    },
  );
