-- What the sandbox provider knows: it stands for a system of others, so nothing else reads or writes these tables.
CREATE TABLE sandbox_charge (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id text NOT NULL UNIQUE,
  order_id text NOT NULL,
  amount_minor bigint NOT NULL,
  currency char(3) NOT NULL,
  -- Null: the provider was called, and did not take the call.
  outcome text CHECK (outcome IN ('succeeded', 'failed', 'pending')),
  failure_reason text,
  calls int NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When a pending charge succeeds.
  settles_at timestamptz,
  refunded_at timestamptz
);

CREATE TABLE sandbox_webhook (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL,
  payment_id text NOT NULL,
  due_at timestamptz NOT NULL
);
CREATE INDEX sandbox_webhook_due_at ON sandbox_webhook (due_at);
