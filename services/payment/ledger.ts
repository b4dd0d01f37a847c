// The double-entry book: a charge moves its amount from sales to what the provider owes us, a refund moves it back. Two rows each,
// in the transaction of the fact; the database refuses what does not balance, what comes twice, and any change.
import type { FactWriter } from './store.ts';

/** Books charges and refunds. */
export const bookFact: FactWriter = async (client, { paymentId, amount }, fact) => {
  const kind = fact.kind === 'refunded' ? 'refund' : 'charge';
  if (kind === 'charge' && fact.kind !== 'charged' && fact.kind !== 'charged-late') return;
  const debit = kind === 'charge' ? amount.amountMinor : -amount.amountMinor;
  await client.query(
    `INSERT INTO ledger_entry (payment_id, kind, account, amount_minor, currency)
     VALUES ($1, $2, 'provider-balance', $3, $5), ($1, $2, 'sales', $4, $5)`,
    [paymentId, kind, debit, -debit, amount.currency],
  );
};
