-- Refunds of the sandbox, several of one charge.
CREATE TABLE sandbox_refund (
  refund_id text PRIMARY KEY,
  payment_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sandbox_refund_of_payment ON sandbox_refund (payment_id);
INSERT INTO sandbox_refund (refund_id, payment_id, amount_minor, created_at)
SELECT payment_id || '/rest/0', payment_id, amount_minor, refunded_at FROM sandbox_charge WHERE refunded_at IS NOT NULL;
ALTER TABLE sandbox_charge DROP COLUMN refunded_at;
ALTER TABLE sandbox_webhook
  ADD COLUMN about text NOT NULL DEFAULT 'charge' CHECK (about IN ('charge', 'refund'));
