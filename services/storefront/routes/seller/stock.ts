// The stock of a product: what is there, and pieces that come and go with a reason, once however often the form is sent.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Refused } from '../../bff/refused.ts';
import { isKey, keyAfter, newKey, untilAnswered } from '../../bff/repeats.ts';
import type { Faults } from '../../pages/props.ts';
import { ADJUSTMENT_REASONS, PIECES_MAX } from '../../pages/seller/limits.ts';
import type { StockFields } from '../../pages/seller/props.ts';
import { type Site, sendPage } from '../../site.ts';
import { cursorOf, forSellers, productIdOf, refusalIn, restUrl, type SellerVisit } from './visit.ts';

const ENTRIES = 20;
const text = z.string().max(40).catch('');
const form = z.object({
  key: z.string().refine(isKey).catch(newKey),
  way: text,
  pieces: text,
  reason: text,
});
const NO_FIELDS: StockFields = { way: 'add', pieces: '', reason: '' };

export function useSellerStock(app: FastifyInstance, site: Site): void {
  const url = '/seller/products/:productId/stock';
  app.get(
    url,
    forSellers(site, (visit) => show(site, visit, {})),
  );
  app.post(
    url,
    forSellers(site, (visit) => adjust(site, visit)),
  );
}

interface Shown {
  readonly status?: number;
  readonly fields?: StockFields;
  readonly faults?: Faults;
  readonly formKey?: string;
}

async function show(
  site: Site,
  { calls, request, reply, frame: frameOf }: SellerVisit,
  { status = 200, fields = NO_FIELDS, faults = {}, formKey = newKey() }: Shown,
): Promise<FastifyReply> {
  const productId = productIdOf(request);
  const [frame, product, stock, { items: entries, next }] = await Promise.all([
    frameOf(),
    calls.product(productId),
    calls.stock(productId),
    calls.stockEntries(productId, ENTRIES, cursorOf(request)),
  ]);
  const nextUrl = restUrl(`/seller/products/${productId}/stock`, next);
  const page = site.pages.stock({ frame, product, stock, entries, nextUrl, fields, faults, formKey });
  return sendPage(reply, page, status);
}

async function adjust(site: Site, visit: SellerVisit): Promise<FastifyReply> {
  const { calls, request, reply } = visit;
  const productId = productIdOf(request);
  const { key, ...fields } = form.parse(request.body ?? {});
  const wanted = read(fields);
  if ('faults' in wanted)
    return show(site, visit, { status: 422, fields, faults: wanted.faults, formKey: key });
  try {
    await untilAnswered(() => calls.adjustStock(productId, key, wanted));
  } catch (error) {
    const refused = refusalIn(error);
    const shown = { status: refused.status, fields, faults: faultsOf(refused), formKey: keyAfter(key) };
    return show(site, visit, shown);
  }
  site.cookies.write(reply, 'notice', 'stock-changed');
  return reply.redirect(`/seller/products/${productId}/stock`, 303);
}

type Adjustment = { readonly delta: number; readonly reason: (typeof ADJUSTMENT_REASONS)[number] };

/** What the fields say, or what is wrong with them. */
function read({ way, pieces, reason }: StockFields): Adjustment | { readonly faults: Faults } {
  const known = ADJUSTMENT_REASONS.find((one) => one === reason);
  const count = /^\d{1,8}$/.test(pieces.trim()) ? Number(pieces) : 0;
  const isCount = count >= 1 && count <= PIECES_MAX;
  const faults = {
    ...(way === 'add' || way === 'take' ? {} : { form: 'Please choose whether pieces come or go.' }),
    ...(isCount
      ? {}
      : { pieces: `Please write a whole number from 1 to ${PIECES_MAX.toLocaleString('en')}.` }),
    ...(known ? {} : { reason: 'Please choose a reason: it stands in the ledger.' }),
  };
  if (Object.keys(faults).length > 0 || !known) return { faults };
  return { delta: way === 'take' ? -count : count, reason: known };
}

const WORDS: ReadonlyMap<string, readonly [field: string, words: string]> = new Map([
  ['stock-below-reserved', ['pieces', 'Orders have more pieces set aside than would be left.']],
  ['stock-too-large', ['pieces', 'No shelf holds that many pieces.']],
  [
    'idempotency-key-reused',
    ['form', 'That form had been sent before. Look at the ledger, and send it again if it is missing.'],
  ],
]);

function faultsOf({ code, message }: Refused): Faults {
  const [field, words] = WORDS.get(code) ?? ['form', message];
  return { [field]: words };
}
