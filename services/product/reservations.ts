// What orders have set aside, in Postgres: events of orders in, shelves changed and an answer in the outbox, in one
// transaction. Once for each order, whatever comes twice or late.
import { type Event, encodeEvent } from '#contracts/envelope.ts';
import type { OrderPlaced } from '#contracts/orders.ts';
import { STOCK_REJECTED, STOCK_RESERVED } from '#contracts/products.ts';
import {
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  stockRejected,
  stockReserved,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { AppError } from '#runtime/errors.ts';
import { takeOnce } from '#runtime/inbox.ts';
import { saveToOutbox } from '#runtime/outbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres.ts';
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
    confirmed: (event) => once(orderConfirmed, event, (client) => confirm(client, event.data.orderId)),
    cancelled: (event) => once(orderCancelled, event, (client) => cancel(client, event.data.orderId)),
  };
}

async function place(client: PoolClient, schema: string, event: Event<OrderPlaced>): Promise<void> {
  const { orderId, lines } = event.data;
  const state = await lockState(client, orderId);
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
  await setState(client, orderId, decision.kind === 'reserve' ? 'open' : 'rejected');
  await answer(client, schema, event, decision);
}

async function confirm(client: PoolClient, orderId: string): Promise<void> {
  const state = await lockState(client, orderId);
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

async function cancel(client: PoolClient, orderId: string): Promise<void> {
  const state = await lockState(client, orderId);
  const decision = decideCancelled(state);
  if (decision === 'impossible') throw impossible(orderId, state, 'cancelled');
  if (decision === 'ignore') return;
  if (decision === 'release') await move(client, 'release', await linesOf(client, orderId));
  await setState(client, orderId, 'released');
}

const impossible = (orderId: string, state: ReservationState, told: string): AppError =>
  new AppError('reservation-impossible', `order ${orderId} is ${told}, and its reservation is ${state}`, {
    orderId,
    state,
  });

/** Whoever deals with the same order waits here, also for the first mention of it. */
async function lockState(client: PoolClient, orderId: string): Promise<ReservationState> {
  const { rows } = await client.query<{ state: ReservationState }>(
    `INSERT INTO reservation (order_id, state) VALUES ($1, 'unknown')
     ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id RETURNING state`,
    [orderId],
  );
  return rows[0]!.state;
}

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
    ...(event.traceparent ? { traceparent: event.traceparent } : {}),
  };
  if (decision.kind === 'reserve') {
    const told = { ...common, id: `${orderId}/stock-reserved`, data: { orderId } };
    return saveToOutbox(client, schema, stockReserved, encodeEvent(STOCK_RESERVED, orderId, told));
  }
  const { productId, reason } = decision;
  const told = { ...common, id: `${orderId}/stock-rejected`, data: { orderId, productId, reason } };
  return saveToOutbox(client, schema, stockRejected, encodeEvent(STOCK_REJECTED, orderId, told));
}
