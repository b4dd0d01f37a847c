-- Bytes per minute and size_label, counted by Flink. Made from contracts/ by analytics/flink/sql.ts: npm run flink:sql.
-- What stands here as ${…} is filled in when the job is submitted. Why it is exact: docs/adr/0038.

SET 'pipeline.name' = 'image-bytes';

SET 'parallelism.default' = '${PARALLELISM}';

SET 'execution.runtime-mode' = 'streaming';

SET 'table.local-time-zone' = 'UTC';

SET 'table.exec.state.ttl' = '${ID_HORIZON}';

SET 'table.exec.sink.upsert-materialize' = 'NONE';

SET 'execution.checkpointing.interval' = '${CHECKPOINT_INTERVAL}';

SET 'execution.checkpointing.mode' = 'EXACTLY_ONCE';

SET 'execution.checkpointing.unaligned.enabled' = 'false';

SET 'execution.checkpointing.externalized-checkpoint-retention' = 'RETAIN_ON_CANCELLATION';

SET 'table.optimizer.reuse-optimize-block-with-digest-enabled' = 'true';

SET 'table.exec.mini-batch.enabled' = 'true';

SET 'table.exec.mini-batch.allow-latency' = '200 ms';

SET 'table.exec.mini-batch.size' = '20000';

CREATE TEMPORARY TABLE image_log (
  part INT NOT NULL METADATA FROM 'partition' VIRTUAL,
  record_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
  stamp TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp' VIRTUAL,
  headers MAP<STRING, BYTES> METADATA VIRTUAL,
  record_key BYTES,
  record_value BYTES,
  read_at AS PROCTIME()
) WITH (
  'connector' = 'kafka',
  'topic' = '${TOPIC}',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.group.id' = '${KAFKA_GROUP}',
  'properties.isolation.level' = 'read_committed',
  'scan.startup.mode' = 'specific-offsets',
  'scan.startup.specific-offsets' = '${READ_FROM}',
  'scan.topic-partition-discovery.interval' = '30 s',
  'key.format' = 'raw',
  'key.fields' = 'record_key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY'${KAFKA_OPTIONS}
);

CREATE TEMPORARY VIEW envelope AS
SELECT
  *,
  CASE WHEN RAND() < 2 THEN CAST(headers['ce_type'] AS STRING) END AS ce_type,
  CASE WHEN RAND() < 2 THEN CAST(headers['ce_specversion'] AS STRING) END AS ce_specversion,
  CASE WHEN RAND() < 2 THEN CAST(headers['ce_id'] AS STRING) END AS id,
  CASE WHEN RAND() < 2 THEN CAST(headers['ce_source'] AS STRING) END AS source,
  CASE WHEN RAND() < 2 THEN CASE WHEN REGEXP(CAST(headers['ce_time'] AS STRING), '^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)\z') THEN UPPER(CAST(headers['ce_time'] AS STRING)) END END AS ce_time,
  CASE WHEN RAND() < 2 THEN '{"v":' || CASE WHEN LEFT(CAST(record_value AS STRING), 1) = U&'\FEFF' THEN SUBSTRING(CAST(record_value AS STRING), 2) ELSE CAST(record_value AS STRING) END || '}' END AS document,
  CASE WHEN RAND() < 2 THEN '[' || CASE WHEN LEFT(CAST(record_value AS STRING), 1) = U&'\FEFF' THEN SUBSTRING(CAST(record_value AS STRING), 2) ELSE CAST(record_value AS STRING) END || ']' END AS in_list
FROM image_log;

CREATE TEMPORARY VIEW timed AS
SELECT
  *,
  CASE WHEN RAND() < 2 THEN CASE WHEN CAST(SUBSTRING(ce_time, 18, 2) AS BIGINT) < 60 THEN (TIMESTAMPDIFF(DAY, DATE '1970-01-01', TRY_CAST(LEFT(ce_time, 10) AS DATE)) * CAST(1440 AS BIGINT) + CAST(SUBSTRING(ce_time, 12, 2) AS BIGINT) * 60 + CAST(SUBSTRING(ce_time, 15, 2) AS BIGINT) + CASE WHEN RIGHT(ce_time, 1) = 'Z' THEN 0 WHEN LEFT(RIGHT(ce_time, 6), 1) = '-' THEN CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT) ELSE -(CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT)) END) * 60000 + CAST(SUBSTRING(ce_time, 18, 2) AS BIGINT) * 1000 + CASE WHEN SUBSTRING(ce_time, 20, 1) = '.' THEN CAST(RPAD(REGEXP_EXTRACT(ce_time, '\.(\d{1,3})', 1), 3, '0') AS BIGINT) ELSE 0 END ELSE CASE WHEN DATE_FORMAT(TO_TIMESTAMP_LTZ((TIMESTAMPDIFF(DAY, DATE '1970-01-01', TRY_CAST(LEFT(ce_time, 10) AS DATE)) * CAST(1440 AS BIGINT) + CAST(SUBSTRING(ce_time, 12, 2) AS BIGINT) * 60 + CAST(SUBSTRING(ce_time, 15, 2) AS BIGINT) + CASE WHEN RIGHT(ce_time, 1) = 'Z' THEN 0 WHEN LEFT(RIGHT(ce_time, 6), 1) = '-' THEN CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT) ELSE -(CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT)) END) * 60000, 3), 'MM-dd HH:mm') IN ('06-30 23:59', '12-31 23:59')
    THEN (TIMESTAMPDIFF(DAY, DATE '1970-01-01', TRY_CAST(LEFT(ce_time, 10) AS DATE)) * CAST(1440 AS BIGINT) + CAST(SUBSTRING(ce_time, 12, 2) AS BIGINT) * 60 + CAST(SUBSTRING(ce_time, 15, 2) AS BIGINT) + CASE WHEN RIGHT(ce_time, 1) = 'Z' THEN 0 WHEN LEFT(RIGHT(ce_time, 6), 1) = '-' THEN CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT) ELSE -(CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT)) END) * 60000 + 59999 END END END AS time_ms
FROM envelope;

CREATE TEMPORARY VIEW parsed AS
SELECT
  *,
  CASE WHEN RAND() < 2 THEN JSON_QUERY(document, 'lax $.v[''productId'',''sizeTable'']') END AS json_data,
  CASE WHEN RAND() < 2 THEN JSON_QUERY(document, 'lax $.v.rendition[''bucket'',''bytes'',''format'',''height'',''key'',''width'']') END AS json_data_rendition,
  CASE WHEN RAND() < 2 THEN JSON_QUERY(document, 'lax $.v.source[''bucket'',''key'',''version'']') END AS json_data_source
FROM timed;

CREATE TEMPORARY VIEW measured AS
SELECT
  *,
  CASE WHEN RAND() < 2 THEN TRY_CAST(REGEXP_EXTRACT(json_data, '^\{"productId":"(?:[^"\\]++|\\.)++","sizeTable":(-?[0-9.E+-]+)\}\z', 1) AS DOUBLE) END AS data_size_table,
  CASE WHEN RAND() < 2 THEN TRY_CAST(REGEXP_EXTRACT(json_data_rendition, '^\{"bucket":"(?:[^"\\]++|\\.)++","bytes":(-?[0-9.E+-]+),"format":"(?:jpeg|png|webp|avif|gif)","height":(-?[0-9.E+-]+),"key":"(?:[^"\\]++|\\.)++","width":(-?[0-9.E+-]+)\}\z', 1) AS DOUBLE) END AS data_rendition_bytes,
  CASE WHEN RAND() < 2 THEN TRY_CAST(REGEXP_EXTRACT(json_data_rendition, '^\{"bucket":"(?:[^"\\]++|\\.)++","bytes":(-?[0-9.E+-]+),"format":"(?:jpeg|png|webp|avif|gif)","height":(-?[0-9.E+-]+),"key":"(?:[^"\\]++|\\.)++","width":(-?[0-9.E+-]+)\}\z', 2) AS DOUBLE) END AS data_rendition_height,
  CASE WHEN RAND() < 2 THEN TRY_CAST(REGEXP_EXTRACT(json_data_rendition, '^\{"bucket":"(?:[^"\\]++|\\.)++","bytes":(-?[0-9.E+-]+),"format":"(?:jpeg|png|webp|avif|gif)","height":(-?[0-9.E+-]+),"key":"(?:[^"\\]++|\\.)++","width":(-?[0-9.E+-]+)\}\z', 3) AS DOUBLE) END AS data_rendition_width
FROM parsed;

CREATE TEMPORARY VIEW readings AS
SELECT
  part,
  record_offset,
  read_at,
  headers,
  record_key,
  record_value,
  source,
  id,
  time_ms,
  CAST(data_rendition_bytes AS BIGINT) AS size_bytes,
  CASE
    WHEN data_size_table = 1 THEN CASE
    WHEN GREATEST(data_rendition_width, data_rendition_height) <= 160 THEN 'thumbnail'
    WHEN GREATEST(data_rendition_width, data_rendition_height) <= 480 THEN 'small'
    WHEN GREATEST(data_rendition_width, data_rendition_height) <= 960 THEN 'medium'
    WHEN GREATEST(data_rendition_width, data_rendition_height) <= 1920 THEN 'large'
    WHEN GREATEST(data_rendition_width, data_rendition_height) <= 3840 THEN 'xlarge'
    ELSE 'oversize'
  END
    ELSE NULL
  END AS size_label,
  CASE
    WHEN record_value IS NULL THEN 'null-value'
    WHEN COALESCE(ce_type, '') <> 'shop.product-images.processed.v1' AND REGEXP(COALESCE(ce_type, ''), '^shop\.product-images\.processed(\.v\d+)?\z') THEN 'unknown-version'
    WHEN COALESCE(ce_type, '') <> 'shop.product-images.processed.v1' THEN 'unknown-type'
    WHEN COALESCE(ce_specversion, '') <> '1.0' OR COALESCE(id, '') = '' OR COALESCE(source, '') = '' OR time_ms IS NULL THEN 'bad-envelope'
    WHEN CAST(CAST(record_value AS STRING) AS BYTES) <> record_value THEN 'bad-utf8'
    WHEN NOT (document IS JSON AND in_list IS JSON) THEN 'bad-json'
    WHEN NOT COALESCE(data_size_table BETWEEN -9007199254740991 AND 9007199254740991 AND FLOOR(data_size_table) = data_size_table
      AND data_rendition_bytes BETWEEN 0 AND 9007199254740991 AND FLOOR(data_rendition_bytes) = data_rendition_bytes AND data_rendition_height BETWEEN 1 AND 9007199254740991 AND FLOOR(data_rendition_height) = data_rendition_height AND data_rendition_width BETWEEN 1 AND 9007199254740991 AND FLOOR(data_rendition_width) = data_rendition_width
      AND REGEXP(json_data_source, '^\{"bucket":"(?:[^"\\]++|\\.)++","key":"(?:[^"\\]++|\\.)++","version":"(?:[^"\\]++|\\.)++"\}\z')
      AND data_size_table IN (1), FALSE) THEN 'bad-data'
    WHEN TO_TIMESTAMP_LTZ(time_ms - 300000, 3) > stamp THEN 'future-time'
    WHEN TO_TIMESTAMP_LTZ(time_ms + 31622400000, 3) < stamp THEN 'too-old'
    ELSE NULL
  END AS reason
FROM measured;

CREATE TEMPORARY VIEW known AS
SELECT
  *,
  MAX(CASE WHEN reason IS NULL THEN time_ms END) OVER (PARTITION BY part ORDER BY read_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS max_read_ms
FROM (SELECT part, record_offset, read_at, source, id, time_ms, size_bytes, size_label, reason FROM readings);

CREATE TEMPORARY VIEW placed AS
SELECT
  *,
  COALESCE(GREATEST(max_read_ms, ${KNOWN_MAX_MS}), max_read_ms, ${KNOWN_MAX_MS}) AS max_ms,
  record_offset >= ${COUNT_FROM} AS is_counted
FROM known;

CREATE TEMPORARY VIEW firsts AS
SELECT
  part,
  record_offset,
  time_ms - MOD(time_ms, 60000) AS window_start_ms,
  size_label,
  CAST(size_bytes AS DECIMAL(38, 0)) AS size_bytes,
  time_ms - MOD(time_ms, 60000) + 60000 + ${LATENESS_MS} <= max_ms - ${OUT_OF_ORDER_BOUND_MS} AS is_late
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY part, source, id ORDER BY read_at) AS nth FROM placed WHERE reason IS NULL
)
WHERE nth = 1 AND is_counted;

CREATE TEMPORARY TABLE flink_totals (
  run_id STRING, part INT, window_start_ms BIGINT, size_label STRING,
  events BIGINT, `bytes` DECIMAL(38, 0), late_events BIGINT, late_bytes DECIMAL(38, 0), last_offset BIGINT,
  PRIMARY KEY (run_id, part, window_start_ms, size_label) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL}',
  'username' = '${DATABASE_USER}',
  'password' = '${DATABASE_PASSWORD}',
  'table-name' = 'analytics.flink_totals',
  'sink.buffer-flush.max-rows' = '0',
  'sink.buffer-flush.interval' = '0'
);

CREATE TEMPORARY TABLE flink_progress (
  run_id STRING, part INT, next_offset BIGINT, max_ts BIGINT, events BIGINT, dead_letters BIGINT, repeats BIGINT,
  PRIMARY KEY (run_id, part) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL}',
  'username' = '${DATABASE_USER}',
  'password' = '${DATABASE_PASSWORD}',
  'table-name' = 'analytics.flink_progress',
  'sink.buffer-flush.max-rows' = '0',
  'sink.buffer-flush.interval' = '0'
);

CREATE TEMPORARY TABLE flink_dead_letters (
  run_id STRING, part INT, record_offset BIGINT, reason STRING, detail STRING, `key` BYTES, `raw` BYTES, headers STRING,
  PRIMARY KEY (run_id, part, record_offset) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL}',
  'username' = '${DATABASE_USER}',
  'password' = '${DATABASE_PASSWORD}',
  'table-name' = 'analytics.flink_dead_letters',
  'sink.buffer-flush.max-rows' = '16',
  'sink.buffer-flush.interval' = '0'
);

EXECUTE STATEMENT SET
BEGIN
INSERT INTO flink_totals
SELECT /*+ STATE_TTL('firsts' = '400 d') */ '${RUN_ID}', part, window_start_ms, size_label, COUNT(*), SUM(size_bytes), COUNT(*) FILTER (WHERE is_late),
  COALESCE(SUM(size_bytes) FILTER (WHERE is_late), 0), MAX(record_offset)
FROM firsts GROUP BY part, window_start_ms, size_label;
INSERT INTO flink_progress
SELECT /*+ STATE_TTL('tally' = '0 s') */ '${RUN_ID}', part, MAX(record_offset) + 1, MAX(max_ms), SUM(events), SUM(dead_letters), SUM(readable) - SUM(events)
FROM (
  SELECT part, record_offset, max_ms, CAST(0 AS BIGINT) AS events,
    CAST(CASE WHEN reason IS NULL THEN 0 ELSE 1 END AS BIGINT) AS dead_letters,
    CAST(CASE WHEN reason IS NULL THEN 1 ELSE 0 END AS BIGINT) AS readable
  FROM placed WHERE is_counted
  UNION ALL
  SELECT part, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(1 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM firsts
) AS tally GROUP BY part;
INSERT INTO flink_dead_letters
SELECT '${RUN_ID}', part, record_offset, reason,
  CASE
    WHEN reason = 'null-value' THEN 'the record has no value'
    WHEN reason = 'unknown-version' THEN 'ce_type is another version of shop.product-images.processed.v1'
    WHEN reason = 'unknown-type' THEN 'ce_type is not shop.product-images.processed.v1'
    WHEN reason = 'bad-envelope' THEN 'ce_specversion, ce_id, ce_source or ce_time is missing or not what CloudEvents asks for'
    WHEN reason = 'bad-utf8' THEN 'the value is not UTF-8'
    WHEN reason = 'bad-json' THEN 'the value is not JSON'
    WHEN reason = 'bad-data' THEN 'the value does not fit the schema of its type'
    WHEN reason = 'future-time' THEN 'ce_time is more than 300000 ms after the broker''s stamp'
    WHEN reason = 'too-old' THEN 'ce_time is more than 31622400000 ms before the broker''s stamp'
    ELSE reason
  END,
  record_key, record_value, COALESCE(REPLACE(REPLACE(REGEXP_REPLACE(REPLACE(
    JSON_STRING(CAST(headers AS MAP<STRING, STRING>)),
    '\\', CHR(1)), '(?<!\\)":null(?=[,}])', '":""'), '\u0000', '\ufffd'), CHR(1), '\\'), '{}')
FROM readings WHERE reason IS NOT NULL AND record_offset >= ${COUNT_FROM};
END;
