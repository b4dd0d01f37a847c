// Notifications in Postgres: claimed with a lease, finished under the fence of their attempt, published by the outbox in the same
// transaction.
import { notificationService } from '#contracts/shop-processes.ts';
import { notificationSent } from '#contracts/shop-topics.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { type Lease, LeaseQueue } from '#runtime/postgres/lease.ts';
import { activeTraceparent } from '#runtime/trace.ts';
import {
  type Claimed,
  type Decision,
  decide,
  type Earlier,
  type Facts,
  type Listed,
  type ListPosition,
  type NotificationState,
  type NotificationStore,
  type Outcome,
  type Wanted,
} from './domain.ts';

type Queries = Pick<PoolClient, 'query'>;

/** Longer than a sender may take (dispatch.ts): a sender that comes back later has lost its claim. */
const LEASE_MS = 90_000;
const QUEUE = new LeaseQueue({
  table: 'notification',
  id: 'notification_id',
  dueAt: 'due_at',
  attempts: 'attempts',
  isOpen: `state IN ('pending', 'sending')`,
  isHeld: `state = 'sending'`,
});

/**
 * The notifications of the schema that the pool's connections look at first.
 * @param onDue called when a notification has become due
 */
export function createNotificationStore(pool: Pool, onDue: () => void = () => {}): NotificationStore {
  return {
    record: async (wanted) => {
      const decision = await record(pool, wanted);
      if (decision.kind === 'happened') onDue();
      return decision;
    },
    claim: (countMax) => claim(pool, countMax),
    nextDueMs: () => QUEUE.nextDueMs(pool),
    handOver: (claimed) => handOver(pool, claimed),
    finish: (claimed, outcome) =>
      inTransaction(pool, async (client) => {
        if (!(await finish(client, claimed, outcome))) return false;
        if (outcome.state === 'sent') await publishSent(client, claimed);
        return true;
      }),
    list: (state, limit, before) => list(pool, state, limit, before),
    retry: async (notificationId) => {
      const outcome = await retry(pool, notificationId);
      onDue();
      return outcome;
    },
    backlog: () => backlog(pool),
    forgetFinished: (sinceMs, countMax) => forgetFinished(pool, sinceMs, countMax),
  };
}

/** The row is also the mark that the event was taken: one new row for each event, so there is nothing to lock. */
async function record(queries: Queries, wanted: Wanted): Promise<Decision> {
  const decision = decide(wanted, await findEarlier(queries, wanted));
  if (decision.kind === 'happened')
    await queries.query(
      `INSERT INTO notification (cause_source, cause_id, user_id, facts, traceparent) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (cause_source, cause_id) DO NOTHING`,
      [wanted.causeSource, wanted.causeId, wanted.userId, wanted.facts, activeTraceparent() ?? null],
    );
  return decision;
}

async function findEarlier(queries: Queries, { facts, causeSource, causeId }: Wanted): Promise<Earlier[]> {
  if (!('orderId' in facts)) return [];
  const { rows } = await queries.query<Earlier>(
    // Not the event itself: a repeat is dropped, whatever it says.
    `SELECT user_id AS "userId", facts FROM notification
     WHERE facts ? 'orderId' AND facts->>'orderId' = $1 AND (cause_source, cause_id) <> ($2, $3)`,
    [facts.orderId, causeSource, causeId],
  );
  return rows;
}

interface ClaimedRow {
  may_have_arrived: boolean;
  cause_id: string;
  traceparent: string | null;
  user_id: string;
  facts: Facts;
}

async function claim(queries: Queries, countMax: number): Promise<Claimed[]> {
  const leases = await QUEUE.take<ClaimedRow>(queries, countMax, {
    leaseMs: LEASE_MS,
    set: `state = 'sending'`,
    returning: 'handed_at IS NOT NULL AS may_have_arrived, cause_id, traceparent, user_id, facts',
  });
  return leases.map((row) => ({
    notificationId: row.id,
    attempt: row.attempt,
    mayHaveArrived: row.may_have_arrived,
    causeId: row.cause_id,
    ...(row.traceparent ? { traceparent: row.traceparent } : {}),
    userId: row.user_id,
    facts: row.facts,
  }));
}

const leaseOf = ({ notificationId, attempt }: Claimed): Lease => ({ id: notificationId, attempt });

const handOver = (queries: Queries, claimed: Claimed): Promise<boolean> =>
  QUEUE.extend(queries, leaseOf(claimed), LEASE_MS, { set: 'handed_at = now()' });

const finish = (queries: Queries, claimed: Claimed, outcome: Outcome): Promise<boolean> =>
  QUEUE.release(queries, leaseOf(claimed), 'delayMs' in outcome ? outcome.delayMs : 0, {
    set: `state = $4, reason = $5, handed_at = NULL, finished_at = CASE WHEN $4 <> 'pending' THEN now() END`,
    values: [outcome.state, 'reason' in outcome ? outcome.reason : null],
  });

function publishSent(client: Queries, claimed: Claimed): Promise<void> {
  const { notificationId, userId, causeId, facts } = claimed;
  const data = { notificationId, userId, template: facts.template, causeId };
  const message = { key: userId, id: `${notificationId}/sent`, data };
  return publishEvent(notificationSent, client, notificationService, message);
}

async function list(
  queries: Queries,
  state: NotificationState,
  limit: number,
  before?: ListPosition,
): Promise<Listed[]> {
  const { rows } = await queries.query<Omit<Listed, 'reason'> & { reason: string | null }>(
    `SELECT notification_id AS "notificationId", user_id AS "userId", facts->>'template' AS template, state, attempts,
       reason, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt"
     FROM notification
     WHERE state = $1 AND ($3::timestamptz IS NULL OR (created_at, notification_id) < ($3, $4::text))
     ORDER BY created_at DESC, notification_id DESC LIMIT $2`,
    [state, limit, before?.createdAt ?? null, before?.notificationId ?? null],
  );
  return rows.map(({ reason, ...row }) => (reason === null ? row : { ...row, reason }));
}

async function retry(queries: Queries, notificationId: string): ReturnType<NotificationStore['retry']> {
  const { rowCount } = await queries.query(
    `UPDATE notification SET state = 'pending', attempts = 0, reason = NULL, due_at = now(), finished_at = NULL
     WHERE notification_id = $1 AND state = 'failed'`,
    [notificationId],
  );
  if (rowCount === 1) return 'retried';
  const found = await queries.query('SELECT 1 FROM notification WHERE notification_id = $1', [
    notificationId,
  ]);
  return found.rowCount === 1 ? 'not-failed' : 'unknown';
}

async function backlog(queries: Queries): ReturnType<NotificationStore['backlog']> {
  const { rows } = await queries.query<{ waiting: number; oldest: number }>(
    `SELECT count(*) AS waiting, extract(epoch FROM coalesce(now() - min(created_at), '0'))::float8 AS oldest
     FROM notification WHERE state IN ('pending', 'sending')`,
  );
  return { waiting: rows[0]?.waiting ?? 0, oldestSeconds: Math.max(0, rows[0]?.oldest ?? 0) };
}

async function forgetFinished(queries: Queries, sinceMs: number, countMax: number): Promise<number> {
  const { rowCount } = await queries.query(
    // The condition stands twice: one may be retried between the choice and the deletion.
    `DELETE FROM notification WHERE finished_at < now() - $1 * interval '1 millisecond' AND notification_id IN (
       SELECT notification_id FROM notification
       WHERE finished_at < now() - $1 * interval '1 millisecond' LIMIT $2)`,
    [sinceMs, countMax],
  );
  return rowCount ?? 0;
}
