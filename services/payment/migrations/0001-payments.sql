-- One payment an order. The order's cancellation may come first, so it has a table of its own.
CREATE TABLE cancelled_order (
  order_id text PRIMARY KEY,
  cancelled_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE payment (
  payment_id text PRIMARY KEY,
  order_id text NOT NULL UNIQUE,
  user_id text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  currency char(3) NOT NULL,
  status text NOT NULL CHECK (status IN ('requested', 'charging', 'succeeded', 'refunding', 'refunded', 'failed')),
  requested_at timestamptz NOT NULL,
  -- The provider's token of a means of payment: kept only until the charge is settled.
  payment_method text CHECK (payment_method IS NULL OR status IN ('requested', 'charging')),
  provider_ref text CHECK (provider_ref IS NOT NULL OR status IN ('requested', 'charging', 'failed')),
  failure_reason text CHECK (failure_reason IS NOT NULL OR status <> 'failed'),
  version int NOT NULL DEFAULT 1,
  -- Trace of the request, carried on by every event of this payment.
  traceparent text,
  -- The next step towards the provider: when, and how often it was tried in this status. Null: nothing is left to do.
  next_step_at timestamptz CHECK ((next_step_at IS NOT NULL) = (status IN ('requested', 'charging', 'refunding'))),
  attempts int NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payment_next_step_at ON payment (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX payment_requested_at ON payment (requested_at, payment_id);

-- Double entry: what goes into one account comes out of another. Debits are positive.
CREATE TABLE ledger_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id text NOT NULL REFERENCES payment,
  kind text NOT NULL CHECK (kind IN ('charge', 'refund')),
  account text NOT NULL CHECK (account IN ('provider-balance', 'sales')),
  amount_minor bigint NOT NULL,
  currency char(3) NOT NULL,
  booked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Charged once, refunded once, whatever is repeated.
  UNIQUE (payment_id, kind, account)
);

CREATE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount_minor) FROM ledger_entry WHERE payment_id = NEW.payment_id) <> 0 THEN
    RAISE EXCEPTION 'the ledger of payment % does not balance', NEW.payment_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
-- Deferred: the two sides of a booking are two rows.
CREATE CONSTRAINT TRIGGER ledger_must_balance AFTER INSERT ON ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_balance();

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger entries are never changed: book the reverse' USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
