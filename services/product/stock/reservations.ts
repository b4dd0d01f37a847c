// What orders have set aside, in Postgres. Each command is one transaction under the lock of the order's reservation and of its shelves.
import type { OrderPlaced } from '#contracts/orders.ts';
import { productService } from '#contracts/shop-processes.ts';
import { stockRejected, stockReserved } from '#contracts/shop-topics.ts';
import { type Client, createCommandHandler, type Step } from '#runtime/decisions.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import {
  type Command,
  type Decision,
  decide,
  evolve,
  mergeLines,
  type Reservation,
  type ReservationEvent,
  type ReservationLine,
  type ReservationState,
  type Reservations,
} from './domain.ts';
import { columnsOf, lockShelves, move } from './shelves.ts';

/** The reservations of the schema that the pool's connections look at first. */
export const createReservations = (pool: Pool): Reservations =>
  createCommandHandler<Reservation, Command, ReservationEvent, Decision>({
    pool,
    process: productService,
    decide,
    evolve,
    lock: lockReservation,
    async save(client, step) {
      await saveState(client, step);
      await saveEvent(client, step);
      return true;
    },
    repeated: { kind: 'ignored', why: 'repeated' },
  });

interface ReservationRow {
  readonly state: ReservationState;
  readonly user_id: string | null;
  readonly total_minor: number;
  readonly currency: string;
}

/** Other transactions about the same order wait here, also while it has no reservation yet. */
async function lockReservation(client: Client, orderId: string, command: Command): Promise<Reservation> {
  const { rows } = await client.query<ReservationRow>(
    `INSERT INTO reservation (order_id, state) VALUES ($1, 'unknown')
     ON CONFLICT (order_id) DO UPDATE SET order_id = excluded.order_id RETURNING state, user_id, total_minor, currency`,
    [orderId],
  );
  const { state, user_id: userId, total_minor: amountMinor, currency } = rows[0]!;
  const placed = userId === null ? undefined : { userId, total: { amountMinor, currency } };
  if (command.kind === 'reserve') {
    const { order } = command;
    const neverPriced = await findNeverPriced(client, order);
    const shelves = state === 'unknown' ? await lockShelves(client, mergeLines(order.lines)) : [];
    return { state, placed, lines: [], shelves, neverPriced };
  }
  const lines = state === 'open' ? await linesOf(client, orderId) : [];
  await lockShelves(client, lines);
  return { state, placed, lines, shelves: [] };
}

async function findNeverPriced(client: Client, { lines, total }: OrderPlaced): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    // A product that is not known is rejected by its missing shelf.
    `SELECT line.id FROM unnest($1::text[], $2::bigint[]) AS line (id, price)
     WHERE EXISTS (SELECT 1 FROM product_version v WHERE v.product_id = line.id AND v.version = 1)
     AND NOT EXISTS (SELECT 1 FROM product_version v
       WHERE v.product_id = line.id AND v.price_minor = line.price AND v.currency = $3)`,
    [lines.map(({ productId }) => productId), lines.map((line) => line.unitPriceMinor), total.currency],
  );
  return rows[0]?.id;
}

async function linesOf(client: Client, orderId: string): Promise<ReservationLine[]> {
  const { rows } = await client.query<{ product_id: string; quantity: number }>(
    'SELECT product_id, quantity FROM reservation_line WHERE order_id = $1',
    [orderId],
  );
  return rows.map(({ product_id: productId, quantity }) => ({ productId, quantity }));
}

const saveState = (client: Client, { id, after: { state, placed } }: Step<Reservation, ReservationEvent>) =>
  client.query(
    `UPDATE reservation SET state = $2, user_id = $3, total_minor = $4, currency = $5, changed_at = now()
     WHERE order_id = $1`,
    [id, state, placed?.userId, placed?.total.amountMinor, placed?.total.currency],
  );

async function saveEvent(
  client: Client,
  { id: orderId, event }: Step<Reservation, ReservationEvent>,
): Promise<void> {
  if (event.kind === 'rejected') {
    const { productId, reason } = event;
    const message = { key: orderId, id: `${orderId}/stock-rejected`, data: { orderId, productId, reason } };
    return publishEvent(stockRejected, client, productService, message);
  }
  await move(client, event.kind, event.lines);
  if (event.kind === 'reserved') {
    await client.query(
      `INSERT INTO reservation_line (order_id, product_id, quantity)
       SELECT $1, product_id, quantity FROM unnest($2::text[], $3::int[]) AS line (product_id, quantity)`,
      [orderId, ...columnsOf(event.lines, (quantity) => quantity)],
    );
    const message = { key: orderId, id: `${orderId}/stock-reserved`, data: { orderId } };
    return publishEvent(stockReserved, client, productService, message);
  }
  if (event.kind === 'sold')
    await client.query(
      `INSERT INTO stock_entry (product_id, delta, reason, cause)
       SELECT product_id, -quantity, 'sold', $1 FROM unnest($2::text[], $3::int[]) AS line (product_id, quantity)`,
      [`order/${orderId}`, ...columnsOf(event.lines, (quantity) => quantity)],
    );
}
