// Payments with what the ledger says of each, read for the reconciliation.
import type { Pool } from '#runtime/postgres/database.ts';
import type { BookedPayment } from './differences.ts';
import type { Status } from './domain.ts';

/** Payments requested or changed since then, and those of these ids however old they are. */
export async function readBooks(
  pool: Pool,
  sinceMs: number,
  paymentIds: readonly string[],
): Promise<BookedPayment[]> {
  const { rows } = await pool.query<{
    payment_id: string;
    order_id: string;
    status: Status;
    amount_minor: number;
    currency: string;
    refunded_minor: number;
    provider_ref: string | null;
    updated_at: Date;
    charged: number;
    refunded: number;
    balance: number;
  }>(
    `SELECT p.payment_id, p.order_id, p.status, p.amount_minor, p.currency, p.refunded_minor, p.provider_ref, p.updated_at,
       coalesce(sum(l.amount_minor) FILTER (WHERE l.kind = 'charge' AND l.account = 'provider-balance'), 0)::int8 AS charged,
       coalesce(-sum(l.amount_minor) FILTER (WHERE l.kind LIKE 'refund%' AND l.account = 'provider-balance'), 0)::int8 AS refunded,
       coalesce(sum(l.amount_minor), 0)::int8 AS balance
     FROM payment p LEFT JOIN ledger_entry l USING (payment_id)
     WHERE p.requested_at >= $1 OR p.updated_at >= $1 OR p.payment_id = ANY ($2) GROUP BY p.payment_id`,
    [new Date(sinceMs), paymentIds],
  );
  return rows.map((row) => ({
    paymentId: row.payment_id,
    orderId: row.order_id,
    status: row.status,
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    refundedMinor: row.refunded_minor,
    providerRef: row.provider_ref ?? undefined,
    changedAtMs: row.updated_at.getTime(),
    ledger: { charged: row.charged, refunded: row.refunded, balance: row.balance },
  }));
}
