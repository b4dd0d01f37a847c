// The rules between the schemas of the shop. Each rule is a query that finds the records which break it: a key, and what was found there.
// What people may do (refunds, adjustments, changed prices) and what is purged with time breaks no rule.

/** Notifications are kept for 30 days after they were sent (services/notification/main.ts): of an older order none may be left. */
const NOTIFICATION_IS_KEPT = `(o.history->-1->>'at')::timestamptz > now() - interval '29 days'`;

/** Lines of orders, as rows. */
const LINES = `SELECT o.order_id, o.currency, o.placed_at, line->>'productId' AS product_id, (line->>'quantity')::bigint AS quantity,
    (line->>'unitPriceMinor')::bigint AS price FROM "order".orders o, jsonb_array_elements(o.lines) AS line`;

/** Compares a service's copy of the products with the product service's own history, as far back as that reaches. */
const foreignPrices = (table: string, price: string): string => `
    SELECT k.product_id AS key, format('version %s at %s %s, the product''s own: %s', k.version, k.${price}, k.currency,
      COALESCE(v.price_minor || ' ' || v.currency, 'none')) AS found
    FROM ${table} k LEFT JOIN product.product_version v USING (product_id, version)
    WHERE (v.price_minor, v.currency, v.is_active) IS DISTINCT FROM (k.${price}, k.currency, k.is_active)
      AND k.version >= COALESCE((SELECT min(version) FROM product.product_version h WHERE h.product_id = k.product_id), 0)`;

const oldPrices = (table: string): string => `
    SELECT p.product_id AS key, format('version %s of %s', COALESCE(k.version::text, 'none'), p.version) AS found
    FROM product.product p LEFT JOIN ${table} k USING (product_id) WHERE k.version IS DISTINCT FROM p.version`;

const SERVICES_WITH_OUTBOX = ['users', 'product', '"order"', 'payment', 'notification'];

/** These rules hold at every moment. */
const ALWAYS = {
  'the stock of a product is the sum of its entries': `
    SELECT s.product_id AS key, format('on hand %s, entries %s', s.on_hand, COALESCE(sum(e.delta), 0)) AS found
    FROM product.stock s LEFT JOIN product.stock_entry e USING (product_id)
    GROUP BY s.product_id, s.on_hand HAVING s.on_hand <> COALESCE(sum(e.delta), 0)`,
  'the reserved pieces of a product are those of its open reservations': `
    SELECT s.product_id AS key, format('reserved %s, open %s', s.reserved, COALESCE(sum(l.quantity), 0)) AS found
    FROM product.stock s
    LEFT JOIN (product.reservation_line l JOIN product.reservation r ON r.order_id = l.order_id AND r.state = 'open')
      ON l.product_id = s.product_id
    GROUP BY s.product_id, s.reserved HAVING s.reserved <> COALESCE(sum(l.quantity), 0)`,
  'the ledger entries of a payment add up to zero': `
    SELECT payment_id AS key, format('they add up to %s', sum(amount_minor)) AS found
    FROM payment.ledger_entry GROUP BY payment_id HAVING sum(amount_minor) <> 0`,
  'a payment has an order, with the same customer and amount': `
    SELECT p.order_id AS key, format('payment %s %s of %s, order %s %s of %s', p.amount_minor, p.currency, p.user_id,
      o.total_minor, o.currency, o.user_id) AS found
    FROM payment.payment p LEFT JOIN "order".orders o USING (order_id)
    WHERE o.order_id IS NULL OR (o.total_minor, o.currency, o.user_id) <> (p.amount_minor, p.currency, p.user_id)`,
  'a confirmed order is paid by the payment that it names': `
    SELECT o.order_id AS key, format('payment %s, %s', o.payment_id, COALESCE(p.status, 'missing')) AS found
    FROM "order".orders o LEFT JOIN payment.payment p ON p.payment_id = o.payment_id AND p.order_id = o.order_id
    WHERE o.status = 'confirmed' AND (p.status IS NULL OR p.status NOT IN ('succeeded', 'refunding', 'refunded'))`,
  'the total of an order is the sum of its lines': `
    SELECT o.order_id AS key, format('total %s, lines %s', o.total_minor, sum(l.quantity * l.price)) AS found
    FROM "order".orders o LEFT JOIN (${LINES}) l USING (order_id)
    GROUP BY o.order_id, o.total_minor HAVING o.total_minor IS DISTINCT FROM sum(l.quantity * l.price)`,
  'the prices of an order are prices that its products had': `
    SELECT l.order_id AS key, format('%s at %s %s', l.product_id, l.price, l.currency) AS found
    FROM (${LINES}) l
    JOIN (SELECT product_id, min(version) AS first, min(since) AS since FROM product.product_version GROUP BY product_id) h
      ON h.product_id = l.product_id AND (h.first = 1 OR h.since <= l.placed_at)
    WHERE NOT EXISTS (SELECT 1 FROM product.product_version v WHERE v.product_id = l.product_id AND v.price_minor = l.price
      AND v.currency = l.currency AND v.since <= l.placed_at + interval '5 minutes')`,
  'the products of an order exist': `
    SELECT l.order_id AS key, l.product_id AS found FROM (${LINES}) l
    JOIN "order".orders o USING (order_id) LEFT JOIN product.product p ON p.product_id = l.product_id
    WHERE p.product_id IS NULL AND o.status IN ('reserved', 'confirmed')`,
  'products in the order service are those of the product service': foreignPrices(
    '"order".product_price',
    'price_minor',
  ),
  'a reservation has an order, with the same customer and total': `
    SELECT r.order_id AS key, format('%s, %s %s of %s, order %s %s of %s', r.state, r.total_minor, r.currency, r.user_id, o.total_minor,
      o.currency, o.user_id) AS found
    FROM product.reservation r LEFT JOIN "order".orders o USING (order_id)
    WHERE o.order_id IS NULL
      OR (r.user_id IS NOT NULL AND (r.user_id, r.total_minor, r.currency) <> (o.user_id, o.total_minor, o.currency))`,
  'a reservation holds the pieces that were ordered': `
    SELECT COALESCE(r.order_id, l.order_id) AS key, format('%s: ordered %s, held %s', COALESCE(r.product_id, l.product_id),
      COALESCE(l.quantity, 0), COALESCE(r.quantity, 0)) AS found
    FROM product.reservation_line r
    FULL JOIN (SELECT order_id, product_id, sum(quantity) AS quantity FROM (${LINES}) one
               WHERE order_id IN (SELECT order_id FROM product.reservation_line) GROUP BY order_id, product_id) l
      ON l.order_id = r.order_id AND l.product_id = r.product_id
    WHERE r.quantity IS DISTINCT FROM l.quantity`,
  'a reserved or confirmed order has a reservation': `
    SELECT o.order_id AS key, format('%s, stock %s', o.status, COALESCE(r.state, 'missing')) AS found
    FROM "order".orders o LEFT JOIN product.reservation r USING (order_id)
    WHERE (o.status = 'reserved' AND r.state IS DISTINCT FROM 'open')
      OR (o.status = 'confirmed' AND (r.state IS NULL OR r.state NOT IN ('open', 'final')))`,
  'only a cancelled order is cancelled in the product and payment services': `
    SELECT c.order_id AS key, format('%s cancelled it, the order is %s', c.who, COALESCE(o.status, 'missing')) AS found
    FROM (SELECT order_id, 'payment' AS who FROM payment.cancelled_order
          UNION ALL SELECT order_id, 'product' FROM product.reservation WHERE state = 'released') c
    LEFT JOIN "order".orders o USING (order_id) WHERE o.status IS DISTINCT FROM 'cancelled'`,
  'stock is sold to confirmed orders only': `
    SELECT r.order_id AS key, 'the order is ' || COALESCE(o.status, 'missing') AS found
    FROM product.reservation r LEFT JOIN "order".orders o USING (order_id)
    WHERE r.state = 'final' AND o.status IS DISTINCT FROM 'confirmed'`,
  'a notification of an order has its customer, status and total': `
    SELECT n.facts->>'orderId' AS key, format('%s sent to %s, the order of %s is %s', n.facts->>'template', n.user_id, o.user_id,
      COALESCE(o.status, 'missing')) AS found
    FROM notification.notification n LEFT JOIN "order".orders o ON o.order_id = n.facts->>'orderId'
    WHERE n.facts ? 'orderId' AND (o.order_id IS NULL OR n.user_id <> o.user_id OR (n.facts ? 'total' AND
      (n.facts->>'template' <> 'order-' || o.status OR (n.facts->'total'->>'amountMinor')::bigint <> o.total_minor
        OR n.facts->'total'->>'currency' <> o.currency)))`,
  'notifications of refunds do not exceed the refunds in the ledger': `
    SELECT n.order_id AS key, format('notified of %s, booked %s', n.notified, COALESCE(b.back, 0)) AS found
    FROM (SELECT facts->>'orderId' AS order_id, facts->'amount'->>'currency' AS currency,
            sum((facts->'amount'->>'amountMinor')::bigint) AS notified
          FROM notification.notification WHERE facts ? 'amount' GROUP BY 1, 2) n
    LEFT JOIN (SELECT p.order_id, l.currency, -sum(l.amount_minor) AS back FROM payment.ledger_entry l
               JOIN payment.payment p USING (payment_id) WHERE l.kind = 'refund' AND l.account = 'provider-balance'
               GROUP BY p.order_id, l.currency) b ON b.order_id = n.order_id AND b.currency = n.currency
    WHERE n.notified > COALESCE(b.back, 0)`,
  'no event of an outbox is buried': SERVICES_WITH_OUTBOX.map(
    (schema) =>
      `SELECT '${schema.replaceAll('"', '')} ' || id AS key, topic || ': ' || reason AS found FROM ${schema}.outbox_dead`,
  ).join(' UNION ALL '),
};

/** These rules hold once no order and no event is on its way. */
const AT_REST = {
  'the payment of a cancelled order failed or was refunded': `
    SELECT o.order_id AS key, 'payment ' || p.status AS found
    FROM "order".orders o JOIN payment.payment p USING (order_id)
    WHERE o.status = 'cancelled' AND p.status NOT IN ('failed', 'refunded')`,
  'the ledger holds the amount of each payment minus its refunds': `
    SELECT p.payment_id AS key, format('%s, booked %s of %s', p.status, COALESCE(b.kept, 0), p.amount_minor) AS found
    FROM payment.payment p
    LEFT JOIN (SELECT payment_id, sum(amount_minor) AS kept FROM payment.ledger_entry
               WHERE account = 'provider-balance' GROUP BY payment_id) b USING (payment_id)
    WHERE COALESCE(b.kept, 0) <>
      CASE WHEN p.status IN ('succeeded', 'refunding', 'refunded') THEN p.amount_minor - p.refunded_minor ELSE 0 END`,
  'the reservation of a confirmed order is final': `
    SELECT o.order_id AS key, COALESCE(r.state, 'no reservation') AS found
    FROM "order".orders o LEFT JOIN product.reservation r USING (order_id)
    WHERE o.status = 'confirmed' AND r.state IS DISTINCT FROM 'final'`,
  'a cancelled order holds no stock': `
    SELECT o.order_id AS key, r.state AS found
    FROM "order".orders o JOIN product.reservation r USING (order_id)
    WHERE o.status = 'cancelled' AND r.state NOT IN ('released', 'rejected')`,
  'as many pieces are sold as were ordered': `
    SELECT o.order_id AS key, format('ordered %s, sold %s', o.pieces, COALESCE(s.pieces, 0)) AS found
    FROM (SELECT order_id, sum((line->>'quantity')::int) AS pieces
          FROM "order".orders, jsonb_array_elements(lines) AS line WHERE status = 'confirmed' GROUP BY order_id) o
    LEFT JOIN (SELECT l.order_id, sum(l.quantity) AS pieces FROM product.reservation_line l
               JOIN product.reservation r ON r.order_id = l.order_id AND r.state = 'final' GROUP BY l.order_id) s USING (order_id)
    WHERE o.pieces <> COALESCE(s.pieces, 0)`,
  'the customer was notified once of how the order ended': `
    SELECT o.order_id AS key, 'notified ' || count(n.*) || ' times' AS found
    FROM "order".orders o
    LEFT JOIN notification.notification n
      ON n.facts->>'orderId' = o.order_id AND n.facts->>'template' IN ('order-confirmed', 'order-cancelled')
    WHERE o.status IN ('confirmed', 'cancelled') GROUP BY o.order_id
    HAVING count(n.*) > 1 OR (count(n.*) = 0 AND ${NOTIFICATION_IS_KEPT})`,
  'the order service has the newest prices': oldPrices('"order".product_price'),
};

/** Asked only where the cart service has run: the shop works without it. */
const OF_CART = {
  'products in the cart service are those of the product service': foreignPrices(
    'cart.product',
    'amount_minor',
  ),
};
const OF_CART_AT_REST = { 'the cart service has the newest prices': oldPrices('cart.product') };

const COUNT = {
  'orders that have not ended': `SELECT count(*) FROM "order".orders WHERE status IN ('placed', 'reserved')`,
  'payments that have not ended': `SELECT count(*) FROM payment.payment WHERE status IN ('requested', 'charging', 'refunding')`,
  ...Object.fromEntries(
    SERVICES_WITH_OUTBOX.map((schema) => [
      `events in the outbox of ${schema.replaceAll('"', '')}`,
      `SELECT count(*) FROM ${schema}.outbox`,
    ]),
  ),
};

/** A difference of this kind may pass: the event that ends it is published and not yet consumed. */
const settling = (rules: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(rules).map(([rule, sql]) => [
      `not yet true: ${rule}`,
      `SELECT count(*) FROM (${sql}) AS settling`,
    ]),
  );

/** Rules and counts, each with its query. */
export interface Questions {
  /** By the rule that is broken. */
  readonly differences: Readonly<Record<string, string>>;
  /** What is not finished, as counts. */
  readonly pending: Readonly<Record<string, string>>;
}

/** What to ask of a shop. @param hasCart whether the cart service has ever run on this database */
export const questionsOf = (hasCart: boolean): Questions => ({
  differences: { ...ALWAYS, ...AT_REST, ...(hasCart ? { ...OF_CART, ...OF_CART_AT_REST } : {}) },
  pending: { ...COUNT, ...settling(AT_REST), ...(hasCart ? settling(OF_CART_AT_REST) : {}) },
});
