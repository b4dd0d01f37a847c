// Orders as rows of Postgres, and their events as records of the outbox. What reads to change locks the row until its
// transaction ends; what only reads never sees a payment method.
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import { ORDER_CANCELLED, ORDER_CONFIRMED, ORDER_PLACED } from '#contracts/orders.ts';
import { PAYMENT_REQUESTED } from '#contracts/payments.ts';
import { orderCancelled, orderConfirmed, orderPlaced, paymentRequested } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { AppError } from '#runtime/errors.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import type { Pool, PoolClient } from '#runtime/postgres/database.ts';
import type { Order, OrderEvent, OrderQuery } from './domain.ts';

interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly status: Order['status'];
  readonly lines: Order['lines'];
  readonly currency: string;
  readonly total_minor: number;
  readonly payment_method?: string | null;
  readonly payment_id: string | null;
  readonly history: Order['history'];
}

const READ =
  'SELECT order_id, user_id, status, lines, currency, total_minor, payment_id, history FROM orders';
const READ_TO_CHANGE = READ.replace(' FROM', ', payment_method FROM');

function orderOf(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    userId: row.user_id,
    lines: row.lines,
    total: { amountMinor: row.total_minor, currency: row.currency },
    status: row.status,
    history: row.history,
    ...(row.payment_method ? { paymentMethod: row.payment_method } : {}),
    ...(row.payment_id ? { paymentId: row.payment_id } : {}),
  };
}

/** The order, or undefined. */
export async function findOrder(pool: Pool, orderId: string): Promise<Order | undefined> {
  const { rows } = await pool.query<OrderRow>(`${READ} WHERE order_id = $1`, [orderId]);
  return rows[0] && orderOf(rows[0]);
}

/** Newest first. */
export async function listOrders(
  pool: Pool,
  { userId, status, after, countMax }: OrderQuery,
): Promise<Order[]> {
  const { rows } = await pool.query<OrderRow>(
    `${READ} WHERE ($1::text IS NULL OR user_id = $1) AND ($2::text IS NULL OR status = $2)
       AND ($3::timestamptz IS NULL OR (placed_at, order_id) < ($3, $4))
     ORDER BY placed_at DESC, order_id DESC LIMIT $5`,
    [userId, status, after?.placedAt, after?.orderId, countMax],
  );
  return rows.map(orderOf);
}

/** The order as the last transaction left it; nobody else changes it before this one ends. */
export async function lockOrder(client: PoolClient, orderId: string): Promise<Order | undefined> {
  const { rows } = await client.query<OrderRow>(`${READ_TO_CHANGE} WHERE order_id = $1 FOR UPDATE`, [
    orderId,
  ]);
  return rows[0] && orderOf(rows[0]);
}

/**
 * Locks open orders that were placed before a time, oldest first. One that is locked already is being paid or cancelled right
 * now: it is left out, and whatever becomes of it, the next look sees it.
 */
export async function lockOverdueOrders(
  client: PoolClient,
  placedBefore: string,
  countMax: number,
): Promise<Order[]> {
  const { rows } = await client.query<OrderRow>(
    `${READ_TO_CHANGE} WHERE status IN ('placed', 'reserved') AND placed_at < $1
     ORDER BY placed_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [placedBefore, countMax],
  );
  return rows.map(orderOf);
}

/** False when there is an order of that id by now. */
export async function insertOrder(client: PoolClient, order: Order): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO orders (order_id, user_id, status, lines, currency, total_minor, payment_method, history, version, placed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
    [
      order.orderId,
      order.userId,
      order.status,
      JSON.stringify(order.lines),
      order.total.currency,
      order.total.amountMinor,
      order.paymentMethod,
      JSON.stringify(order.history),
      order.history.length,
      order.history[0]?.at,
    ],
  );
  return rowCount === 1;
}

/** @throws AppError `order-not-locked` when the row is not the one that this order came from. */
export async function updateOrder(client: PoolClient, order: Order): Promise<void> {
  const { orderId, status, paymentMethod, paymentId, history } = order;
  const { rowCount } = await client.query(
    `UPDATE orders SET status = $2, payment_method = $3, payment_id = $4, history = $5, version = $6
     WHERE order_id = $1 AND version = $6 - 1`,
    [orderId, status, paymentMethod, paymentId, JSON.stringify(history), history.length],
  );
  if (rowCount !== 1)
    throw new AppError('order-not-locked', 'an order was changed without its lock', { orderId });
}

/**
 * Puts the event into the outbox. Its id is made of the order and the kind, since each happens once to an order. The caller
 * has written or locked the order's row, so that events leave in the order in which they happened.
 */
export async function saveEvent(client: PoolClient, schema: string, event: OrderEvent): Promise<void> {
  const { topic, record } = recordOf(event);
  await saveToOutbox(client, schema, topic, record);
}

function recordOf(event: OrderEvent): { topic: Topic<unknown>; record: EncodedRecord } {
  const { orderId } = event.data;
  const about = (kind: string) => ({
    id: `${orderId}/${kind}`,
    source: '/services/order',
    time: event.at,
  });
  switch (event.type) {
    case 'placed':
      return {
        topic: orderPlaced,
        record: encodeEvent(ORDER_PLACED, orderId, { ...about('placed'), data: event.data }),
      };
    case 'paymentRequested':
      return {
        topic: paymentRequested,
        record: encodeEvent(PAYMENT_REQUESTED, orderId, { ...about('payment-requested'), data: event.data }),
      };
    case 'confirmed':
      return {
        topic: orderConfirmed,
        record: encodeEvent(ORDER_CONFIRMED, orderId, { ...about('confirmed'), data: event.data }),
      };
    case 'cancelled':
      return {
        topic: orderCancelled,
        record: encodeEvent(ORDER_CANCELLED, orderId, { ...about('cancelled'), data: event.data }),
      };
  }
}
