// A provider without money, for laptops and specs: the name of the means of payment says what happens. It remembers in Postgres
// like a system of others, so that restarts find what was charged.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameMoney, type Money } from '#contracts/money.ts';
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import type { ChargeAnswer, FailureReason, RefundAnswer } from './domain.ts';
import type {
  ChargeOrder,
  ChargeState,
  PaymentProvider,
  ProviderCharge,
  ProviderNews,
  RefundOrder,
} from './provider.ts';
import { BEHAVIOUR_COLUMNS, type BehaviourRow, SLOW_MS } from './sandbox-behaviour.ts';
import { DECLINED, type Outcome, type Script, scriptOf } from './sandbox-scripts.ts';

const PAGE_SIZE = 100;

interface ChargeRow {
  id: number;
  payment_id: string;
  order_id: string;
  amount_minor: number;
  currency: string;
  outcome: Outcome | null;
  failure_reason: FailureReason | null;
  calls: number;
  is_settled: boolean;
  refunded_minor: number;
}

export interface SandboxOptions {
  readonly pool: Pool;
  /** How long `pm_late_ok` takes. */
  readonly lateMs: number;
  /** Of every charge, in milliseconds: a provider is never instant. @default 0 */
  readonly latencyMs?: number;
  /** Called when there will be news. @default none */
  readonly onNews?: () => void;
}

export interface Sandbox extends PaymentProvider {
  /** Delivers the news that are due; what is not taken is delivered again. */
  deliverDue(accept: (news: ProviderNews) => Promise<void>): Promise<void>;
  /** Somebody gives money back at the provider's own console; the provider sends news of it. */
  refundByHand(paymentId: string, amountMinor: number): Promise<void>;
  /** How long until the next news are due, in ms; undefined when there are none. */
  nextNewsMs(): Promise<number | undefined>;
}

const REFUNDED = `(SELECT coalesce(sum(r.amount_minor), 0)::int8 FROM sandbox_refund r WHERE r.payment_id = c.payment_id)`;
const COLUMNS = `c.*, coalesce(settles_at <= clock_timestamp(), false) AS is_settled, ${REFUNDED} AS refunded_minor`;

/** The sandbox of a schema. */
export function createSandbox({ pool, lateMs, latencyMs = 0, onNews = () => {} }: SandboxOptions): Sandbox {
  return {
    name: 'sandbox',
    charge: async (order) => {
      if (latencyMs > 0) await sleep(latencyMs);
      return chargeOnce(pool, order, lateMs, onNews);
    },
    lookup: async ({ paymentId }) => {
      const row = await find(pool, paymentId);
      return row ? stateOf(row) : { kind: 'unheard' };
    },
    read: async (providerRef) => {
      const row = await find(pool, providerRef.replace(REF_PREFIX, ''));
      return row && row.outcome !== null ? chargeOf(row) : undefined;
    },
    refund: (order) => refundOnce(pool, order),
    refundByHand: (paymentId, amountMinor) => refundByHand(pool, paymentId, amountMinor).finally(onNews),
    accepts: () => true,
    listCharges: async (sinceMs, cursor = '0') => {
      const { rows } = await pool.query<ChargeRow>(
        `SELECT ${COLUMNS} FROM sandbox_charge c
         WHERE id > $1 AND outcome IS NOT NULL AND (created_at >= $2 OR EXISTS (
           SELECT 1 FROM sandbox_refund r WHERE r.payment_id = c.payment_id AND r.created_at >= $2))
         ORDER BY id LIMIT $3`,
        [cursor, new Date(sinceMs), PAGE_SIZE],
      );
      const last = rows.length === PAGE_SIZE ? { next: String(rows.at(-1)?.id) } : {};
      return { charges: rows.map(chargeOf), ...last };
    },
    deliverDue: (accept) => deliverDue(pool, accept),
    nextNewsMs: async () => {
      const { rows } = await pool.query<{ ms: number | null }>(
        'SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 * 1000 AS ms FROM sandbox_webhook',
      );
      return rows[0]?.ms ?? undefined;
    },
  };
}

async function chargeOnce(
  pool: Pool,
  order: ChargeOrder,
  lateMs: number,
  onNews: () => void,
): Promise<ChargeAnswer> {
  const { paymentId, orderId, amount } = order;
  // One statement, so that calls at the same time are counted one after the other.
  const { rows } = await pool.query<ChargeRow & BehaviourRow>(
    `INSERT INTO sandbox_charge AS c (payment_id, order_id, amount_minor, currency, calls) VALUES ($1, $2, $3, $4, 1)
     ON CONFLICT (payment_id) DO UPDATE SET calls = c.calls + 1 RETURNING ${COLUMNS}, ${BEHAVIOUR_COLUMNS}`,
    [paymentId, orderId, amount.amountMinor, amount.currency],
  );
  const row = rows[0]!;
  const script = row.is_declining ? DECLINED : scriptOf(order.paymentMethod);
  if (row.is_slow) await sleep(SLOW_MS);
  assertSameAmount(row, amount);
  const isUnheard = row.calls <= (script.unheardCount ?? 0);
  if (isUnheard) throw new AppError('provider-unreachable', 'the sandbox answered 503', { paymentId });
  // There is news also of a charge whose answer is lost.
  if (row.outcome === null && (await settle(pool, row, script, lateMs)) > 0) onNews();
  if (script.losesAnswer && row.calls === 1) {
    throw new AppError('provider-unreachable', 'the sandbox did not answer in time', { paymentId });
  }
  return stateOf((await find(pool, paymentId))!) as ChargeAnswer;
}

/** Answers with how many news there will be. */
async function settle(pool: Pool, row: ChargeRow, script: Script, lateMs: number): Promise<number> {
  const delayMs = script.outcome === 'pending' ? lateMs : 0;
  const { rowCount } = await pool.query(
    `WITH settled AS (
       UPDATE sandbox_charge SET outcome = $2, failure_reason = $3,
         settles_at = CASE WHEN $2 = 'pending' THEN clock_timestamp() + $4 * interval '1 ms' END
       WHERE payment_id = $1 AND outcome IS NULL RETURNING payment_id)
     INSERT INTO sandbox_webhook (event_id, payment_id, due_at)
     SELECT 'evt_' || payment_id, payment_id, clock_timestamp() + $4 * interval '1 ms'
     FROM settled, generate_series(1, $5)`,
    [row.payment_id, script.outcome, script.reason, delayMs, script.webhookCount ?? 0],
  );
  return rowCount ?? 0;
}

async function refundByHand(pool: Pool, paymentId: string, amountMinor: number): Promise<void> {
  const row = await find(pool, paymentId);
  if (!row) throw new AppError('provider-refused', 'the sandbox has no such charge', { paymentId });
  const { amount, providerRef } = chargeOf(row);
  const refundId = `hand_${randomUUID()}`;
  await refundOnce(pool, { paymentId, providerRef, refundId, charged: amount, amountMinor });
  await pool.query(
    `INSERT INTO sandbox_webhook (event_id, payment_id, due_at, about) VALUES ($1, $2, clock_timestamp(), 'refund')`,
    [`evt_${refundId}`, paymentId],
  );
}

async function refundOnce(pool: Pool, order: RefundOrder): Promise<RefundAnswer> {
  const { paymentId, refundId } = order;
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<ChargeRow>(
      `SELECT ${COLUMNS} FROM sandbox_charge c WHERE payment_id = $1 FOR UPDATE`,
      [paymentId],
    );
    const row = rows[0];
    if (!row || stateOf(row).kind !== 'succeeded')
      throw new AppError('provider-refused', 'the sandbox has no such charge to refund', { paymentId });
    // Asked again behind the lock: what was summed before it may be old.
    const known = await client.query<{ id: string; amount: number }>(
      'SELECT refund_id AS id, amount_minor AS amount FROM sandbox_refund WHERE payment_id = $1',
      [paymentId],
    );
    const refundedMinor = known.rows.reduce((sum, { amount }) => sum + amount, 0);
    if (known.rows.some(({ id }) => id === refundId)) return { outcome: 'done', refundedMinor };
    const left = row.amount_minor - refundedMinor;
    const amountMinor = order.amountMinor ?? left;
    if (amountMinor > left) return { outcome: 'refused', refundedMinor };
    if (amountMinor > 0) {
      const sql = 'INSERT INTO sandbox_refund (refund_id, payment_id, amount_minor) VALUES ($1, $2, $3)';
      await client.query(sql, [refundId, paymentId, amountMinor]);
    }
    return { outcome: 'done', refundedMinor: refundedMinor + amountMinor };
  });
}

/** As providers do: a key stands for one request. */
function assertSameAmount(row: ChargeRow, amount: Money): void {
  if (isSameMoney(amount, { amountMinor: row.amount_minor, currency: row.currency })) return;
  throw new AppError('idempotency-mismatch', 'the same payment id was charged with another amount', {
    paymentId: row.payment_id,
  });
}

async function find(pool: Pool, paymentId: string): Promise<ChargeRow | undefined> {
  const sql = `SELECT ${COLUMNS} FROM sandbox_charge c WHERE payment_id = $1`;
  return (await pool.query<ChargeRow>(sql, [paymentId])).rows[0];
}

const REF_PREFIX = 'sandbox_';
const refOf = ({ payment_id }: ChargeRow): string => `${REF_PREFIX}${payment_id}`;

function stateOf(row: ChargeRow): ChargeState {
  if (row.outcome === null) return { kind: 'unheard' };
  if (row.outcome === 'failed') return { kind: 'failed', reason: row.failure_reason ?? 'declined' };
  const isPending = row.outcome === 'pending' && !row.is_settled;
  return { kind: isPending ? 'pending' : 'succeeded', providerRef: refOf(row) };
}

function chargeOf(row: ChargeRow): ProviderCharge {
  const { kind } = stateOf(row);
  return {
    paymentId: row.payment_id,
    orderId: row.order_id,
    providerRef: refOf(row),
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    status: kind as ProviderCharge['status'],
    refundedMinor: row.refunded_minor,
  };
}

async function deliverDue(pool: Pool, accept: (news: ProviderNews) => Promise<void>): Promise<void> {
  const { rows } = await pool.query<{
    id: number;
    event_id: string;
    payment_id: string;
    about: 'charge' | 'refund';
  }>('SELECT * FROM sandbox_webhook WHERE due_at <= clock_timestamp() ORDER BY due_at, id LIMIT 100');
  for (const { id, event_id: eventId, payment_id: paymentId, about } of rows) {
    const row = (await find(pool, paymentId))!;
    const answer =
      about === 'refund'
        ? ({ kind: 'refunded', refundedMinor: row.refunded_minor } as const)
        : (stateOf(row) as ChargeAnswer);
    await accept({ eventId, orderId: row.order_id, paymentId, answer });
    await pool.query('DELETE FROM sandbox_webhook WHERE id = $1', [id]);
  }
}
