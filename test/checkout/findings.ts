// In: the shop after a run, and its customers' orders. Out: everything that is wrong; an empty list means that nothing is.
import { orderCancelled, orderConfirmed, orderPlaced } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { readTopic } from '../topic-reader.ts';
import type { PlacedOrder } from './customers.ts';
import { FORGED_SOURCE } from './forging.ts';
import { askUntilAnswered } from './http.ts';
import type { Shop } from './shop.ts';

/** Customers who do not have exactly the order that they placed, and orders of unknown customers. */
export async function wrongOrders(shop: Shop, placedOrders: readonly PlacedOrder[]): Promise<string[]> {
  const rows = await shop.query<{ user_id: string; order_ids: string[] }>(
    'SELECT user_id, array_agg(order_id) AS order_ids FROM "order".orders GROUP BY user_id',
  );
  const found = new Map(rows.map((row) => [row.user_id, row.order_ids]));
  const wrong = placedOrders
    .filter(({ userId, orderId }) => JSON.stringify(found.get(userId)) !== JSON.stringify([orderId]))
    .map(({ userId, orderId }) => `${userId} placed ${orderId}, and has ${found.get(userId)?.join(', ')}`);
  const customers = new Set(placedOrders.map(({ userId }) => userId));
  const unknown = [...found.keys()].filter((id) => !customers.has(id));
  return [...wrong, ...unknown.map((id) => `${id} is no customer`)];
}

/** Charges and refunds that do not fit the orders, from the sandbox's own tables and not from the payment service's. */
export async function wrongCharges(shop: Shop): Promise<string[]> {
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

/** Events that are in the orders' history and not in the topics, as `<order> placed`. */
export async function missingEvents(shop: Shop): Promise<string[]> {
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

/** Mails that a forged event asked for, with a token that nobody issued, and that were not dropped. */
export async function mailsForForgedEvents(shop: Shop): Promise<string[]> {
  const rows = await shop.query<{ found: string }>(
    `SELECT notification_id || ' is ' || state AS found FROM notification.notification
     WHERE cause_source = $1 AND facts ? 'challengeId' AND (state, reason) IS DISTINCT FROM ('dropped', 'challenge-over')`,
    [FORGED_SOURCE],
  );
  return rows.map(({ found }) => found);
}

/** How many orders ended in each way, by reason or else status, as the order service answers its customers. */
export async function countEnds(
  shop: Shop,
  placedOrders: readonly PlacedOrder[],
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  for (const { userId, orderId } of placedOrders) {
    const token = await shop.tokenFor(userId, 'customer');
    const { body } = await askUntilAnswered({ url: `${shop.address('order')}/orders/${orderId}`, token });
    const history = body.history as { status: string; reason?: string }[];
    const { status, reason } = history.at(-1)!;
    const end = reason ?? status;
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return ends;
}
