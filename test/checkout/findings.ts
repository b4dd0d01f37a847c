// The shop after a run, and what its customers were told, in; everything that does not fit out. An empty list is a good shop.
import { orderCancelled, orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { readTopic } from '../topic-reader.ts';
import type { Told } from './customers.ts';
import { FORGED_SOURCE } from './forging.ts';
import { askUntilAnswered } from './http.ts';
import type { Shop } from './shop.ts';

/** Customers who do not find exactly the order that they were told of, and orders of nobody. */
export async function ordersAmiss(shop: Shop, told: readonly Told[]): Promise<string[]> {
  const rows = await shop.query<{ user_id: string; order_ids: string[] }>(
    'SELECT user_id, array_agg(order_id) AS order_ids FROM "order".orders GROUP BY user_id',
  );
  const found = new Map(rows.map((row) => [row.user_id, row.order_ids]));
  const amiss = told
    .filter(({ userId, orderId }) => JSON.stringify(found.get(userId)) !== JSON.stringify([orderId]))
    .map(
      ({ userId, orderId }) => `${userId} was told of ${orderId}, and has ${found.get(userId)?.join(', ')}`,
    );
  const customers = new Set(told.map(({ userId }) => userId));
  return [...amiss, ...[...found.keys()].filter((id) => !customers.has(id)).map((id) => `${id} is nobody`)];
}

/** What the provider took and gave back that does not fit the orders; its own table, and no word of the payment service. */
export async function moneyAmiss(shop: Shop): Promise<string[]> {
  const rows = await shop.query<{ found: string }>(`
    SELECT format('order %s: charged %s times', order_id, count(*)) AS found FROM payment.sandbox_charge
    WHERE outcome <> 'failed' GROUP BY order_id HAVING count(*) > 1
    UNION ALL
    SELECT format('order %s is %s, the provider has kept %s', o.order_id, o.status, COALESCE(c.kept, 0))
    FROM "order".orders o
    LEFT JOIN (SELECT order_id, sum(amount_minor - COALESCE((SELECT sum(r.amount_minor) FROM payment.sandbox_refund r
                                                             WHERE r.payment_id = s.payment_id), 0)) AS kept
               FROM payment.sandbox_charge s WHERE outcome IN ('succeeded', 'pending') GROUP BY order_id) c USING (order_id)
    WHERE COALESCE(c.kept, 0) <> CASE o.status WHEN 'confirmed' THEN o.total_minor ELSE 0 END`);
  return rows.map(({ found }) => found);
}

/** Events of orders that the log lacks, though the tables say that they happened: `<order> placed`. */
export async function untold(shop: Shop): Promise<string[]> {
  const topics = { placed: orderPlaced, confirmed: orderConfirmed, cancelled: orderCancelled };
  const lacking = Object.entries<Topic<unknown>>(topics).map(async ([status, topic]) => {
    const known = new Set((await readTopic(shop.client, topic.name)).map(({ key }) => String(key)));
    const rows = await shop.query<{ order_id: string }>(
      `SELECT order_id FROM "order".orders, jsonb_array_elements(history) AS step WHERE step->>'status' = $1`,
      [status],
    );
    return rows.filter((row) => !known.has(row.order_id)).map((row) => `${row.order_id} ${status}`);
  });
  return (await Promise.all(lacking)).flat();
}

/** Mails that forged events asked for with tokens that nobody issued, and that were not dropped. */
export async function mailsForForgers(shop: Shop): Promise<string[]> {
  const rows = await shop.query<{ found: string }>(
    `SELECT notification_id || ' is ' || state AS found FROM notification.notification
     WHERE cause_source = $1 AND facts ? 'challengeId' AND (state, reason) IS DISTINCT FROM ('dropped', 'challenge-over')`,
    [FORGED_SOURCE],
  );
  return rows.map(({ found }) => found);
}

/** How orders ended, as the customers see it, by status and reason. */
export async function endsSeen(shop: Shop, told: readonly Told[]): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  for (const { userId, orderId } of told) {
    const token = await shop.tokenFor(userId, 'customer');
    const { body } = await askUntilAnswered({ url: `${shop.address('order')}/orders/${orderId}`, token });
    const history = body.history as { status: string; reason?: string }[];
    const { status, reason } = history.at(-1)!;
    const end = reason ?? status;
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return ends;
}
