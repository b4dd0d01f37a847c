// Orders in Postgres. Each command is one transaction under the lock of its order's row; what only reads never sees a payment method.
import { orderService } from '#contracts/shop-processes.ts';
import { orderCancelled, orderConfirmed, orderPlaced, paymentRequested } from '#contracts/shop-topics.ts';
import { type Client, createCommandHandler } from '#runtime/decisions.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import {
  type Command,
  type Decision,
  decide,
  evolve,
  type Order,
  type OrderEvent,
  type OrderQuery,
  type OrderStore,
} from './domain.ts';

/** Called with each decision when its transaction has ended, and with the order as it is then. */
export type OnDecision = (type: Command['type'], decision: Decision, order: Order | undefined) => void;

/** The orders of the schema that the pool's connections look at first. */
export function createOrderStore(pool: Pool, onDecision: OnDecision): OrderStore {
  const commands = createCommandHandler<Order | undefined, Command, OrderEvent, Decision>({
    pool,
    process: orderService,
    decide,
    evolve,
    lock: lockOrder,
    async save(client, { before, event, after }) {
      const isSaved = before ? await updateOrder(client, after!) : await insertOrder(client, after!);
      if (isSaved) await publish(client, event);
      return isSaved;
    },
    repeated: { kind: 'ignored', why: 'duplicate' },
    versionOf: (order) => order?.history.length,
    isRepeatable: true,
  });
  return {
    find: (orderId) => findOrder(pool, orderId),
    list: (query) => listOrders(pool, query),
    async handle(orderId, command, circumstances) {
      const decided = await commands.handle(orderId, command, circumstances);
      onDecision(command.type, decided.decision, decided.state);
      return decided;
    },
    async expire(placedBefore, at, countMax) {
      const expired = await inTransaction(pool, async (client) => {
        const overdue = await lockOverdueOrders(client, placedBefore, countMax);
        const decided = [];
        for (const order of overdue)
          decided.push(await commands.handleLocked(client, order.orderId, order, { type: 'expire', at }));
        return decided;
      });
      for (const { decision, state } of expired) onDecision('expire', decision, state);
      return expired.length;
    },
  };
}

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

async function findOrder(client: Client, orderId: string): Promise<Order | undefined> {
  const { rows } = await client.query<OrderRow>(`${READ} WHERE order_id = $1`, [orderId]);
  return rows[0] && orderOf(rows[0]);
}

/** Newest first. */
async function listOrders(client: Client, { userId, status, after, countMax }: OrderQuery): Promise<Order[]> {
  const { rows } = await client.query<OrderRow>(
    `${READ} WHERE ($1::text IS NULL OR user_id = $1) AND ($2::text IS NULL OR status = $2)
       AND ($3::timestamptz IS NULL OR (placed_at, order_id) < ($3, $4))
     ORDER BY placed_at DESC, order_id DESC LIMIT $5`,
    [userId, status, after?.placedAt, after?.orderId, countMax],
  );
  return rows.map(orderOf);
}

/** The order as the last transaction left it; no other transaction changes it before this one ends. */
async function lockOrder(client: Client, orderId: string): Promise<Order | undefined> {
  const { rows } = await client.query<OrderRow>(`${READ_TO_CHANGE} WHERE order_id = $1 FOR UPDATE`, [
    orderId,
  ]);
  return rows[0] && orderOf(rows[0]);
}

/**
 * Locks open orders that were placed before a time, oldest first. One that is locked already is being paid or cancelled right
 * now: it is left out, and whatever becomes of it, the next look sees it.
 */
async function lockOverdueOrders(client: Client, placedBefore: string, countMax: number): Promise<Order[]> {
  const { rows } = await client.query<OrderRow>(
    `${READ_TO_CHANGE} WHERE status IN ('placed', 'reserved') AND placed_at < $1
     ORDER BY placed_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [placedBefore, countMax],
  );
  return rows.map(orderOf);
}

/** False when there is an order of that id by now. */
async function insertOrder(client: Client, order: Order): Promise<boolean> {
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

/** False when the row is not the one that this order came from. */
async function updateOrder(client: Client, order: Order): Promise<boolean> {
  const { orderId, status, paymentMethod, paymentId, history } = order;
  const { rowCount } = await client.query(
    `UPDATE orders SET status = $2, payment_method = $3, payment_id = $4, history = $5, version = $6
     WHERE order_id = $1 AND version = $6 - 1`,
    [orderId, status, paymentMethod, paymentId, JSON.stringify(history), history.length],
  );
  return rowCount === 1;
}

/** An event's id is made of the order and the kind, since each kind happens once to an order. */
function publish(client: Client, { type, at: time, data }: OrderEvent): Promise<void> {
  const { orderId: key } = data;
  switch (type) {
    case 'placed':
      return publishEvent(orderPlaced, client, orderService, { key, id: `${key}/placed`, time, data });
    case 'paymentRequested':
      return publishEvent(paymentRequested, client, orderService, {
        key,
        id: `${key}/payment-requested`,
        time,
        data,
      });
    case 'confirmed':
      return publishEvent(orderConfirmed, client, orderService, { key, id: `${key}/confirmed`, time, data });
    case 'cancelled':
      return publishEvent(orderCancelled, client, orderService, { key, id: `${key}/cancelled`, time, data });
  }
}
