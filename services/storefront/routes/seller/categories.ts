// Categories: add one, give one another name.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Category } from '../../bff/answers.ts';
import { notFound } from '../../bff/refused.ts';
import type { Faults } from '../../pages/props.ts';
import { NAME_CHARS_MAX } from '../../pages/seller/limits.ts';
import { type Site, sendPage } from '../../site.ts';
import { forSellers, refusalIn, type SellerVisit } from './visit.ts';

const CATEGORY_ID = /^[a-z0-9-]{1,64}$/;
const text = z.string().trim().max(400).catch('');
const form = z.object({ name: text, categoryId: text });
const params = z.object({ categoryId: z.string().regex(CATEGORY_ID) });
const NAME_FAULT = `Please write a name of at most ${NAME_CHARS_MAX} characters.`;

export function useSellerCategories(app: FastifyInstance, site: Site): void {
  const url = '/seller/categories';
  app.get(
    url,
    forSellers(site, async (visit) => show(site, visit, await present(visit), {})),
  );
  app.post(
    url,
    forSellers(site, (visit) => add(site, visit)),
  );
  app.post(
    `${url}/:categoryId`,
    forSellers(site, (visit) => rename(site, visit)),
  );
}

interface Shown {
  readonly status?: number;
  readonly fields?: { readonly name: string; readonly categoryId: string };
  readonly renamed?: string;
  readonly faults?: Faults;
}

const present = async ({ calls }: SellerVisit): Promise<Category[]> => (await calls.categories()).items;

async function show(
  site: Site,
  { reply, frame: frameOf }: SellerVisit,
  categories: readonly Category[],
  { status = 200, fields = { name: '', categoryId: '' }, renamed, faults = {} }: Shown,
): Promise<FastifyReply> {
  const frame = await frameOf();
  return sendPage(reply, site.pages.sellerCategories({ frame, categories, fields, renamed, faults }), status);
}

async function add(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const fields = form.parse(visit.request.body ?? {});
  const categories = await present(visit);
  const categoryId = fields.categoryId || wordOf(fields.name);
  const faults = {
    ...(isName(fields.name) ? {} : { name: NAME_FAULT }),
    ...idFault(categoryId, fields, categories),
  };
  if (Object.keys(faults).length > 0) return show(site, visit, categories, { status: 422, fields, faults });
  return save(site, visit, categories, { categoryId, name: fields.name }, { fields });
}

const isName = (name: string): boolean =>
  name.length > 0 && name.length <= NAME_CHARS_MAX && !name.includes('\0');

/** A name as a word of an address; empty where nothing of it can be one. */
const wordOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

function idFault(
  categoryId: string,
  fields: { readonly name: string; readonly categoryId: string },
  categories: readonly Category[],
): Faults {
  // The fault of the name says enough.
  if (fields.name === '' && fields.categoryId === '') return {};
  if (!CATEGORY_ID.test(categoryId))
    return { categoryId: 'Please write a word of small letters, digits and dashes.' };
  const known = categories.find((category) => category.categoryId === categoryId);
  return known ? { categoryId: `${known.name} has this word already: take another.` } : {};
}

async function rename(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const parsed = params.safeParse(visit.request.params);
  if (!parsed.success) throw notFound();
  const { categoryId } = parsed.data;
  const { name } = form.parse(visit.request.body ?? {});
  const categories = await present(visit);
  // To send a name would create a category that does not exist.
  if (!categories.some((category) => category.categoryId === categoryId)) throw notFound();
  const shown = { fields: { name, categoryId }, renamed: categoryId };
  if (!isName(name))
    return show(site, visit, categories, { ...shown, status: 422, faults: { name: NAME_FAULT } });
  return save(site, visit, categories, { categoryId, name }, shown);
}

async function save(
  site: Site,
  visit: SellerVisit,
  categories: readonly Category[],
  { categoryId, name }: Category,
  shown: Shown,
): Promise<FastifyReply> {
  try {
    await visit.calls.nameCategory(categoryId, name);
  } catch (error) {
    const { status, message } = refusalIn(error);
    return show(site, visit, categories, { ...shown, status, faults: { form: message } });
  }
  site.cookies.write(visit.reply, 'notice', 'category-saved');
  return visit.reply.redirect('/seller/categories', 303);
}
