// The double-entry book: a charge moves its amount from sales to what the provider owes us, a refund moves its part back. Two rows
// each, in the transaction of the event; the database refuses what does not balance, what comes twice, more than was charged, and any change.
import type { Payment, PaymentEvent } from './domain.ts';
import type { EventWriter } from './store.ts';

/** Books charges and refunds. */
export const bookEvent: EventWriter = async (client, payment, event) => {
  const booking = bookingOf(payment, event);
  if (!booking) return;
  const [kind, debit, number] = booking;
  await client.query(
    `INSERT INTO ledger_entry (payment_id, kind, account, amount_minor, currency, booking)
     VALUES ($1, $2, 'provider-balance', $3, $5, $6), ($1, $2, 'sales', $4, $5, $6)`,
    [payment.paymentId, kind, debit, -debit, payment.amount.currency, number],
  );
};

/** The kind, what the provider owes us more, and the number among bookings of the kind. */
function bookingOf(
  { amount, refundCount }: Payment,
  event: PaymentEvent,
): [string, number, number] | undefined {
  switch (event.kind) {
    case 'charged':
    case 'charged-late':
      return ['charge', amount.amountMinor, 0];
    case 'refunded':
      return ['refund', -event.amountMinor, refundCount];
    case 'refund-failed':
      return ['refund-failed', event.amountMinor, refundCount];
    default:
      return undefined;
  }
}
