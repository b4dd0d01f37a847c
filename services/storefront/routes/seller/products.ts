// Products as who sells sees them: list, add, edit with what others have changed meanwhile, take off and put back.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  type Basis,
  basisOf,
  CURRENCY_DEFAULT,
  changesOf,
  factWords,
  fieldsOf,
  mergeChanges,
  PRODUCT_FORM_BYTES_MAX,
  type ProductFields,
  readBasis,
  readFacts,
  readProductFields,
} from '../../bff/product-form.ts';
import { isKey, keyAfter, newKey, untilAnswered } from '../../bff/repeats.ts';
import type { ProductFacts, SellerProduct } from '../../bff/seller.ts';
import type { EditProductProps, NewProductProps } from '../../pages/seller/props.ts';
import { type Site, sendPage } from '../../site.ts';
import { cursorOf, forSellers, productIdOf, refusalIn, restUrl, type SellerVisit } from './visit.ts';

const PAGE_SIZE = 25;
const listQuery = z.object({
  q: z.string().trim().max(200).catch(''),
  shelf: z.enum(['on', 'off']).catch('on'),
});
const newForm = z.object({
  key: z.string().refine(isKey).catch(newKey),
  isActive: z.literal('yes').optional().catch(undefined),
});
const shelfForm = z.object({
  version: z.string().regex(/^[1-9]\d{0,9}$/),
  shelf: z.enum(['on', 'off']),
});

const NO_FIELDS: ProductFields = {
  name: '',
  description: '',
  categoryId: '',
  price: '',
  currency: CURRENCY_DEFAULT,
};

export function useSellerProducts(app: FastifyInstance, site: Site): void {
  const options = { bodyLimit: PRODUCT_FORM_BYTES_MAX };
  app.get(
    '/seller',
    forSellers(site, (visit) => list(site, visit)),
  );
  app.get(
    '/seller/products/new',
    forSellers(site, (visit) => showNew(site, visit, {})),
  );
  app.post(
    '/seller/products',
    options,
    forSellers(site, (visit) => add(site, visit)),
  );
  app.get(
    '/seller/products/:productId',
    forSellers(site, async (visit) => {
      const product = await visit.calls.product(productIdOf(visit.request));
      return showEdit(site, visit, product, {});
    }),
  );
  app.post(
    '/seller/products/:productId',
    options,
    forSellers(site, (visit) => edit(site, visit)),
  );
  app.post(
    '/seller/products/:productId/shelf',
    forSellers(site, (visit) => move(site, visit)),
  );
}

async function list(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const { calls, request, reply } = visit;
  const { q, shelf } = listQuery.parse(request.query);
  // No database keeps this character, and the service refuses it.
  const query = q.replaceAll('\0', '');
  const wanted = { isActive: shelf === 'on', limit: PAGE_SIZE, cursor: cursorOf(request) };
  const [frame, { items: categories }, { items: products, next }] = await Promise.all([
    visit.frame(),
    calls.categories(),
    calls.products(query ? { ...wanted, q: query } : wanted),
  ]);
  const pairs = { ...(query ? { q: query } : {}), ...(shelf === 'off' ? { shelf } : {}) };
  const nextUrl = restUrl('/seller', next, pairs);
  return sendPage(reply, site.pages.sellerProducts({ frame, shelf, query, products, categories, nextUrl }));
}

async function showNew(
  site: Site,
  visit: SellerVisit,
  shown: Partial<NewProductProps> & { readonly status?: number },
): Promise<FastifyReply> {
  const { status = 200, ...props } = shown;
  const [frame, { items: categories }] = await Promise.all([visit.frame(), visit.calls.categories()]);
  const given = { fields: NO_FIELDS, isActive: true, faults: {}, formKey: newKey(), ...props };
  return sendPage(visit.reply, site.pages.newProduct({ frame, categories, ...given }), status);
}

async function add(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const { calls, request, reply } = visit;
  const { key, isActive: chosen } = newForm.parse(request.body ?? {});
  const isActive = chosen === 'yes';
  const fields = readProductFields(request.body);
  const read = readFacts(fields, await categoryIds(visit));
  if ('faults' in read)
    return showNew(site, visit, { status: 422, fields, isActive, faults: read.faults, formKey: key });
  let product: SellerProduct;
  try {
    product = await untilAnswered(() => calls.addProduct(key, { ...read.facts, isActive }));
  } catch (error) {
    const { status, code, message } = refusalIn(error);
    const faults =
      code === 'category-unknown' ? { categoryId: 'Please choose a category.' } : { form: message };
    return showNew(site, visit, { status, fields, isActive, faults, formKey: keyAfter(key) });
  }
  site.cookies.write(reply, 'notice', 'product-added');
  return reply.redirect(`/seller/products/${product.productId}/photos`, 303);
}

const categoryIds = async ({ calls }: SellerVisit): Promise<string[]> =>
  (await calls.categories()).items.map(({ categoryId }) => categoryId);

async function showEdit(
  site: Site,
  visit: SellerVisit,
  product: SellerProduct,
  shown: Partial<EditProductProps> & { readonly status?: number },
): Promise<FastifyReply> {
  const { status = 200, ...props } = shown;
  const [frame, { items: categories }] = await Promise.all([visit.frame(), visit.calls.categories()]);
  const given = { fields: fieldsOf(product), basis: basisOf(product), faults: {}, ...props };
  return sendPage(visit.reply, site.pages.editProduct({ frame, product, categories, ...given }), status);
}

async function edit(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const { calls, request } = visit;
  const productId = productIdOf(request);
  const fields = readProductFields(request.body);
  const basis = readBasis(request.body);
  if (!basis) {
    const form = 'That was not the form of this page: please look at the product and send it again.';
    return showEdit(site, visit, await calls.product(productId), { status: 422, faults: { form } });
  }
  const read = readFacts(fields, await categoryIds(visit));
  if ('faults' in read)
    return showEdit(site, visit, await calls.product(productId), {
      status: 422,
      fields,
      basis,
      faults: read.faults,
    });
  const changes = changesOf(read.facts, basis);
  if (Object.keys(changes).length > 0) {
    const answered = await change(site, visit, { productId, fields, basis, changes });
    if (answered) return answered;
  }
  return saved(site, visit, productId);
}

function saved(site: Site, { reply }: SellerVisit, productId: string): FastifyReply {
  site.cookies.write(reply, 'notice', 'product-saved');
  return reply.redirect(`/seller/products/${productId}`, 303);
}

interface Edit {
  readonly productId: string;
  readonly fields: ProductFields;
  readonly basis: Basis;
  readonly changes: Partial<ProductFacts>;
}

/** Saves the change; the page that says why not, where it is refused. */
async function change(
  site: Site,
  visit: SellerVisit,
  { productId, fields, basis, changes }: Edit,
): Promise<FastifyReply | undefined> {
  try {
    await visit.calls.changeProduct(productId, basis.version, changes);
    return undefined;
  } catch (error) {
    const { status, message } = refusalIn(error);
    const current = await visit.calls.product(productId);
    if (status === 412) return showConflict(site, visit, current, changes, basis);
    return showEdit(site, visit, current, { status, fields, basis, faults: { form: message } });
  }
}

/** A second click of the same form, or another seller with the same wish: then nothing is left to save. */
async function showConflict(
  site: Site,
  visit: SellerVisit,
  current: SellerProduct,
  changes: Partial<ProductFacts>,
  basis: Basis,
): Promise<FastifyReply> {
  const { locale } = site.frameOffline(visit.request);
  const { items: categories } = await visit.calls.categories();
  const nameOf = (id: string) => categories.find(({ categoryId }) => categoryId === id)?.name ?? id;
  const { lines, fields, isSettled } = mergeChanges(current, changes, basis, factWords(locale, nameOf));
  if (isSettled) return saved(site, visit, current.productId);
  return showEdit(site, visit, current, { status: 409, fields, conflict: lines });
}

async function move(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const { request, reply } = visit;
  const productId = productIdOf(request);
  const form = shelfForm.safeParse(request.body);
  const notice = form.success
    ? await moveTo(visit, productId, form.data.shelf, form.data.version)
    : 'product-changed';
  site.cookies.write(reply, 'notice', notice);
  return reply.redirect(`/seller/products/${productId}`, 303);
}

/** Returns the name of what the next page says. */
async function moveTo(
  { calls }: SellerVisit,
  productId: string,
  shelf: 'on' | 'off',
  version: string,
): Promise<'product-on' | 'product-off' | 'product-changed'> {
  try {
    if (shelf === 'off') await calls.takeOff(productId, version);
    else await calls.changeProduct(productId, version, { isActive: true });
  } catch (error) {
    if (refusalIn(error).status !== 412) throw error;
    // A second click finds what the first has done.
    const { isActive } = await calls.product(productId);
    if (isActive !== (shelf === 'on')) return 'product-changed';
  }
  return `product-${shelf}`;
}
