// Customers' orders over HTTP: place, look, cancel. Whose order it is decides what a caller sees; foreign ones do not exist.
import { z } from 'zod';
import { currency, money } from '#contracts/money.ts';
import { cancellationReason, orderId, orderLine } from '#contracts/orders.ts';
import { paymentId } from '#contracts/payments.ts';
import { userId } from '#contracts/users.ts';
import {
  type Answer,
  cursorPage,
  cursorTime,
  decodeCursor,
  Problem,
  pageOf,
  pageQuery,
  type Route,
  route,
} from '#runtime/http/api.ts';
import {
  ORDER_STATUSES,
  type Order,
  type OrderQuery,
  type OrderStore,
  type Placement,
  type Refusal,
} from './domain.ts';

const status = z.enum(ORDER_STATUSES);
// Postgres has no character 0 and no year 0: a caller who sends one gets a problem of the caller's, and no 500.
const visible = (lengthMax: number) => z.string().regex(new RegExp(`^[\\x21-\\x7e]{1,${lengthMax}}$`));
const wantedLine = orderLine.omit({ unitPriceMinor: true });

const placeOrderBody = z.object({
  lines: z.array(wantedLine).min(1).max(50),
  currency,
  expectedTotalMinor: z.int().nonnegative().optional(),
  paymentMethod: visible(128),
});

/** An order as its owner sees it. The payment method is no part of it. */
const orderView = z.object({
  orderId,
  userId,
  status,
  lines: z.array(orderLine),
  total: money,
  paymentId: paymentId.optional(),
  history: z.array(z.object({ status, at: z.iso.datetime(), reason: cancellationReason.optional() })),
});

const listQuery = pageQuery.extend({ status: status.optional() });
const cursorPosition = z.object({ placedAt: cursorTime, orderId: visible(64) });
const params = z.object({ orderId: visible(64) });

/** The order that a customer asks to place. */
export type PlaceOrder = z.infer<typeof placeOrderBody> & {
  readonly userId: string;
  readonly idempotencyKey: string;
};

/** What the endpoints need of the service. */
export interface OrderDesk {
  readonly orders: OrderStore;
  readonly place: (order: PlaceOrder) => Promise<Placement>;
}

/** What a caller can put right: the status and the sentence that go with it. */
const REFUSALS: Readonly<Record<Refusal, readonly [status: number, detail: string]>> = {
  'price-changed': [409, 'The total is another by now: show it to the customer and place the order anew.'],
  'unknown-product': [422, 'Products of the order are not known here.'],
  'inactive-product': [422, 'Products of the order are no longer sold.'],
  'duplicate-product': [422, 'Products of the order are in more than one line: add their quantities.'],
  'currency-mismatch': [422, 'Products of the order are not sold in its currency.'],
  'total-too-large': [422, 'The order is too large: split it.'],
  'idempotency-key-reused': [422, 'An earlier order was placed with this Idempotency-Key: take a new one.'],
};

function refusal({ why, facts }: Extract<Placement, { kind: 'refused' }>): Problem {
  const [status, detail] = REFUSALS[why];
  return new Problem(status, why, detail, facts);
}

/** All endpoints of the order service. */
export const orderRoutes = (desk: OrderDesk): Route[] =>
  [placement, ownOrders, oneOrder, cancellation, allOrders].map((describe) => describe(desk));

const placement = ({ place }: OrderDesk): Route =>
  route(
    {
      method: 'POST',
      url: '/orders',
      access: 'signed-in',
      summary: 'Places an order at the prices of now',
      body: placeOrderBody,
      answers: { 201: orderView },
      problems: [409, 422],
      isIdempotent: true,
    },
    async ({ body, caller, idempotencyKey }) => {
      const wish = { ...body, userId: caller.userId, idempotencyKey };
      const placement = await place(wish);
      if (placement.kind === 'refused') throw refusal(placement);
      const { order } = placement;
      return { ...answerOf(201, order), location: `/orders/${order.orderId}` };
    },
  );

const ownOrders = ({ orders }: OrderDesk): Route =>
  route(
    {
      method: 'GET',
      url: '/orders',
      access: 'signed-in',
      summary: 'The caller’s own orders, newest first',
      query: listQuery,
      answers: { 200: cursorPage(orderView) },
    },
    ({ query, caller }) => page(orders, { ...query, userId: caller.userId }),
  );

const oneOrder = ({ orders }: OrderDesk): Route =>
  route(
    {
      method: 'GET',
      url: '/orders/:orderId',
      access: 'owner',
      summary: 'One order, for its owner and for admins',
      params,
      answers: { 200: orderView },
      problems: [404],
    },
    async ({ params, caller }) => {
      const order = await orders.find(params.orderId);
      if (!order || (order.userId !== caller.userId && caller.role !== 'admin')) throw notFound();
      return answerOf(200, order);
    },
  );

const cancellation = ({ orders }: OrderDesk): Route =>
  route(
    {
      method: 'POST',
      url: '/orders/:orderId/cancellation',
      access: 'owner',
      summary: 'Cancels an order that is not confirmed yet; with If-Match only as it was read',
      params,
      answers: { 200: orderView },
      ifMatch: 'optional',
      problems: [404, 409],
      isIdempotent: true,
    },
    async ({ params: { orderId }, caller, ifMatch }) => {
      const found = await orders.find(orderId);
      if (found?.userId !== caller.userId) throw notFound();
      const command = { type: 'cancelByCustomer', at: new Date().toISOString() } as const;
      const { state: order } = await orders.handle(orderId, command, { versions: ifMatch });
      if (!order) throw notFound();
      if (order.status !== 'cancelled')
        throw new Problem(409, 'order-confirmed', 'The order is confirmed and can no longer be cancelled.');
      return answerOf(200, order);
    },
  );

const allOrders = ({ orders }: OrderDesk): Route =>
  route(
    {
      method: 'GET',
      url: '/admin/orders',
      access: 'admin',
      summary: 'Everybody’s orders, newest first',
      query: listQuery.extend({ userId: visible(64).optional() }),
      answers: { 200: cursorPage(orderView) },
    },
    ({ query }) => page(orders, query),
  );

type Page = z.output<typeof listQuery> & Pick<OrderQuery, 'userId'>;

async function page(orders: OrderStore, { limit, cursor, status, userId }: Page): Promise<Answer> {
  const after = decodeCursor(cursor, cursorPosition);
  // One more than asked for shows whether there is a next page.
  const found = await orders.list({ userId, status, after, countMax: limit + 1 });
  return { status: 200, body: pageOf(found, limit, positionOf, viewOf) };
}

const positionOf = ({ orderId, history }: Order) => ({ orderId, placedAt: history[0]?.at });

const answerOf = (status: number, order: Order): Answer => ({
  status,
  body: viewOf(order),
  version: order.history.length,
});

/** All but the payment method. */
const viewOf = ({ paymentMethod: _secret, ...view }: Order) => view;

const notFound = () => new Problem(404, 'order-not-found', 'There is no such order.');
