// Commands in, payment rows out, with what each fact writes beside them. One transaction a command; those of one order in turn.
import { AppError } from '#runtime/errors.ts';
import { takeOnce } from '#runtime/inbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres.ts';
import {
  type Command,
  decide,
  evolve,
  type Fact,
  type FailureReason,
  type OrderMoney,
  type Payment,
  type PaymentStore,
  type Status,
} from './domain.ts';

export type Client = Pick<PoolClient, 'query'>;

/** Writes what a fact brings about besides the payment itself, in the same transaction. */
export type FactWriter = (
  client: Client,
  payment: Payment,
  fact: Fact,
  traceparent: string | undefined,
) => Promise<void>;

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
          throw new AppError(decision.because, `${command.kind} is refused: ${decision.because}`, {
            orderId,
          });
        }
        if (decision.kind === 'ignored') return [];
        await record(client, orderId, before, decision.facts, {
          writers: options.writers,
          traceparent: before.traceparent ?? cause?.traceparent,
        });
        return decision.facts;
      }),
    find: async (orderId) => {
      const { state, version } = await load(pool, orderId);
      return { ...state, version };
    },
  };
}

async function load(client: Client, orderId: string): Promise<Loaded> {
  const { rows } = await client.query<PaymentRow & { is_cancelled: boolean }>(
    `SELECT p.*, c.order_id IS NOT NULL AS is_cancelled FROM (SELECT $1::text AS id) o
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
      };

async function record(
  client: Client,
  orderId: string,
  before: Loaded,
  facts: readonly Fact[],
  { writers, traceparent }: { writers: readonly FactWriter[]; traceparent: string | undefined },
): Promise<void> {
  let { state } = before;
  for (const fact of facts) {
    state = evolve(state, fact);
    if (fact.kind === 'order-cancelled') {
      await client.query('INSERT INTO cancelled_order (order_id) VALUES ($1)', [orderId]);
    } else {
      await save(client, state.payment!, traceparent);
      for (const write of writers) await write(client, state.payment!, fact, traceparent);
    }
  }
}

/** A refund's steps begin anew and at once; the charge's go on as they are taken; a settled payment has none. */
async function save(client: Client, payment: Payment, traceparent: string | undefined): Promise<void> {
  const { amount } = payment;
  await client.query(
    `INSERT INTO payment AS p (payment_id, order_id, user_id, amount_minor, currency, requested_at, traceparent,
       status, payment_method, provider_ref, failure_reason, next_step_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
       CASE WHEN $8 IN ('requested', 'charging', 'refunding') THEN clock_timestamp() END)
     ON CONFLICT (payment_id) DO UPDATE SET
       status = EXCLUDED.status, payment_method = EXCLUDED.payment_method, provider_ref = EXCLUDED.provider_ref,
       failure_reason = EXCLUDED.failure_reason, version = p.version + 1, updated_at = clock_timestamp(),
       attempts = CASE EXCLUDED.status WHEN 'charging' THEN p.attempts ELSE 0 END,
       next_step_at = CASE EXCLUDED.status WHEN 'charging' THEN p.next_step_at ELSE EXCLUDED.next_step_at END`,
    [
      payment.paymentId,
      payment.orderId,
      payment.userId,
      amount.amountMinor,
      amount.currency,
      new Date(payment.requestedAtMs),
      traceparent,
      payment.status,
      payment.paymentMethod,
      payment.providerRef,
      payment.failureReason,
    ],
  );
}
