-- Bytes per (window, size_label), counted exactly once. part_state is the truth about the position in the log;
-- Kafka's committed offset is only shown.

CREATE TABLE analytics.part_state (
  topic_id     text        NOT NULL,
  part         integer     NOT NULL,
  topic        text        NOT NULL,
  -- Where counting began: the earliest offset there was when the partition was first seen.
  first_offset bigint      NOT NULL,
  next_offset  bigint      NOT NULL,
  -- The fence: raised by every claim, checked by every commit.
  epoch        bigint      NOT NULL,
  owner        text        NOT NULL,
  -- Greatest event time of the log prefix below next_offset, in milliseconds; lateness is read off it.
  max_ts       bigint,
  -- The partition's end as the broker last told it, and when.
  end_offset   bigint,
  end_at       timestamptz,
  -- Since when next_offset has been the end.
  idle_since   timestamptz,
  -- What became of each offset: events + dead_letters + repeats + absent = next_offset - first_offset.
  events       bigint      NOT NULL DEFAULT 0,
  dead_letters bigint      NOT NULL DEFAULT 0,
  repeats      bigint      NOT NULL DEFAULT 0,
  absent       bigint      NOT NULL DEFAULT 0,
  claimed_at   timestamptz NOT NULL DEFAULT now(),
  -- Set when the topic was made anew under the same name: its offsets mean nothing any more.
  retired_at   timestamptz,
  PRIMARY KEY (topic_id, part)
);

-- A row per partition, so that no two workers ever write the same row.
CREATE TABLE analytics.window_part (
  window_start timestamptz NOT NULL,
  size_label   text        NOT NULL,
  topic_id     text        NOT NULL,
  part         integer     NOT NULL,
  events       bigint      NOT NULL,
  bytes        numeric     NOT NULL,
  late_events  bigint      NOT NULL,
  late_bytes   numeric     NOT NULL,
  -- False when the row has changed since the last revision that holds it.
  published    boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (window_start, size_label, topic_id, part)
);
CREATE INDEX window_part_unpublished ON analytics.window_part (window_start, size_label) WHERE NOT published;

-- Event ids of one batch as packed 64-bit hashes, in log order.
CREATE TABLE analytics.seen_ids (
  topic_id     text    NOT NULL,
  part         integer NOT NULL,
  first_offset bigint  NOT NULL,
  ids          bytea   NOT NULL,
  max_ts       bigint,
  PRIMARY KEY (topic_id, part, first_offset)
);
-- Hashes do not compress: trying costs time and saves nothing.
ALTER TABLE analytics.seen_ids ALTER COLUMN ids SET STORAGE EXTERNAL;

CREATE TABLE analytics.dlq (
  topic_id    text        NOT NULL,
  part        integer     NOT NULL,
  "offset"    bigint      NOT NULL,
  topic       text        NOT NULL,
  reason      text        NOT NULL,
  detail      text        NOT NULL,
  key         bytea,
  raw         bytea,
  headers     jsonb       NOT NULL,
  published   boolean     NOT NULL DEFAULT false,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic_id, part, "offset")
);
CREATE INDEX dlq_unpublished ON analytics.dlq (recorded_at) WHERE NOT published;

-- Offsets that the log no longer has and we never read. The worker halts until a person sets accepted_at.
CREATE TABLE analytics.log_gap (
  topic_id    text        NOT NULL,
  part        integer     NOT NULL,
  from_offset bigint      NOT NULL,
  to_offset   bigint      NOT NULL,
  topic       text        NOT NULL,
  found_at    timestamptz NOT NULL DEFAULT now(),
  accepted_at timestamptz,
  PRIMARY KEY (topic_id, part, from_offset)
);

-- What is published: revision 1 when the window closes, one more for each later change.
CREATE TABLE analytics.window_out (
  window_start timestamptz NOT NULL,
  size_label   text        NOT NULL,
  revision     integer     NOT NULL,
  events       bigint      NOT NULL,
  bytes        numeric     NOT NULL,
  late_events  bigint      NOT NULL,
  late_bytes   numeric     NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (window_start, size_label, revision)
);

CREATE TABLE analytics.delivery (
  window_start timestamptz NOT NULL,
  size_label   text        NOT NULL,
  revision     integer     NOT NULL,
  sink         text        NOT NULL CHECK (sink IN ('firestore', 'gcs', 'results-topic')),
  state        text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'superseded')),
  attempts     integer     NOT NULL DEFAULT 0,
  next_try     timestamptz NOT NULL DEFAULT now(),
  last_error   text,
  PRIMARY KEY (window_start, size_label, revision, sink),
  FOREIGN KEY (window_start, size_label, revision) REFERENCES analytics.window_out ON DELETE CASCADE
);
CREATE INDEX delivery_pending ON analytics.delivery (sink, next_try) WHERE state = 'pending';

-- What dashboards and people query.
CREATE VIEW analytics.size_label_totals AS
SELECT window_start,
       size_label,
       sum(events)::bigint      AS events,
       sum(bytes)               AS bytes,
       sum(late_events)::bigint AS late_events,
       sum(late_bytes)          AS late_bytes
FROM analytics.window_part
GROUP BY window_start, size_label;
