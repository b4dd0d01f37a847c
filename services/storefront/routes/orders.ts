// A customer's orders: the list, one order, its cancellation, and its products once more. Of other people's orders there are none.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { exactTotalMinor } from '#contracts/money.ts';
import type { Order, Payment } from '../bff/answers.ts';
import { notFound, Refused } from '../bff/refused.ts';
import type { Services } from '../bff/services.ts';
import { signInUrl } from '../bff/sign-in-return.ts';
import type { OrderLineShown } from '../pages/props.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../site.ts';

const PAGE_SIZE = 10;
const query = z.object({ cursor: z.string().min(1).max(512).optional().catch(undefined) });
const params = z.object({ orderId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

/** @throws Refused 404 for what no order is called */
export function orderIdOf(request: FastifyRequest): string {
  const found = params.safeParse(request.params);
  if (!found.success) throw notFound();
  return found.data.orderId;
}

/** Its payment, once it was asked for; a page is worth showing without it. */
export const paymentOf = (services: Services, token: string, order: Order): Promise<Payment | undefined> =>
  order.history.some(({ status }) => status === 'reserved')
    ? services.payment(token, order.orderId).catch(() => undefined)
    : Promise.resolve(undefined);

export const hasEnded = ({ status }: Order): boolean => status === 'confirmed' || status === 'cancelled';

/** Names what the customer would see of an order: where it is the same, nothing has changed. */
export const markOf = ({ history }: Order, payment: Payment | undefined): string =>
  `${history.length}-${payment?.status ?? 'none'}`;

type Visit = (request: FastifyRequest, reply: FastifyReply, token: string) => Promise<FastifyReply>;

export function useOrders(app: FastifyInstance, site: Site): void {
  const signedIn = (visit: Visit) => async (request: FastifyRequest, reply: FastifyReply) => {
    const token = await site.sessions.accessToken(request, reply);
    return token ? visit(request, reply, token) : reply.redirect(signInUrl(request.url), 303);
  };
  app.get('/orders', signedIn(listVisit(site)));
  app.get('/orders/:orderId', signedIn(orderVisit(site)));
  app.post('/orders/:orderId/cancel', signedIn(cancelVisit(site)));
  app.post('/orders/:orderId/again', signedIn(againVisit(site)));
}

const listVisit =
  (site: Site): Visit =>
  async (request, reply, token) => {
    const { cursor } = query.parse(request.query);
    const [frame, { items, next }] = await Promise.all([
      site.frame(request, reply, token),
      site.servicesOf(request).orders(token, PAGE_SIZE, cursor),
    ]);
    const nextUrl = next && `/orders?${new URLSearchParams({ cursor: next }).toString()}`;
    return sendPage(reply, site.pages.orders({ frame, orders: items, nextUrl, isLater: Boolean(cursor) }));
  };

const orderVisit =
  (site: Site): Visit =>
  async (request, reply, token) => {
    const services = site.servicesOf(request);
    const order = await services.order(token, orderIdOf(request));
    const [frame, payment, lines, maySeeJourney] = await Promise.all([
      site.frame(request, reply, token),
      paymentOf(services, token, order),
      namedLines(services, order),
      mayWatchPlatform(site, services, token),
    ]);
    const streamUrl = hasEnded(order)
      ? undefined
      : `/orders/${order.orderId}/events?seen=${markOf(order, payment)}`;
    return sendPage(
      reply,
      site.pages.order({
        frame,
        order,
        payment,
        lines,
        locale: frame.locale,
        streamUrl,
        journeyUrl: maySeeJourney ? `${PLATFORM_PATH}/orders/${order.orderId}` : undefined,
      }),
    );
  };

/** As far as is known: a page is worth showing without the link. */
async function mayWatchPlatform({ config }: Site, services: Services, token: string): Promise<boolean> {
  if (!config.CONSOLE_URL) return false;
  if (config.PLATFORM_FOR === 'anyone') return true;
  return services.profile(token).then(
    ({ role }) => role === 'admin',
    () => false,
  );
}

const cancelVisit =
  (site: Site): Visit =>
  async (request, reply, token) => {
    const id = orderIdOf(request);
    try {
      await site.servicesOf(request).cancelOrder(token, id);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
      const isConfirmed = error.code === 'order-confirmed';
      site.cookies.write(reply, 'notice', isConfirmed ? 'order-confirmed' : 'order-busy');
    }
    return reply.redirect(`/orders/${id}`, 303);
  };

/** Sent twice it comes to the same cart. */
const againVisit =
  (site: Site): Visit =>
  async (request, reply, token) => {
    const services = site.servicesOf(request);
    const [order, cart] = await Promise.all([
      services.order(token, orderIdOf(request)),
      services.cart(token),
    ]);
    for (const { productId, quantity } of order.lines) {
      const present = cart.lines.find((line) => line.productId === productId)?.quantity ?? 0;
      if (present >= quantity) continue;
      await services.setCartLine(token, productId, quantity).catch((error: unknown) => {
        // What is no longer sold stays out.
        if (!(error instanceof Refused) || error.status !== 422) throw error;
      });
    }
    site.cookies.write(reply, 'notice', 'back-in-cart');
    return reply.redirect('/cart', 303);
  };

const namedLines = (services: Services, { lines, total }: Order): Promise<OrderLineShown[]> =>
  Promise.all(
    lines.map(async (line) => {
      const amountMinor = exactTotalMinor([line]);
      return {
        productId: line.productId,
        quantity: line.quantity,
        name: await services.product(line.productId).then(
          ({ name }) => name,
          () => line.productId,
        ),
        total: amountMinor === undefined ? undefined : { amountMinor, currency: total.currency },
      };
    }),
  );
