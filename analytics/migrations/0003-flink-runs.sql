-- The second engine. Flink writes here what it has counted since its run began, as sums that only grow along the log; triggers add
-- what is new to the tables that the exporter, people and Node workers know. Why that is exactly once: docs/adr/0038.

-- A run is one life of the Flink job on one topic: from fixed offsets on, restored from its own savepoints and checkpoints as often as
-- needed. The job is given its id, and what flink_run_part says of it.
CREATE TABLE analytics.flink_run (
  run_id   text        NOT NULL PRIMARY KEY CHECK (run_id ~ '^[a-z0-9-]{1,40}$'),
  topic_id text        NOT NULL,
  topic    text        NOT NULL,
  state    text        NOT NULL DEFAULT 'current' CHECK (state IN ('current', 'ended', 'abandoned')),
  begun_at timestamptz NOT NULL DEFAULT now(),
  over_at  timestamptz,
  CHECK ((state = 'current') = (over_at IS NULL))
);
-- One engine, one run at a time.
CREATE UNIQUE INDEX flink_run_current ON analytics.flink_run (topic_id) WHERE state = 'current';

-- Where a run begins in each partition. One that the topic got later begins at 0, and is entered by its first progress.
CREATE TABLE analytics.flink_run_part (
  run_id        text    NOT NULL REFERENCES analytics.flink_run,
  part          integer NOT NULL,
  -- Records from here on make event ids and the greatest event time known; none of them is counted, nor a dead letter.
  read_from     bigint  NOT NULL,
  -- The first record that is counted.
  count_from    bigint  NOT NULL,
  -- Greatest event time below count_from, in milliseconds: what is read from read_from on may not hold it.
  max_ts        bigint,
  -- Of flink_totals rows that were purged.
  purged_events bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, part),
  CHECK (read_from <= count_from)
);

-- Upserted by Flink: what the run has counted of a window and label of a partition, up to last_offset.
CREATE TABLE analytics.flink_totals (
  run_id          text    NOT NULL REFERENCES analytics.flink_run,
  part            integer NOT NULL,
  -- In milliseconds: no time zone of a JVM has a say.
  window_start_ms bigint  NOT NULL,
  size_label      text    NOT NULL,
  events          bigint  NOT NULL,
  bytes           numeric NOT NULL,
  late_events     bigint  NOT NULL,
  late_bytes      numeric NOT NULL,
  -- Offset of the last record that is in these sums.
  last_offset     bigint  NOT NULL,
  PRIMARY KEY (run_id, part, window_start_ms, size_label)
);
CREATE INDEX flink_totals_window ON analytics.flink_totals (window_start_ms, size_label);

-- Upserted by Flink: what became of the offsets from count_from up to next_offset.
CREATE TABLE analytics.flink_progress (
  run_id       text    NOT NULL REFERENCES analytics.flink_run,
  part         integer NOT NULL,
  -- Behind the last record that was read; writes for records below count_from are ignored.
  next_offset  bigint  NOT NULL,
  -- Greatest event time of the records below next_offset; null while none has one.
  max_ts       bigint,
  events       bigint  NOT NULL,
  dead_letters bigint  NOT NULL,
  repeats      bigint  NOT NULL,
  PRIMARY KEY (run_id, part)
);

-- Upserted by Flink, and always empty: each goes into analytics.dlq, by its key once. `offset` would need quotes, which Flink's JDBC
-- connector does not write.
CREATE TABLE analytics.flink_dead_letters (
  run_id        text    NOT NULL,
  part          integer NOT NULL,
  record_offset bigint  NOT NULL,
  reason        text    NOT NULL,
  detail        text    NOT NULL,
  key           bytea,
  raw           bytea,
  -- A JSON object of texts, without U+0000.
  headers       text    NOT NULL,
  PRIMARY KEY (run_id, part, record_offset)
);

-- Up to where a partition is counted anew, since a run was taken back out: until then no window is published with less than was told of it.
ALTER TABLE analytics.part_state ADD COLUMN recount_to bigint;

-- The topic of a run that is current. Refuses any other: a job that is not wanted must fail where people see it. Flink's transactions
-- hold lock 7203003 together; whoever begins or ends a run, or publishes, holds it alone: a run cannot end within a write, and a
-- publisher, who locks rows in another order than Flink, cannot deadlock with it.
--
-- Nor does a run write of a partition whose log has lost offsets that it has not counted (a worker notes the gap): Flink's source reads on
-- behind them, and they would be missing without a word. A person accepts the gap; a log that was cut short begins again at offsets that
-- the run has counted, and no run can go on there.
CREATE FUNCTION analytics.flink_run_topic(run text, of_part integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  held analytics.flink_run;
  gap analytics.log_gap;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7203003);
  -- A statement of its own: it sees what was committed while we waited.
  SELECT * INTO held FROM analytics.flink_run WHERE run_id = run;
  IF held.state IS DISTINCT FROM 'current' THEN
    RAISE EXCEPTION 'Flink run % %: its job must be stopped', run, COALESCE('is ' || held.state, 'was never begun')
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'npm run engine -- status';
  END IF;
  SELECT * INTO gap FROM analytics.log_gap
  WHERE topic_id = held.topic_id AND part = of_part AND found_at >= held.begun_at
    AND (accepted_at IS NULL OR to_offset < from_offset) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'Flink run % may not write of partition %: its log lost offsets, from % to %', run, of_part, gap.from_offset, gap.to_offset
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'docs/runbooks/log-gap.md';
  END IF;
  RETURN held.topic_id;
END $$;

-- What Flink writes is a function of the log's prefix. A value that says otherwise is a job that counts differently at each attempt.
CREATE FUNCTION analytics.flink_contradicts(run text, part integer, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Flink run % contradicts itself in partition %: %', run, part, what
    USING ERRCODE = 'data_exception', HINT = 'npm run engine -- abandon';
END $$;

-- A write of an earlier prefix (after a restore, or by a job that lives on) changes nothing.
CREATE FUNCTION analytics.flink_totals_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  direction numeric;
BEGIN
  PERFORM analytics.flink_run_topic(NEW.run_id, NEW.part);
  IF NEW.last_offset < (SELECT count_from FROM analytics.flink_run_part WHERE run_id = NEW.run_id AND part = NEW.part) THEN
    PERFORM analytics.flink_contradicts(NEW.run_id, NEW.part, 'totals of records before the run');
  END IF;
  IF TG_OP = 'INSERT' THEN
    RETURN NEW;
  END IF;
  direction := sign(NEW.last_offset - OLD.last_offset);
  IF sign(NEW.events - OLD.events) <> direction
     OR sign(NEW.bytes - OLD.bytes) NOT IN (0, direction)
     OR sign(NEW.late_events - OLD.late_events) NOT IN (0, direction)
     OR sign(NEW.late_bytes - OLD.late_bytes) NOT IN (0, direction) THEN
    PERFORM analytics.flink_contradicts(NEW.run_id, NEW.part, format('totals %s after %s', to_jsonb(NEW), to_jsonb(OLD)));
  END IF;
  RETURN CASE WHEN direction > 0 THEN NEW END;
END $$;

CREATE FUNCTION analytics.flink_totals_add() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic text := analytics.flink_run_topic(NEW.run_id, NEW.part);
  old_events bigint := 0;
  old_bytes numeric := 0;
  old_late_events bigint := 0;
  old_late_bytes numeric := 0;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    old_events := OLD.events;
    old_bytes := OLD.bytes;
    old_late_events := OLD.late_events;
    old_late_bytes := OLD.late_bytes;
  END IF;
  INSERT INTO analytics.window_part AS w
    (window_start, size_label, topic_id, part, events, bytes, late_events, late_bytes)
  VALUES (to_timestamp(NEW.window_start_ms / 1000.0), NEW.size_label, topic, NEW.part, NEW.events - old_events,
    NEW.bytes - old_bytes, NEW.late_events - old_late_events, NEW.late_bytes - old_late_bytes)
  ON CONFLICT (window_start, size_label, topic_id, part) DO UPDATE
  SET events = w.events + excluded.events, bytes = w.bytes + excluded.bytes,
      late_events = w.late_events + excluded.late_events, late_bytes = w.late_bytes + excluded.late_bytes,
      published = false;
  PERFORM pg_notify('analytics_work', '');
  RETURN NULL;
END $$;

-- Where a run stood in a partition before its first progress.
CREATE FUNCTION analytics.flink_progress_base(run text, of_part integer) RETURNS analytics.flink_progress
LANGUAGE sql STABLE AS $$
  SELECT run, of_part, COALESCE(min(count_from), 0), min(max_ts), 0::bigint, 0::bigint, 0::bigint
  FROM analytics.flink_run_part WHERE run_id = run AND part = of_part
$$;

-- How many of the records are events is known a moment after or before they are seen: a sink that is closed between the two leaves an odd
-- value. So of one offset more events are later, and the next value puts it right; what the offsets and dead letters say must hold.
CREATE FUNCTION analytics.flink_progress_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  base analytics.flink_progress;
  records bigint;
BEGIN
  PERFORM analytics.flink_run_topic(NEW.run_id, NEW.part);
  IF TG_OP = 'UPDATE' THEN
    base := OLD;
  ELSE
    base := analytics.flink_progress_base(NEW.run_id, NEW.part);
    -- Read for its ids alone.
    IF NEW.next_offset <= base.next_offset THEN
      RETURN NULL;
    END IF;
  END IF;
  IF (NEW.next_offset, NEW.events) <= (base.next_offset, base.events) THEN
    RETURN NULL;
  END IF;
  records := NEW.events + NEW.dead_letters + NEW.repeats - base.events - base.dead_letters - base.repeats;
  IF NEW.dead_letters < base.dead_letters OR records NOT BETWEEN 0 AND NEW.next_offset - base.next_offset THEN
    PERFORM analytics.flink_contradicts(NEW.run_id, NEW.part, format('progress %s after %s', to_jsonb(NEW), to_jsonb(base)));
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION analytics.flink_progress_add() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_topic text := analytics.flink_run_topic(NEW.run_id, NEW.part);
  base analytics.flink_progress;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    base := OLD;
  ELSE
    base := analytics.flink_progress_base(NEW.run_id, NEW.part);
    INSERT INTO analytics.flink_run_part (run_id, part, read_from, count_from)
    VALUES (NEW.run_id, NEW.part, 0, 0) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO analytics.part_state (topic_id, part, topic, first_offset, next_offset, epoch, owner)
      SELECT topic_id, NEW.part, topic, 0, 0, 1, 'flink:' || run_id FROM analytics.flink_run WHERE run_id = NEW.run_id;
    END IF;
  END IF;
  -- idle_since: whoever asks the broker for the end tells (analytics/flink/runs/).
  UPDATE analytics.part_state
  SET next_offset = NEW.next_offset, max_ts = GREATEST(max_ts, NEW.max_ts), idle_since = NULL,
      events = events + (NEW.events - base.events),
      dead_letters = dead_letters + (NEW.dead_letters - base.dead_letters),
      repeats = repeats + (NEW.repeats - base.repeats),
      absent = absent + (NEW.next_offset - base.next_offset) - (NEW.events - base.events)
        - (NEW.dead_letters - base.dead_letters) - (NEW.repeats - base.repeats)
  WHERE topic_id = of_topic AND part = NEW.part AND owner = 'flink:' || NEW.run_id AND next_offset = base.next_offset;
  IF NOT FOUND THEN
    PERFORM analytics.flink_contradicts(NEW.run_id, NEW.part, 'analytics.part_state does not stand where this run left it');
  END IF;
  PERFORM pg_notify('analytics_work', '');
  RETURN NULL;
END $$;

CREATE FUNCTION analytics.flink_dead_letters_pass() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM analytics.flink_run_topic(NEW.run_id, NEW.part);
  IF NEW.record_offset >= (analytics.flink_progress_base(NEW.run_id, NEW.part)).next_offset THEN
    INSERT INTO analytics.dlq (topic_id, part, topic, "offset", reason, detail, key, raw, headers)
    SELECT topic_id, NEW.part, topic, NEW.record_offset, NEW.reason, NEW.detail, NEW.key, NEW.raw, NEW.headers::jsonb
    FROM analytics.flink_run WHERE run_id = NEW.run_id
    ON CONFLICT DO NOTHING;
    PERFORM pg_notify('analytics_work', '');
  END IF;
  RETURN NULL;
END $$;

-- What adds comes AFTER: a BEFORE INSERT trigger also runs for a row that then turns out to be there.
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON analytics.flink_totals
  FOR EACH ROW EXECUTE FUNCTION analytics.flink_totals_guard();
CREATE TRIGGER add AFTER INSERT OR UPDATE ON analytics.flink_totals
  FOR EACH ROW EXECUTE FUNCTION analytics.flink_totals_add();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON analytics.flink_progress
  FOR EACH ROW EXECUTE FUNCTION analytics.flink_progress_guard();
CREATE TRIGGER add AFTER INSERT OR UPDATE ON analytics.flink_progress
  FOR EACH ROW EXECUTE FUNCTION analytics.flink_progress_add();
CREATE TRIGGER pass BEFORE INSERT ON analytics.flink_dead_letters
  FOR EACH ROW EXECUTE FUNCTION analytics.flink_dead_letters_pass();
