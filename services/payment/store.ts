// Commands in, payment rows out, with what each event writes beside them. One transaction a command; those of one order in turn.
import { paymentService } from '#contracts/shop-processes.ts';
import { type Client, createCommandHandler, type Step } from '#runtime/decisions.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { activeTraceparent, inTrace } from '#runtime/trace.ts';
import {
  type Command,
  type Decision,
  decide,
  evolve,
  type FailureReason,
  type Found,
  type Payment,
  type PaymentEvent,
  type PaymentStore,
  type Refund,
  type Status,
} from './domain.ts';

/** Writes what an event brings about besides the payment itself, in the same transaction. */
export type EventWriter = (client: Client, payment: Payment, event: PaymentEvent) => Promise<void>;

export interface StoreOptions {
  readonly pool: Pool;
  readonly writers: readonly EventWriter[];
  /** Called with each decision when its transaction has ended. @default nothing */
  readonly onDecision?: (command: Command, decision: Decision) => void;
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

/** What is known about an order, with the trace of its payment's request. */
type Loaded = Found & { readonly traceparent?: string | undefined };

/** The payments of the schema that the pool's connections look at first. */
export function createPaymentStore({ pool, writers, onDecision }: StoreOptions): PaymentStore {
  const commands = createCommandHandler<Loaded, Command, PaymentEvent, Decision>({
    pool,
    process: paymentService,
    decide,
    evolve: (state, event) => ({ ...state, ...evolve(state, event) }),
    lock: async (client, orderId) => {
      // Of the order and not of its row: the cancellation may come when there is no row yet.
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`payment/${orderId}`]);
      return load(client, orderId);
    },
    save: async (client, step) => {
      // Whatever moves it, a job or a webhook too, belongs to the trace of the payment's request.
      await inTrace(step.before.traceparent ?? activeTraceparent(), () => record(client, step, writers));
      return true;
    },
    repeated: { kind: 'ignored', why: 'repeated' },
  });
  return {
    async handle(orderId, command, circumstances) {
      const decided = await commands.handle(orderId, command, circumstances);
      onDecision?.(command, decided.decision);
      return decided;
    },
    find: async (orderId) => {
      const { traceparent: _hidden, ...found } = await load(pool, orderId);
      return found;
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
    isOrderCancelled: row.is_cancelled,
    payment: paymentOf(row),
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
  { id: orderId, before, event, after }: Step<Loaded, PaymentEvent>,
  writers: readonly EventWriter[],
): Promise<void> {
  if (event.kind === 'order-cancelled') {
    await client.query('INSERT INTO cancelled_order (order_id) VALUES ($1)', [orderId]);
    return;
  }
  const payment = after.payment!;
  const { status } = payment;
  // A refund's steps begin at once, one refund's after another's; a step that is in progress stays its taker's.
  const isNewStep =
    status === 'refunding' && (before.payment?.status !== status || event.kind === 'refund-closed');
  await save(client, payment, isNewStep);
  await saveRefund(client, payment, event);
  for (const write of writers) await write(client, payment, event);
}

async function saveRefund(client: Client, { paymentId }: Payment, event: PaymentEvent): Promise<void> {
  if (event.kind === 'refund-asked' || event.kind === 'charged-late') {
    const { refundId, amountMinor, state } = event.refund;
    await client.query(
      'INSERT INTO refund (refund_id, payment_id, amount_minor, state) VALUES ($1, $2, $3, $4)',
      [refundId, paymentId, amountMinor ?? null, state],
    );
  }
  if (event.kind === 'refund-closed')
    await client.query('UPDATE refund SET state = $2 WHERE refund_id = $1', [event.refundId, event.state]);
}

/** A new step is due at once and its attempts count from 0; the steps of a charge or a refund keep their attempts; a settled payment has none. */
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
