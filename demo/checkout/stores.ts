// The rows that an order has left in the schemas of the services.
import type pg from 'pg';

/** `$1` is the order, `$2` the customer. */
const QUERIES: readonly (readonly [what: string, sql: string])[] = [
  ['order', `SELECT status, version, total_minor, currency FROM "order".orders WHERE order_id = $1`],
  ['payment', 'SELECT status, amount_minor, currency FROM payment.payment WHERE order_id = $1'],
  [
    'ledger',
    `SELECT kind, account, amount_minor FROM payment.ledger_entry
     WHERE payment_id = (SELECT payment_id FROM payment.payment WHERE order_id = $1) ORDER BY id`,
  ],
  ['reservation', 'SELECT state FROM product.reservation WHERE order_id = $1'],
  [
    'stock',
    `SELECT product_id, on_hand, reserved FROM product.stock
     WHERE product_id IN (SELECT product_id FROM product.reservation_line WHERE order_id = $1)`,
  ],
  [
    'notifications',
    `SELECT facts->>'template' AS template, state FROM notification.notification WHERE user_id = $2 ORDER BY created_at`,
  ],
];

/** A line for each row. */
export async function tellStores(database: pg.Client, orderId: string, userId: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [what, sql] of QUERIES) {
    const values = [orderId, userId].filter((_value, at) => sql.includes(`$${at + 1}`));
    const { rows } = await database.query(values.length === 1 ? sql.replace('$2', '$1') : sql, values);
    for (const row of rows) lines.push(`${what.padEnd(14)} ${JSON.stringify(row)}`);
  }
  return lines;
}
