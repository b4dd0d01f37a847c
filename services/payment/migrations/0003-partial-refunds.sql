-- What went back is a sum: several refunds of a payment, by us or at the provider's own console.
ALTER TABLE payment
  ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
  -- How often that sum has changed: it numbers bookings and events.
  ADD COLUMN refund_count int NOT NULL DEFAULT 0;
UPDATE payment SET refunded_minor = amount_minor, refund_count = 1 WHERE status = 'refunded' AND amount_minor > 0;
ALTER TABLE payment
  ADD CHECK (refunded_minor BETWEEN 0 AND amount_minor),
  ADD CHECK (status <> 'refunded' OR refunded_minor = amount_minor);
-- News that name nothing but the charge.
CREATE INDEX payment_provider_ref ON payment (provider_ref) WHERE provider_ref IS NOT NULL;

-- What somebody wants to give back. Rows stay: the same wish again is known for good.
CREATE TABLE refund (
  refund_id text PRIMARY KEY,
  payment_id text NOT NULL REFERENCES payment,
  asked_no bigint GENERATED ALWAYS AS IDENTITY,
  -- Null: all that is left when the provider is asked.
  amount_minor bigint CHECK (amount_minor > 0),
  state text NOT NULL CHECK (state IN ('open', 'done', 'refused')),
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX refund_of_payment ON refund (payment_id, asked_no);
INSERT INTO refund (refund_id, payment_id, state)
SELECT payment_id || '/rest/0', payment_id, CASE status WHEN 'refunding' THEN 'open' ELSE 'done' END
FROM payment WHERE status IN ('refunding', 'refunded') ORDER BY requested_at;

ALTER TABLE ledger_entry
  ADD COLUMN booking int NOT NULL DEFAULT 0,
  DROP CONSTRAINT ledger_entry_kind_check,
  ADD CHECK (kind IN ('charge', 'refund', 'refund-failed')),
  DROP CONSTRAINT ledger_entry_payment_id_kind_account_key,
  -- Charged once, and each change of the refunded sum booked once, whatever is repeated.
  ADD CHECK (kind <> 'charge' OR booking = 0),
  ADD UNIQUE (payment_id, kind, account, booking);

CREATE OR REPLACE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_minor) FROM ledger_entry WHERE payment_id = NEW.payment_id) <> 0 THEN
    RAISE EXCEPTION 'the ledger of payment % does not balance', NEW.payment_id USING ERRCODE = 'check_violation';
  END IF;
  IF (SELECT sum(amount_minor) FROM ledger_entry
      WHERE payment_id = NEW.payment_id AND account = 'provider-balance') < 0 THEN
    RAISE EXCEPTION 'more of payment % went back than was charged', NEW.payment_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
