// What orders have set aside, in Postgres: events of orders in, shelves changed and an answer in the outbox, in one
// transaction. Once for each order, whatever comes twice or late. What contradicts the catalogue's own prices, or what was told when
// the order was placed, is refused.
import { type Event, encodeEvent } from '#contracts/envelope.ts';
import { isSameMoney, type Money } from '#contracts/money.ts';
import { isTotalOfLines, type OrderPlaced } from '#contracts/orders.ts';
import { STOCK_REJECTED, STOCK_RESERVED } from '#contracts/products.ts';
import {
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  stockRejected,
  stockReserved,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import { takeOnce } from '#runtime/outbox/inbox.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { Reservations } from './domain.ts';
import {
  decideCancelled,
  decideConfirmed,
  decidePlaced,
  mergeLines,
  type PlacedDecision,
  type ReservationLine,
  type ReservationState,
} from './plan.ts';
import { columnsOf, lockShelves, move } from './shelves.ts';

/** The reservations of a schema; the pool's connections look there first. */
export function createReservations(pool: Pool, schema: string): Reservations {
  const once = <Data>(
    topic: Topic<Data>,
    event: Event<Data>,
    work: (client: PoolClient) => Promise<void>,
  ): Promise<void> =>
    inTransaction(pool, async (client) => {
      if (await takeOnce(client, schema, `product-${topic.name}`, event.id)) await work(client);
    });
  return {
    placed: (event) => once(orderPlaced, event, (client) => place(client, schema, event)),
    confirmed: (event) => once(orderConfirmed, event, (client) => confirm(client, event.data)),
    cancelled: (event) => once(orderCancelled, event, (client) => cancel(client, event.data)),
  };
}

async function place(client: PoolClient, schema: string, event: Event<OrderPlaced>): Promise<void> {
  const { orderId, lines } = event.data;
  await assertPossible(client, event.data);
  const { state, placed } = await lockReservation(client, orderId);
  assertSameOrder(placed, event.data);
  const merged = mergeLines(lines);
  const shelves = state === 'unknown' ? await lockShelves(client, merged) : [];
  const decision = decidePlaced(state, merged, shelves);
  if (decision.kind === 'ignore') return;
  if (decision.kind === 'reserve') {
    await client.query(
      `INSERT INTO reservation_line (order_id, product_id, quantity)
       SELECT $1, product_id, quantity FROM unnest($2::text[], $3::int[]) AS line (product_id, quantity)`,
      [orderId, ...columnsOf(decision.lines, (quantity) => quantity)],
    );
    await move(client, 'reserve', decision.lines);
  }
  await remember(client, event.data, decision.kind === 'reserve' ? 'open' : 'rejected');
  await answer(client, schema, event, decision);
}

/** An order as its events tell of it. */
interface OrderTold {
  readonly orderId: string;
  readonly userId: string;
  readonly total: Money;
}

async function confirm(client: PoolClient, told: OrderTold): Promise<void> {
  const { orderId } = told;
  const { state, placed } = await lockReservation(client, orderId);
  assertSameOrder(placed, told);
  const decision = decideConfirmed(state);
  if (decision === 'impossible') throw impossible(orderId, state, 'confirmed');
  if (decision === 'ignore') return;
  const lines = await linesOf(client, orderId);
  await move(client, 'sell', lines);
  await client.query(
    `INSERT INTO stock_entry (product_id, delta, reason, cause)
     SELECT product_id, -quantity, 'sold', $1 FROM unnest($2::text[], $3::int[]) AS line (product_id, quantity)`,
    [`order/${orderId}`, ...columnsOf(lines, (quantity) => quantity)],
  );
  await setState(client, orderId, 'final');
}

async function cancel(client: PoolClient, told: OrderTold): Promise<void> {
  const { orderId } = told;
  const { state, placed } = await lockReservation(client, orderId);
  assertSameOrder(placed, told);
  const decision = decideCancelled(state);
  if (decision === 'impossible') throw impossible(orderId, state, 'cancelled');
  if (decision === 'ignore') return;
  if (decision === 'release') await move(client, 'release', await linesOf(client, orderId));
  await setState(client, orderId, 'released');
}

/** No order is over another sum than its lines', or at a price that a product never had. */
async function assertPossible(client: PoolClient, order: OrderPlaced): Promise<void> {
  const { orderId, lines, total } = order;
  if (!isTotalOfLines(order))
    throw new RefusedEvent('order-total-is-not-its-lines', `order ${orderId}`, { orderId });
  const { rows } = await client.query<{ id: string }>(
    // Of products that are not known the answer tells.
    `SELECT line.id FROM unnest($1::text[], $2::bigint[]) AS line (id, price)
     WHERE EXISTS (SELECT 1 FROM product_version v WHERE v.product_id = line.id AND v.version = 1)
     AND NOT EXISTS (SELECT 1 FROM product_version v
       WHERE v.product_id = line.id AND v.price_minor = line.price AND v.currency = $3)`,
    [lines.map(({ productId }) => productId), lines.map((line) => line.unitPriceMinor), total.currency],
  );
  if (rows[0])
    throw new RefusedEvent('price-never-was', `order ${orderId}, product ${rows[0].id}`, { orderId });
}

function assertSameOrder(placed: Omit<OrderTold, 'orderId'> | undefined, told: OrderTold): void {
  if (!placed || (placed.userId === told.userId && isSameMoney(placed.total, told.total))) return;
  const { orderId } = told;
  throw new RefusedEvent('order-contradicts-earlier-one', `order ${orderId}: another customer or total`, {
    orderId,
  });
}

const impossible = (orderId: string, state: ReservationState, told: string): RefusedEvent =>
  new RefusedEvent('reservation-impossible', `order ${orderId} is ${told}, and its reservation is ${state}`, {
    orderId,
    state,
  });

interface Reservation {
  readonly state: ReservationState;
  /** As it was placed; undefined when it was not yet, or before we kept that. */
  readonly placed?: Omit<OrderTold, 'orderId'> | undefined;
}

/** Whoever deals with the same order waits here, also for the first mention of it. */
async function lockReservation(client: PoolClient, orderId: string): Promise<Reservation> {
  const { rows } = await client.query<{
    state: ReservationState;
    user_id: string | null;
    total_minor: number;
    currency: string;
  }>(
    `INSERT INTO reservation (order_id, state) VALUES ($1, 'unknown')
     ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id RETURNING state, user_id, total_minor, currency`,
    [orderId],
  );
  const { state, user_id: userId, total_minor: amountMinor, currency } = rows[0]!;
  return { state, placed: userId === null ? undefined : { userId, total: { amountMinor, currency } } };
}

const remember = (client: PoolClient, { orderId, userId, total }: OrderTold, state: ReservationState) =>
  client.query(
    `UPDATE reservation SET user_id = $2, total_minor = $3, currency = $4, state = $5, changed_at = now()
     WHERE order_id = $1`,
    [orderId, userId, total.amountMinor, total.currency, state],
  );

const setState = (client: PoolClient, orderId: string, state: ReservationState) =>
  client.query('UPDATE reservation SET state = $2, changed_at = now() WHERE order_id = $1', [orderId, state]);

async function linesOf(client: PoolClient, orderId: string): Promise<ReservationLine[]> {
  const { rows } = await client.query<{ product_id: string; quantity: number }>(
    'SELECT product_id, quantity FROM reservation_line WHERE order_id = $1',
    [orderId],
  );
  const lines = rows.map(({ product_id: productId, quantity }) => ({ productId, quantity }));
  await lockShelves(client, lines);
  return lines;
}

async function answer(
  client: PoolClient,
  schema: string,
  event: Event<OrderPlaced>,
  decision: Exclude<PlacedDecision, { kind: 'ignore' }>,
): Promise<void> {
  const { orderId } = event.data;
  const common = {
    source: '/services/product',
    time: new Date().toISOString(),
  };
  if (decision.kind === 'reserve') {
    const told = { ...common, id: `${orderId}/stock-reserved`, data: { orderId } };
    return saveToOutbox(client, schema, stockReserved, encodeEvent(STOCK_RESERVED, orderId, told));
  }
  const { productId, reason } = decision;
  const told = { ...common, id: `${orderId}/stock-rejected`, data: { orderId, productId, reason } };
  return saveToOutbox(client, schema, stockRejected, encodeEvent(STOCK_REJECTED, orderId, told));
}
