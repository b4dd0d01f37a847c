-- How the sandbox behaves for a while, whatever the means of payment says: services/payment/sandbox-behaviour.ts.
CREATE TABLE sandbox_behaviour (
  kind text PRIMARY KEY CHECK (kind IN ('slow', 'declining')),
  until timestamptz NOT NULL
);
