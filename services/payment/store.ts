// Commands in, payment rows out, with what each fact writes beside them. One transaction a command; those of one order in turn.
import { RefusedEvent } from '#runtime/errors.ts';
import { takeOnce } from '#runtime/outbox/inbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { activeTraceparent, inTrace } from '#runtime/trace.ts';
import {
  type Command,
  decide,
  evolve,
  type Fact,
  type FailureReason,
  type OrderMoney,
  type Payment,
  type PaymentStore,
  type Refund,
  type Status,
} from './domain.ts';

export type Client = Pick<PoolClient, 'query'>;

/** Writes what a fact brings about besides the payment itself, in the same transaction. */
export type FactWriter = (client: Client, payment: Payment, fact: Fact) => Promise<void>;

export interface StoreOptions {
  readonly pool: Pool;
  readonly schema: string;
  readonly writers: readonly FactWriter[];
  /** Told what came of each command, for the metrics: `accepted`, `repeated`, or why not. */
  readonly onDecision?: (command: Command, outcome: string) => void;
}

interface PaymentRow {
  payment_id: string | null;
  order_id: string;
  user_id: string;
  amount_minor: number;
  currency: string;
  status: Status;
  requested_at: Date;
  payment_method: string | null;
  provider_ref: string | null;
  failure_reason: FailureReason | null;
  refunded_minor: number;
  refund_count: number;
  refunds: (Pick<Refund, 'refundId' | 'state'> & { amountMinor: number | null })[] | null;
  version: number | null;
  traceparent: string | null;
}

interface Loaded {
  readonly state: OrderMoney;
  readonly version: number;
  readonly traceparent: string | undefined;
}

/** The payments of a schema in Postgres. */
export function createPaymentStore(options: StoreOptions): PaymentStore {
  const { pool, schema, onDecision } = options;
  return {
    execute: (orderId, command, cause) =>
      inTransaction(pool, async (client) => {
        // Of the order and not of its row: the cancellation may come when there is no row yet.
        await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`payment/${orderId}`]);
        if (cause && !(await takeOnce(client, schema, cause.group, cause.eventId))) {
          onDecision?.(command, 'repeated');
          return [];
        }
        const before = await load(client, orderId);
        const decision = decide(command, before.state);
        onDecision?.(command, decision.kind === 'accepted' ? 'accepted' : decision.because);
        if (decision.kind === 'refused') {
          throw new RefusedEvent(decision.because, `${command.kind} is refused: ${decision.because}`, {
            orderId,
          });
        }
        if (decision.kind === 'ignored') return [];
        // Whatever moves it, a job or a webhook too, belongs to the trace of the payment's request.
        await inTrace(before.traceparent ?? activeTraceparent(), () =>
          record(client, orderId, before, decision.facts, options.writers),
        );
        return decision.facts;
      }),
    find: async (orderId) => {
      const { state, version } = await load(pool, orderId);
      return { ...state, version };
    },
    orderOf: async (providerRef) => {
      const sql = 'SELECT order_id FROM payment WHERE provider_ref = $1 AND amount_minor > 0';
      return (await pool.query<{ order_id: string }>(sql, [providerRef])).rows[0]?.order_id;
    },
  };
}

async function load(client: Client, orderId: string): Promise<Loaded> {
  const { rows } = await client.query<PaymentRow & { is_cancelled: boolean }>(
    // One statement, so that a payment and its refunds are of the same moment.
    `SELECT p.*, c.order_id IS NOT NULL AS is_cancelled,
       (SELECT json_agg(json_build_object('refundId', refund_id, 'amountMinor', amount_minor, 'state', state) ORDER BY asked_no)
        FROM refund r WHERE r.payment_id = p.payment_id) AS refunds
     FROM (SELECT $1::text AS id) o
     LEFT JOIN payment p ON p.order_id = o.id LEFT JOIN cancelled_order c ON c.order_id = o.id`,
    [orderId],
  );
  const row = rows[0]!;
  return {
    state: { isOrderCancelled: row.is_cancelled, payment: paymentOf(row) },
    version: row.version ?? 0,
    traceparent: row.traceparent ?? undefined,
  };
}

const paymentOf = (row: PaymentRow): Payment | undefined =>
  row.payment_id === null
    ? undefined
    : {
        paymentId: row.payment_id,
        orderId: row.order_id,
        userId: row.user_id,
        amount: { amountMinor: row.amount_minor, currency: row.currency },
        status: row.status,
        requestedAtMs: row.requested_at.getTime(),
        paymentMethod: row.payment_method ?? undefined,
        providerRef: row.provider_ref ?? undefined,
        failureReason: row.failure_reason ?? undefined,
        refundedMinor: row.refunded_minor,
        refundCount: row.refund_count,
        refunds: (row.refunds ?? []).map((one) => ({ ...one, amountMinor: one.amountMinor ?? undefined })),
      };

async function record(
  client: Client,
  orderId: string,
  before: Loaded,
  facts: readonly Fact[],
  writers: readonly FactWriter[],
): Promise<void> {
  let { state } = before;
  for (const fact of facts) {
    const statusBefore = state.payment?.status;
    state = evolve(state, fact);
    if (fact.kind === 'order-cancelled') {
      await client.query('INSERT INTO cancelled_order (order_id) VALUES ($1)', [orderId]);
    } else {
      const { status } = state.payment!;
      // A refund's steps begin at once, one refund's after another's; a step that is in hand stays its taker's.
      const isNewStep = status === 'refunding' && (statusBefore !== status || fact.kind === 'refund-closed');
      await save(client, state.payment!, isNewStep);
      await saveRefund(client, state.payment!, fact);
      for (const write of writers) await write(client, state.payment!, fact);
    }
  }
}

async function saveRefund(client: Client, { paymentId }: Payment, fact: Fact): Promise<void> {
  if (fact.kind === 'refund-asked' || fact.kind === 'charged-late') {
    const { refundId, amountMinor, state } = fact.refund;
    await client.query(
      'INSERT INTO refund (refund_id, payment_id, amount_minor, state) VALUES ($1, $2, $3, $4)',
      [refundId, paymentId, amountMinor ?? null, state],
    );
  }
  if (fact.kind === 'refund-closed')
    await client.query('UPDATE refund SET state = $2 WHERE refund_id = $1', [fact.refundId, fact.state]);
}

/** New steps are due at once and count anew; those of a charge or a refund go on as they are taken; a settled payment has none. */
async function save(client: Client, payment: Payment, isNewStep: boolean): Promise<void> {
  const { amount } = payment;
  await client.query(
    `INSERT INTO payment AS p (payment_id, order_id, user_id, amount_minor, currency, requested_at, traceparent,
       status, payment_method, provider_ref, failure_reason, refunded_minor, refund_count, next_step_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
       CASE WHEN $8 IN ('requested', 'charging', 'refunding') THEN clock_timestamp() END)
     ON CONFLICT (payment_id) DO UPDATE SET
       status = EXCLUDED.status, payment_method = EXCLUDED.payment_method, provider_ref = EXCLUDED.provider_ref,
       failure_reason = EXCLUDED.failure_reason, refunded_minor = EXCLUDED.refunded_minor,
       refund_count = EXCLUDED.refund_count, version = p.version + 1, updated_at = clock_timestamp(),
       attempts = CASE WHEN EXCLUDED.next_step_at IS NULL OR $14 THEN 0 ELSE p.attempts END,
       next_step_at = CASE WHEN EXCLUDED.next_step_at IS NULL OR $14 THEN EXCLUDED.next_step_at ELSE p.next_step_at END`,
    [
      payment.paymentId,
      payment.orderId,
      payment.userId,
      amount.amountMinor,
      amount.currency,
      new Date(payment.requestedAtMs),
      activeTraceparent(),
      payment.status,
      payment.paymentMethod,
      payment.providerRef,
      payment.failureReason,
      payment.refundedMinor,
      payment.refundCount,
      isNewStep,
    ],
  );
}
