// Activity that waits, in batches to its store, longest waiting first. At least once: the mark follows the write, so a crash
// in between repeats it, which is harmless.
import { backoffMs } from '#runtime/backoff.ts';
import { within } from '#runtime/deadline.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { ActivityStore } from './activity-store.ts';
import type { ActivityDocument } from './activity-sums.ts';

/** Below Firestore's limits of a request: 10 MiB, and 500 documents to be read at once without harm. */
const BATCH_MAX = 200;
const RETRY_MS_MAX = 60_000;
const DELIVERY_MS_MAX = 20_000;
const LATE = { code: 'delivery-timeout', what: 'the delivery' };
/** What is stored under the id is not what the log says: nothing of ours writes that. It waits long, and shows in the backlog. */
const REFUSED_WAIT_MS = 600_000;

const WAITING = `
SELECT id, user_id, kind, occurred_at, order_id, amount_minor, currency, attempts
FROM analytics.activity WHERE delivered_at IS NULL AND next_try <= now() ORDER BY next_try LIMIT ${BATCH_MAX}`;

const SETTLE = `
UPDATE analytics.activity SET delivered_at = now(), attempts = attempts + 1, last_error = NULL WHERE id = ANY($1)`;

const POSTPONE = `
UPDATE analytics.activity SET attempts = attempts + 1, last_error = $2, next_try = now() + $3 * interval '1 ms'
WHERE id = ANY($1)`;

interface Row {
  id: string;
  user_id: string;
  kind: ActivityDocument['kind'];
  occurred_at: Date;
  order_id: string | null;
  amount_minor: number | null;
  currency: string | null;
  attempts: number;
}

export interface DeliverActivityOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly store: ActivityStore;
  readonly onFailure: () => void;
}

/** Delivers one batch. Returns how many documents are delivered. */
export async function deliverActivity(options: DeliverActivityOptions): Promise<number> {
  const { pool, store, log, onFailure } = options;
  const { rows } = await pool.query<Row>(WAITING);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  let refused: ReadonlySet<string>;
  try {
    refused = new Set(await within(DELIVERY_MS_MAX, store.create(rows.map(documentOf)), LATE));
  } catch (error) {
    const attempt = Math.min(...rows.map(({ attempts }) => attempts));
    const waitMs = backoffMs(attempt, 500, RETRY_MS_MAX);
    onFailure();
    log.warn({ attempt, count: ids.length, reason: messageOf(error) }, 'delivery of activity postponed');
    await pool.query(POSTPONE, [ids, messageOf(error).slice(0, 500), waitMs]);
    return 0;
  }
  const delivered = ids.filter((id) => !refused.has(id));
  await pool.query(SETTLE, [delivered]);
  if (refused.size > 0) {
    onFailure();
    log.error(
      { ids: [...refused].slice(0, 10), count: refused.size },
      'activity is stored with other content',
    );
    await pool.query(POSTPONE, [[...refused], 'stored with other content', REFUSED_WAIT_MS]);
  }
  return delivered.length;
}

const documentOf = (row: Row): ActivityDocument => ({
  id: row.id,
  userId: row.user_id,
  kind: row.kind,
  occurredAt: row.occurred_at.toISOString(),
  ...(row.order_id === null ? {} : { orderId: row.order_id }),
  ...(row.amount_minor === null ? {} : { amountMinor: row.amount_minor }),
  ...(row.currency === null ? {} : { currency: row.currency }),
});
