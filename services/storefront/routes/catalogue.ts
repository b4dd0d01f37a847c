// Home, categories, search, products.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ProductPage } from '../bff/answers.ts';
import { notFound } from '../bff/refused.ts';
import { type Site, sendPage } from '../site.ts';

const PAGE_SIZE = 24;
const query = z.object({
  q: z.string().trim().max(200).catch(''),
  cursor: z.string().max(2_000).optional().catch(undefined),
});
const categoryParams = z.object({ categoryId: z.string().regex(/^[a-z0-9-]{1,64}$/) });
const productParams = z.object({ productId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

const NOTHING_FOUND: ProductPage = { items: [] };

export function useCatalogue(app: FastifyInstance, { pages, servicesOf, frame: frameOf }: Site): void {
  app.get('/', async (request, reply) => {
    const services = servicesOf(request);
    const [frame, categories, found] = await Promise.all([
      frameOf(request, reply),
      services.categories(),
      services.products({ limit: PAGE_SIZE }),
    ]);
    const nextUrl = nextOf('/products', found);
    return sendPage(
      reply,
      pages.home({ frame, categories: categories.items, products: found.items, nextUrl }),
    );
  });
  app.get('/products', async (request, reply) => {
    const services = servicesOf(request);
    const { cursor } = query.parse(request.query);
    const [frame, categories, page] = await Promise.all([
      frameOf(request, reply),
      services.categories(),
      services.products({ cursor, limit: PAGE_SIZE }),
    ]);
    const nextUrl = nextOf('/products', page);
    return sendPage(
      reply,
      pages.listing({ frame, title: 'All products', categories: categories.items, page, nextUrl }),
    );
  });
  app.get('/categories/:categoryId', async (request, reply) => {
    const services = servicesOf(request);
    const params = categoryParams.safeParse(request.params);
    if (!params.success) throw notFound();
    const { categoryId } = params.data;
    const { cursor } = query.parse(request.query);
    const [frame, categories, page] = await Promise.all([
      frameOf(request, reply),
      services.categories(),
      services.products({ category: categoryId, cursor, limit: PAGE_SIZE }),
    ]);
    const title = categories.items.find((category) => category.categoryId === categoryId)?.name;
    if (!title) throw notFound();
    const nextUrl = nextOf(`/categories/${categoryId}`, page);
    return sendPage(
      reply,
      pages.listing({ frame, title, categories: categories.items, categoryId, page, nextUrl }),
    );
  });
  app.get('/search', async (request, reply) => {
    const services = servicesOf(request);
    const { q, cursor } = query.parse(request.query);
    const words = q.replaceAll('\0', '');
    const [frame, categories, page] = await Promise.all([
      frameOf(request, reply),
      services.categories(),
      words ? services.products({ q: words, cursor, limit: PAGE_SIZE }) : NOTHING_FOUND,
    ]);
    const nextUrl = nextOf('/search', page, { q: words });
    const title = words ? `Results for “${words}”` : 'Search';
    return sendPage(
      reply,
      pages.listing({
        frame: { ...frame, query: words },
        title,
        categories: categories.items,
        page,
        nextUrl,
        isAsking: words === '',
      }),
    );
  });
  app.get('/products/:productId', async (request, reply) => {
    const services = servicesOf(request);
    const params = productParams.safeParse(request.params);
    if (!params.success) throw notFound();
    const [frame, categories, product] = await Promise.all([
      frameOf(request, reply),
      services.categories(),
      services.product(params.data.productId),
    ]);
    const category = categories.items.find(({ categoryId }) => categoryId === product.categoryId);
    return sendPage(reply, pages.product({ frame, product, category }));
  });
}

/** Address of the products after these. */
const nextOf = (
  path: string,
  { next }: ProductPage,
  pairs: Record<string, string> = {},
): string | undefined => next && `${path}?${new URLSearchParams({ ...pairs, cursor: next }).toString()}`;
