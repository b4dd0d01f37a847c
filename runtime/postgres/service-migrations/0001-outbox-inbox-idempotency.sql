-- What every service's schema has beside its own tables. Names are plain: the search path is the schema.

-- Events that the state change of the same transaction has caused, until the broker has acknowledged them.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  headers jsonb NOT NULL,
  value text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Refusals of the record itself; outages are not counted.
  attempts int NOT NULL DEFAULT 0,
  -- Null until the first refusal. While it lies ahead, later records of the same topic and key wait too.
  next_try_at timestamptz,
  last_error text
);
CREATE INDEX outbox_refused ON outbox (topic, key, id) WHERE next_try_at IS NOT NULL;
-- A queue: nearly every row dies young, and the relay reads past the dead ones until they are vacuumed.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Records that the broker refused as often as it may; `outbox-replay` puts them back.
CREATE TABLE outbox_dead (
  id bigint PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  headers jsonb NOT NULL,
  value text NOT NULL,
  created_at timestamptz NOT NULL,
  attempts int NOT NULL,
  reason text NOT NULL,
  died_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Events that a consumer group has handled.
CREATE TABLE inbox (
  group_name text NOT NULL,
  event_id text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_name, event_id)
);
CREATE INDEX inbox_seen_at ON inbox (seen_at);

-- Answers to requests that carried an Idempotency-Key; without a status the request is still being worked on.
CREATE TABLE idempotency (
  caller text NOT NULL,
  key text NOT NULL,
  method_url text NOT NULL,
  request_hash bytea NOT NULL,
  status int,
  body jsonb,
  headers jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);

-- Wakes the relay, in whichever process it runs, when the transaction commits.
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox_' || TG_TABLE_SCHEMA, '');
  RETURN NULL;
END
$$;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
