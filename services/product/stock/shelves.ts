// The stock of the products, in Postgres: every transaction locks rows in the same order, so there is no deadlock, and changes them in one
// statement.
import type { Client } from '#runtime/decisions.ts';
import { type Movement, type ReservationLine, type Shelf, stockChange } from './domain.ts';

/** The stock of these lines' products, locked until the transaction ends; unknown products have none. */
export async function lockShelves(client: Client, lines: readonly ReservationLine[]): Promise<Shelf[]> {
  const { rows } = await client.query<{ id: string; active: boolean; on_hand: number; reserved: number }>(
    // Locks are taken in the order of the sort, which stands below them in the plan.
    `SELECT product_id AS id, is_active AS active, on_hand, reserved FROM stock JOIN product USING (product_id)
     WHERE product_id = ANY($1) ORDER BY product_id FOR UPDATE OF stock`,
    [lines.map(({ productId }) => productId)],
  );
  return rows.map(({ id, active, on_hand: onHand, reserved }) => ({
    productId: id,
    isActive: active,
    onHand,
    reserved,
  }));
}

/** The shelves must be locked already. Postgres refuses what would make a number negative, whatever was decided. */
export async function move(
  client: Client,
  movement: Movement,
  lines: readonly ReservationLine[],
): Promise<void> {
  const [ids, onHand] = columnsOf(lines, (quantity) => stockChange(movement, quantity).onHand);
  const [, reserved] = columnsOf(lines, (quantity) => stockChange(movement, quantity).reserved);
  await client.query(
    `UPDATE stock SET on_hand = stock.on_hand + line.on_hand, reserved = stock.reserved + line.reserved
     FROM unnest($1::text[], $2::int[], $3::int[]) AS line (product_id, on_hand, reserved)
     WHERE stock.product_id = line.product_id`,
    [ids, onHand, reserved],
  );
}

/** Lines as two columns, for `unnest`. */
export const columnsOf = (
  lines: readonly ReservationLine[],
  numberOf: (quantity: number) => number,
): [string[], number[]] => [
  lines.map(({ productId }) => productId),
  lines.map(({ quantity }) => numberOf(quantity)),
];
