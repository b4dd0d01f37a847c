-- What people did in the shop, and what the days earned: counted in the same transaction as the position (part_state).

-- A row per partition, so that no two workers ever write the same row. Days are of the event's own time, in UTC.
CREATE TABLE analytics.revenue_part (
  day            date    NOT NULL,
  currency       text    NOT NULL,
  topic_id       text    NOT NULL,
  part           integer NOT NULL,
  payments       bigint  NOT NULL,
  amount_minor   numeric NOT NULL,
  refunds        bigint  NOT NULL,
  refunded_minor numeric NOT NULL,
  PRIMARY KEY (day, currency, topic_id, part)
);

-- What dashboards and people query. A refund counts on its own day, not on the payment's.
CREATE VIEW analytics.revenue_per_day AS
SELECT day,
       currency,
       sum(payments)::bigint                   AS payments,
       sum(amount_minor)                       AS gross_minor,
       sum(refunds)::bigint                    AS refunds,
       sum(refunded_minor)                     AS refunded_minor,
       sum(amount_minor) - sum(refunded_minor) AS net_minor
FROM analytics.revenue_part
GROUP BY day, currency;

-- One row per event, and the state of its document's delivery. Ids and amounts only: nothing here tells who a person is.
CREATE TABLE analytics.activity (
  -- Of the document: a hash of the event's kind, source and id (contracts/activity.ts).
  id           text        NOT NULL PRIMARY KEY,
  topic_id     text        NOT NULL,
  part         integer     NOT NULL,
  user_id      text        NOT NULL,
  kind         text        NOT NULL,
  occurred_at  timestamptz NOT NULL,
  order_id     text,
  amount_minor bigint,
  currency     text,
  recorded_at  timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  attempts     integer     NOT NULL DEFAULT 0,
  next_try     timestamptz NOT NULL DEFAULT now(),
  last_error   text,
  CHECK ((amount_minor IS NULL) = (currency IS NULL))
);
CREATE INDEX activity_waiting ON analytics.activity (next_try) WHERE delivered_at IS NULL;
-- For the purge.
CREATE INDEX activity_occurred ON analytics.activity (occurred_at);
