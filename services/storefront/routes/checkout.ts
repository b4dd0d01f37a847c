// The checkout: the cart as it would be ordered, the means of payment, and the order, placed once however often its form is sent.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Money } from '#contracts/money.ts';
import type { Cart, CartVersion, Product } from '../bff/answers.ts';
import { type CheckoutForm, checkoutFormOf, keyFor, readCheckoutForm, wishOf } from '../bff/checkout-form.ts';
import { methodFault, paymentFormOf, STRIPE_SOURCES } from '../bff/payment-form.ts';
import { Refused } from '../bff/refused.ts';
import { keyAfter, untilAnswered } from '../bff/repeats.ts';
import { SERVICE_AWAY, type Services } from '../bff/services.ts';
import { signInUrl } from '../bff/sign-in-return.ts';
import type { CheckoutLine, Faults } from '../pages/props.ts';
import { contentPolicy, type Site, sendPage } from '../site.ts';

/** A cart is a day's business at most; after that a new key does no harm. */
const KEY_S = 86_400;

/** What the page shows beside the cart. */
interface Shown {
  readonly status?: number;
  readonly faults?: Faults;
  /** What the order service would ask for, where it knows newer prices than the cart. */
  readonly total?: Money | undefined;
  /** After a refusal. */
  readonly key?: string;
}

export function useCheckout(app: FastifyInstance, site: Site): void {
  const payment = paymentFormOf(site.config);
  app.get('/checkout', async (request, reply) => {
    const token = await site.sessions.accessToken(request, reply);
    if (!token) return reply.redirect(signInUrl(request.url), 303);
    return showCheckout(site, request, reply, token, {});
  });
  app.post('/checkout', async (request, reply) => {
    const token = await site.sessions.accessToken(request, reply);
    if (!token) {
      site.cookies.write(reply, 'notice', 'checkout-over');
      return reply.redirect(signInUrl(request.url), 303);
    }
    const form = readCheckoutForm(request.body);
    if (!form) {
      const faults = {
        form: 'That was not the form of this page: please look at your order and send it again.',
      };
      return showCheckout(site, request, reply, token, { status: 422, faults });
    }
    const fault = methodFault(payment, form.method);
    if (fault) {
      const faults = { method: fault };
      return showCheckout(site, request, reply, token, { status: 422, faults });
    }
    return place(site, request, reply, token, form);
  });
}

async function place(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  form: CheckoutForm & { readonly method: string },
): Promise<FastifyReply> {
  let orderId: string;
  try {
    const services = site.servicesOf(request);
    ({ orderId } = await untilAnswered(() =>
      services.placeOrder(token, form.key, wishOf(form, form.method)),
    ));
  } catch (error) {
    if (isUnsure(error))
      return sendPage(
        reply,
        site.pages.checkoutUnsure({ frame: site.frameOffline(request), form, method: form.method }),
        503,
      );
    if (!(error instanceof Refused) || error.status === 401 || error.status === 429) throw error;
    if (error.code === 'idempotency-key-reused') {
      site.cookies.write(reply, 'notice', 'order-sent');
      return reply.redirect('/orders', 303);
    }
    const shown = {
      status: error.status,
      faults: { form: wordsOf(error) },
      total: error.total,
      key: keyAfter(form.key),
    };
    return showCheckout(site, request, reply, token, shown);
  }
  return reply.redirect(`/orders/${orderId}`, 303);
}

/** Whether an order may have been placed all the same. */
const isUnsure = (error: unknown): boolean =>
  ['request-in-progress', SERVICE_AWAY].includes(String((error as { code?: unknown }).code));

const WORDS: ReadonlyMap<string, string> = new Map([
  [
    'price-changed',
    'Prices have changed since you looked. Nothing is ordered yet: please look at the new total.',
  ],
  [
    'unknown-product',
    'Something in your cart cannot be ordered yet. Nothing is ordered: please try again soon.',
  ],
  ['inactive-product', 'Something in your cart is no longer sold. Nothing is ordered: please take it out.'],
  ['currency-mismatch', 'Your cart has prices in several currencies: please order them one after the other.'],
]);
const wordsOf = ({ code, message }: Refused): string => WORDS.get(code) ?? message;

async function showCheckout(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  { status = 200, faults = {}, total, key: given }: Shown,
): Promise<FastifyReply> {
  const services = site.servicesOf(request);
  const known = await services.cartVersion(token);
  const key = keyOf(site, request, reply, known, given);
  const [frame, lines] = await Promise.all([
    site.frame(request, reply, token),
    checkoutLines(services, known.cart),
  ]);
  const form = lines.some(({ fault }) => fault) ? undefined : checkoutFormOf(known.cart, key);
  const payment = paymentFormOf(site.config);
  // The page of real cards alone lets Stripe's script in.
  if (payment?.kind === 'card-fields')
    reply.header('content-security-policy', contentPolicy(site.config.IMAGES_ORIGIN, STRIPE_SOURCES));
  const isNewer = total !== undefined && total.currency === form?.currency;
  const page = site.pages.checkout({
    frame,
    lines,
    form: form && isNewer ? { ...form, total: String(total.amountMinor) } : form,
    total: isNewer ? total : known.cart.totals[0],
    payment,
    faults,
  });
  return sendPage(reply, page, status);
}

function keyOf(
  { cookies }: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  known: CartVersion,
  given: string | undefined,
): string {
  const { key, cookie } = given
    ? { key: given, cookie: `${given}.${known.version}` }
    : keyFor(cookies.read(request, 'checkout'), known);
  cookies.write(reply, 'checkout', cookie, KEY_S);
  return key;
}

/** The lines of the cart, each with what is in the way of its order. */
const checkoutLines = (services: Services, { lines }: Cart): Promise<CheckoutLine[]> =>
  Promise.all(
    lines.map(async (line) => {
      // The order's own step sets stock aside; a page that does not know it is still worth showing.
      const product = line.isAvailable
        ? await services.product(line.productId).catch(() => undefined)
        : undefined;
      return { ...line, priceWhenAdded: line.priceChangedSince, fault: faultOf(line, product) };
    }),
  );

function faultOf({ isAvailable, quantity }: Cart['lines'][number], product?: Product): string | undefined {
  if (!isAvailable) return 'No longer sold: please take it out of your cart.';
  if (!product || product.availableCount >= quantity) return undefined;
  return product.availableCount === 0
    ? 'Sold out by now: please take it out of your cart.'
    : `Only ${product.availableCount} left: please take fewer.`;
}
