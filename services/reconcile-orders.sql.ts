// What must hold between the schemas of the shop, each as a query of what breaks it: rows of a key and what was found there.

const SERVICES_WITH_OUTBOX = ['users', 'product', '"order"', 'payment', 'notification'];

/** Nothing may be found, whenever one looks. */
const ALWAYS = {
  'stock is what its entries add up to': `
    SELECT s.product_id AS key, format('on hand %s, entries %s', s.on_hand, COALESCE(sum(e.delta), 0)) AS found
    FROM product.stock s LEFT JOIN product.stock_entry e USING (product_id)
    GROUP BY s.product_id, s.on_hand HAVING s.on_hand <> COALESCE(sum(e.delta), 0)`,
  'what is reserved is what open reservations hold': `
    SELECT s.product_id AS key, format('reserved %s, open %s', s.reserved, COALESCE(sum(l.quantity), 0)) AS found
    FROM product.stock s
    LEFT JOIN (product.reservation_line l JOIN product.reservation r ON r.order_id = l.order_id AND r.state = 'open')
      ON l.product_id = s.product_id
    GROUP BY s.product_id, s.reserved HAVING s.reserved <> COALESCE(sum(l.quantity), 0)`,
  'the books of a payment balance': `
    SELECT payment_id AS key, format('they add up to %s', sum(amount_minor)) AS found
    FROM payment.ledger_entry GROUP BY payment_id HAVING sum(amount_minor) <> 0`,
  'a payment is of an order, its customer and its amount': `
    SELECT p.order_id AS key, format('payment %s %s of %s, order %s %s of %s', p.amount_minor, p.currency, p.user_id,
      o.total_minor, o.currency, o.user_id) AS found
    FROM payment.payment p LEFT JOIN "order".orders o USING (order_id)
    WHERE o.order_id IS NULL OR (o.total_minor, o.currency, o.user_id) <> (p.amount_minor, p.currency, p.user_id)`,
  'a confirmed order is paid by the payment that it names': `
    SELECT o.order_id AS key, format('payment %s, %s', o.payment_id, COALESCE(p.status, 'missing')) AS found
    FROM "order".orders o LEFT JOIN payment.payment p ON p.payment_id = o.payment_id AND p.order_id = o.order_id
    WHERE o.status = 'confirmed' AND p.status IS DISTINCT FROM 'succeeded'`,
  'nothing died in an outbox': SERVICES_WITH_OUTBOX.map(
    (schema) =>
      `SELECT '${schema.replaceAll('"', '')} ' || id AS key, topic || ': ' || reason AS found FROM ${schema}.outbox_dead`,
  ).join(' UNION ALL '),
};

/** Nothing may be found once everything has come to rest. */
const AT_REST = {
  'money of a cancelled order is with the customer': `
    SELECT o.order_id AS key, 'payment ' || p.status AS found
    FROM "order".orders o JOIN payment.payment p USING (order_id)
    WHERE o.status = 'cancelled' AND p.status NOT IN ('failed', 'refunded')`,
  'the books hold what each payment came to': `
    SELECT p.payment_id AS key, format('%s, booked %s of %s', p.status, COALESCE(b.kept, 0), p.amount_minor) AS found
    FROM payment.payment p
    LEFT JOIN (SELECT payment_id, sum(amount_minor) AS kept FROM payment.ledger_entry
               WHERE account = 'provider-balance' GROUP BY payment_id) b USING (payment_id)
    WHERE COALESCE(b.kept, 0) <> CASE p.status WHEN 'succeeded' THEN p.amount_minor ELSE 0 END`,
  'a confirmed order has sold its stock': `
    SELECT o.order_id AS key, COALESCE(r.state, 'no reservation') AS found
    FROM "order".orders o LEFT JOIN product.reservation r USING (order_id)
    WHERE o.status = 'confirmed' AND r.state IS DISTINCT FROM 'final'`,
  'a cancelled order holds no stock': `
    SELECT o.order_id AS key, r.state AS found
    FROM "order".orders o JOIN product.reservation r USING (order_id)
    WHERE o.status = 'cancelled' AND r.state NOT IN ('released', 'rejected')`,
  'what was sold is what was ordered': `
    SELECT o.order_id AS key, format('ordered %s, sold %s', o.pieces, COALESCE(s.pieces, 0)) AS found
    FROM (SELECT order_id, sum((line->>'quantity')::int) AS pieces
          FROM "order".orders, jsonb_array_elements(lines) AS line WHERE status = 'confirmed' GROUP BY order_id) o
    LEFT JOIN (SELECT l.order_id, sum(l.quantity) AS pieces FROM product.reservation_line l
               JOIN product.reservation r ON r.order_id = l.order_id AND r.state = 'final' GROUP BY l.order_id) s USING (order_id)
    WHERE o.pieces <> COALESCE(s.pieces, 0)`,
  'a customer was told how the order ended': `
    SELECT o.order_id AS key, 'told ' || count(n.*) || ' times' AS found
    FROM "order".orders o
    LEFT JOIN notification.notification n
      ON n.facts->>'orderId' = o.order_id AND n.facts->>'template' IN ('order-confirmed', 'order-cancelled')
    WHERE o.status IN ('confirmed', 'cancelled') GROUP BY o.order_id HAVING count(n.*) <> 1`,
};

const COUNT = {
  'orders that have not ended': `SELECT count(*) FROM "order".orders WHERE status IN ('placed', 'reserved')`,
  'payments in hand': `SELECT count(*) FROM payment.payment WHERE status IN ('requested', 'charging', 'refunding')`,
  ...Object.fromEntries(
    SERVICES_WITH_OUTBOX.map((schema) => [
      `events in the outbox of ${schema.replaceAll('"', '')}`,
      `SELECT count(*) FROM ${schema}.outbox`,
    ]),
  ),
};

/** What has been published and not yet taken in shows as a difference of this kind, for a moment. */
const settling = Object.fromEntries(
  Object.entries(AT_REST).map(([rule, sql]) => [
    `not yet true: ${rule}`,
    `SELECT count(*) FROM (${sql}) AS settling`,
  ]),
);

/** By the rule that is broken. */
export const DIFFERENCES: Readonly<Record<string, string>> = { ...ALWAYS, ...AT_REST };

/** What is not finished, as counts. */
export const PENDING: Readonly<Record<string, string>> = { ...COUNT, ...settling };
