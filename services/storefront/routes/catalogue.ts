// Home, categories, search, products.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ProductPage } from '../bff/answers.ts';
import { notFound } from '../bff/refused.ts';
import type { ProductQuery } from '../bff/services.ts';
import { type Site, sendPage } from '../site.ts';

const PAGE_SIZE = 24;
/** As many as the product service takes. */
const SEARCH_LENGTH_MAX = 200;

/** A text without what no database keeps, and of one that is too long the beginning, without half a character at its end. */
function searchable(text: string): string {
  const words = text.replaceAll('\0', '').trim();
  return words
    .slice(0, SEARCH_LENGTH_MAX)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
}

const query = z.object({
  q: z.string().transform(searchable).catch(''),
  cursor: z.string().max(2_000).optional().catch(undefined),
});
const categoryParams = z.object({ categoryId: z.string().regex(/^[a-z0-9-]{1,64}$/) });
const productParams = z.object({ productId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

const NOTHING_FOUND: ProductPage = { items: [] };

export function useCatalogue(app: FastifyInstance, site: Site): void {
  useShelves(app, site);
  useSearch(app, site);
  useProduct(app, site);
}

/** What every page with products needs; without a query there are none. */
async function look(
  { servicesOf, frame: frameOf }: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted?: ProductQuery,
) {
  const services = servicesOf(request);
  const [frame, { items: categories }, page] = await Promise.all([
    frameOf(request, reply),
    services.categories(),
    wanted ? services.products({ ...wanted, limit: PAGE_SIZE }) : NOTHING_FOUND,
  ]);
  return { frame, categories, page };
}

function useShelves(app: FastifyInstance, site: Site): void {
  const { pages } = site;
  app.get('/', async (request, reply) => {
    const { frame, categories, page } = await look(site, request, reply, {});
    const nextUrl = nextOf('/products', page);
    return sendPage(reply, pages.home({ frame, categories, products: page.items, nextUrl }));
  });
  app.get('/products', async (request, reply) => {
    const { cursor } = query.parse(request.query);
    const shown = await look(site, request, reply, { cursor });
    const nextUrl = nextOf('/products', shown.page);
    return sendPage(reply, pages.listing({ ...shown, title: 'All products', nextUrl }));
  });
  app.get('/categories/:categoryId', async (request, reply) => {
    const params = categoryParams.safeParse(request.params);
    if (!params.success) throw notFound();
    const { categoryId } = params.data;
    const { cursor } = query.parse(request.query);
    const shown = await look(site, request, reply, { category: categoryId, cursor });
    const title = shown.categories.find((category) => category.categoryId === categoryId)?.name;
    if (!title) throw notFound();
    const nextUrl = nextOf(`/categories/${categoryId}`, shown.page);
    return sendPage(reply, pages.listing({ ...shown, title, categoryId, nextUrl }));
  });
}

function useSearch(app: FastifyInstance, site: Site): void {
  app.get('/search', async (request, reply) => {
    const { q: words, cursor } = query.parse(request.query);
    const shown = await look(site, request, reply, words ? { q: words, cursor } : undefined);
    const listing = {
      ...shown,
      frame: { ...shown.frame, query: words },
      title: words ? `Results for “${words}”` : 'Search',
      nextUrl: nextOf('/search', shown.page, { q: words }),
      isAsking: words === '',
    };
    return sendPage(reply, site.pages.listing(listing));
  });
}

function useProduct(app: FastifyInstance, site: Site): void {
  app.get('/products/:productId', async (request, reply) => {
    const params = productParams.safeParse(request.params);
    if (!params.success) throw notFound();
    const [{ frame, categories }, product] = await Promise.all([
      look(site, request, reply),
      site.servicesOf(request).product(params.data.productId),
    ]);
    const category = categories.find(({ categoryId }) => categoryId === product.categoryId);
    return sendPage(reply, site.pages.product({ frame, product, category }));
  });
}

/** Address of the products after these. */
const nextOf = (
  path: string,
  { next }: ProductPage,
  pairs: Record<string, string> = {},
): string | undefined => next && `${path}?${new URLSearchParams({ ...pairs, cursor: next }).toString()}`;
