// The cart: at the cart service for signed-in customers, in a cookie for guests.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { exactTotalMinor, type Money } from '#contracts/money.ts';
import type { Cart, Product } from '../bff/answers.ts';
import {
  GUEST_LINES_MAX,
  type GuestLine,
  QUANTITY_MAX,
  readGuestCart,
  withLine,
  writeGuestCart,
} from '../bff/guest-cart.ts';
import { Refused } from '../bff/refused.ts';
import type { Services } from '../bff/services.ts';
import { countOf, type Site, sendPage } from '../site.ts';

const GUEST_CART_S = 30 * 86_400;
const lineForm = z.object({
  productId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  quantity: z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number),
});

export function useCart(app: FastifyInstance, site: Site): void {
  const { cookies, servicesOf, sessions } = site;
  app.get('/cart', (request, reply) => showCart(site, request, reply));
  /** `change` says how many are wanted, from how many there are. */
  const setLine = async (
    request: FastifyRequest,
    reply: FastifyReply,
    change: (present: number, given: number) => number,
  ) => {
    const form = lineForm.safeParse(request.body);
    if (!form.success)
      throw new Refused({
        status: 422,
        code: 'invalid-quantity',
        detail: `Please choose a whole number from 0 to ${QUANTITY_MAX}.`,
      });
    const { productId, quantity } = form.data;
    const services = servicesOf(request);
    const token = await sessions.accessToken(request, reply);
    const lines: readonly GuestLine[] = token
      ? (await services.cart(token)).lines
      : readGuestCart(cookies.read(request, 'cart'));
    const present = lines.find((line) => line.productId === productId)?.quantity ?? 0;
    const wanted = Math.min(change(present, quantity), QUANTITY_MAX);
    if (token) return services.setCartLine(token, productId, wanted);
    // The cart service asks the same before it takes a line.
    if (present === 0 && wanted > 0) await services.product(productId);
    cookies.write(reply, 'cart', writeGuestCart(changed(lines, productId, wanted)), GUEST_CART_S);
  };
  app.post('/cart/lines', async (request, reply) => {
    await setLine(request, reply, (present, given) => present + given);
    cookies.write(reply, 'notice', 'added');
    return reply.redirect('/cart', 303);
  });
  app.post('/cart/lines/set', async (request, reply) => {
    await setLine(request, reply, (_present, given) => given);
    return reply.redirect('/cart', 303);
  });
}

async function showCart(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const token = await site.sessions.accessToken(request, reply);
  const { cart, notice } = token
    ? { cart: await site.servicesOf(request).cart(token), notice: undefined }
    : await keptCart(site, request, reply);
  const frame = await site.frame(request, reply, token);
  const shown = { ...frame, cartCount: countOf(cart.lines), notice: notice ?? frame.notice };
  return sendPage(reply, site.pages.cart({ frame: shown, cart }));
}

/** @throws Refused 422 `too-many-lines`, as the cart service refuses a line more than it takes */
function changed(lines: readonly GuestLine[], productId: string, quantity: number): GuestLine[] {
  const after = withLine(lines, productId, quantity);
  if (after.length <= GUEST_LINES_MAX) return after;
  throw new Refused({
    status: 422,
    code: 'too-many-lines',
    detail: `Before you sign in, a cart holds at most ${GUEST_LINES_MAX} different products: sign in, or take one out first.`,
  });
}

/** Puts the lines of a guest who has just signed in into their cart; what is no longer sold is left out. */
export async function mergeGuestCart(
  services: Services,
  accessToken: string,
  lines: readonly GuestLine[],
): Promise<void> {
  if (lines.length === 0) return;
  const present = (await services.cart(accessToken)).lines;
  for (const { productId, quantity } of lines) {
    const own = present.find((line) => line.productId === productId)?.quantity ?? 0;
    await services
      .setCartLine(accessToken, productId, Math.min(own + quantity, QUANTITY_MAX))
      .catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
      });
  }
}

const LOST = 'Something in your cart is no longer sold and was taken out.';

/** A guest's cart. What is not there any more leaves the cookie too, or every page would go on counting it. */
async function keptCart(
  { cookies, servicesOf }: Site,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ readonly cart: Cart; readonly notice: string | undefined }> {
  const chosen = readGuestCart(cookies.read(request, 'cart'));
  const cart = await guestCart(servicesOf(request), chosen);
  if (cart.lines.length === chosen.length) return { cart, notice: undefined };
  cookies.write(reply, 'cart', writeGuestCart(cart.lines), GUEST_CART_S);
  return { cart, notice: LOST };
}

/** A guest's cart at the prices of now, as the cart service would show it. */
async function guestCart(services: Services, chosen: readonly GuestLine[]): Promise<Cart> {
  const found = await Promise.all(
    chosen.map(async (line) => ({ ...line, product: await productOf(services, line.productId) })),
  );
  const lines = found.flatMap(({ productId, quantity, product }) =>
    product ? [guestLine(product, productId, quantity)] : [],
  );
  const currencies = new Set(lines.map(({ unitPrice }) => unitPrice.currency));
  const totals = [...currencies].flatMap((currency) =>
    totalOf(lines.filter(({ unitPrice }) => unitPrice.currency === currency)),
  );
  const isOrderable = totals.length === 1 && currencies.size === 1 && lines.every((line) => line.isAvailable);
  return { lines, totals, isOrderable };
}

function guestLine({ name, price, isActive }: Product, productId: string, quantity: number) {
  const line = { productId, quantity, name, unitPrice: price, isAvailable: isActive };
  const [lineTotal] = totalOf([line]);
  return { ...line, ...(lineTotal ? { lineTotal } : {}) };
}

/** Of lines in one currency; none where a number does not hold it exactly. */
function totalOf(lines: readonly { readonly quantity: number; readonly unitPrice: Money }[]): Money[] {
  const amountMinor = exactTotalMinor(
    lines.map(({ quantity, unitPrice }) => ({ quantity, unitPriceMinor: unitPrice.amountMinor })),
  );
  return amountMinor === undefined ? [] : [{ amountMinor, currency: lines[0]!.unitPrice.currency }];
}

const productOf = (services: Services, productId: string) =>
  services.product(productId).catch((error: unknown) => {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  });
