// The Flink job that counts bytes per minute and size_label, as SQL: contracts in, text out. image-bytes.sql is this text.
//
// Each `${NAME}` in it is filled in when the job is submitted (job.ts; launcher.py on Dataproc). Statements end with a
// semicolon at the end of a line that an empty line follows.
import { IMAGE_PROCESSED, imageProcessed } from '#contracts/images.ts';
import { SIZE_TABLES, type SizeTable } from '#contracts/size-labels.ts';
import { CLOCK_SKEW_MS_MAX, type DeadLetterReason, EVENT_AGE_MS_MAX, WINDOW_MS } from '../topology.ts';
import { type Column, envelopeColumns, timeColumns } from './envelope-sql.ts';
import { type JsonObject, jsonObjects, type WholeNumber } from './json-shape.ts';
import { firstOf, literal, options, view } from './sql-text.ts';

const objects = jsonObjects(imageProcessed);
const numbers = objects.flatMap((object) => object.numbers.map((number) => ({ ...number, object })));

/** Settings of the job. Those of the cluster (state backend, folders, memory) are none of its business. */
const SETTINGS: Readonly<Record<string, string>> = {
  'pipeline.name': 'image-bytes',
  'parallelism.default': '${PARALLELISM}',
  'execution.runtime-mode': 'streaming',
  'table.local-time-zone': 'UTC',
  // How long an id, and the greatest event time of a partition that is silent, are remembered.
  'table.exec.state.ttl': '${ID_HORIZON}',
  // One row of a sink is made by one key: its versions come in order as they are.
  'table.exec.sink.upsert-materialize': 'NONE',
  // The sinks write when a checkpoint is taken and then only: all of them the same prefix of the log. So barriers must be aligned.
  'execution.checkpointing.interval': '${CHECKPOINT_INTERVAL}',
  'execution.checkpointing.mode': 'EXACTLY_ONCE',
  'execution.checkpointing.unaligned.enabled': 'false',
  'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
  // A view that several sinks read is one step for all of them, not one for each.
  'table.optimizer.reuse-optimize-block-with-digest-enabled': 'true',
  // Sums are handed on a few times a second, not once an event.
  'table.exec.mini-batch.enabled': 'true',
  'table.exec.mini-batch.allow-latency': '200 ms',
  'table.exec.mini-batch.size': '20000',
};

const SOURCE = `CREATE TEMPORARY TABLE image_log (
  part INT NOT NULL METADATA FROM 'partition' VIRTUAL,
  record_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
  stamp TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp' VIRTUAL,
  headers MAP<STRING, BYTES> METADATA VIRTUAL,
  record_key BYTES,
  record_value BYTES,
  read_at AS PROCTIME()
) WITH (
${options({
  connector: 'kafka',
  topic: '${TOPIC}',
  'properties.bootstrap.servers': '${KAFKA_BROKERS}',
  'properties.group.id': '${KAFKA_GROUP}',
  'properties.isolation.level': 'read_committed',
  'scan.startup.mode': 'specific-offsets',
  'scan.startup.specific-offsets': '${READ_FROM}',
  'scan.topic-partition-discovery.interval': '30 s',
  'key.format': 'raw',
  'key.fields': 'record_key',
  'value.format': 'raw',
  'value.fields-include': 'EXCEPT_KEY',
})}\${KAFKA_OPTIONS}
)`;

/** Object by object, the data in the one form in which JSON_QUERY writes it. */
const dataColumns = objects.map(
  ({ path, fields, column }) =>
    [
      `JSON_QUERY(document, ${literal(`lax $.v${path}[${fields.map((name) => `'${name}'`).join(',')}]`)})`,
      column,
    ] as const,
);

const numberColumns = numbers.map(
  ({ object, group, column }) =>
    [
      `TRY_CAST(REGEXP_EXTRACT(${object.column}, ${literal(object.expression)}, ${group}) AS DOUBLE)`,
      column,
    ] as const,
);

/** Whether an object has its fields: where it has numbers, their being there says so. */
const objectCondition = ({ column, expression, numbers: own }: JsonObject): string =>
  [`REGEXP(${column}, ${literal(expression)})`, ...own.map(numberCondition)]
    .slice(own.length > 0 ? 1 : 0)
    .join(' AND ');
const numberCondition = ({ column, min, max }: WholeNumber): string =>
  `${column} BETWEEN ${min} AND ${max} AND FLOOR(${column}) = ${column}`;

const versions = Object.values(SIZE_TABLES);
const isData = [
  ...objects.map(objectCondition),
  `data_size_table IN (${versions.map(({ version }) => version).join(', ')})`,
].join('\n      AND ');

const edge = 'GREATEST(data_rendition_width, data_rendition_height)';
const labelOf = ({ rules, beyond }: SizeTable): string =>
  firstOf(
    rules.map(({ label, edgePixelsMax }) => [`${edge} <= ${edgePixelsMax}`, literal(label)]),
    literal(beyond),
  );

/** The first fault counts, in the order of decodeEvent (contracts/envelope.ts) and readImageBytes (topology.ts). */
const FAULTS: readonly (readonly [condition: string, reason: DeadLetterReason])[] = [
  ['record_value IS NULL', 'null-value'],
  [
    `COALESCE(ce_type, '') <> ${literal(IMAGE_PROCESSED.type)} AND REGEXP(COALESCE(ce_type, ''), ${literal(otherVersion(IMAGE_PROCESSED.type))})`,
    'unknown-version',
  ],
  [`COALESCE(ce_type, '') <> ${literal(IMAGE_PROCESSED.type)}`, 'unknown-type'],
  [
    `COALESCE(ce_specversion, '') <> '1.0' OR COALESCE(id, '') = '' OR COALESCE(source, '') = '' OR time_ms IS NULL`,
    'bad-envelope',
  ],
  // What is no UTF-8 becomes U+FFFD, and that something else than what it was.
  ['CAST(CAST(record_value AS STRING) AS BYTES) <> record_value', 'bad-utf8'],
  // Flink's parser looks no further than the end of the first value. A text is one value, and nothing else, if it is right in a list and
  // right in an object: a comma would have to be followed by a value in the one and by a name in the other, and neither ends the other.
  ['NOT (document IS JSON AND in_list IS JSON)', 'bad-json'],
  [`NOT COALESCE(${isData}, FALSE)`, 'bad-data'],
  [`TO_TIMESTAMP_LTZ(time_ms - ${CLOCK_SKEW_MS_MAX}, 3) > stamp`, 'future-time'],
  [`TO_TIMESTAMP_LTZ(time_ms + ${EVENT_AGE_MS_MAX}, 3) < stamp`, 'too-old'],
];

/** For people; holds no values of the record. */
const DETAILS: Readonly<Partial<Record<DeadLetterReason, string>>> = {
  'null-value': 'the record has no value',
  'unknown-version': `ce_type is another version of ${IMAGE_PROCESSED.type}`,
  'unknown-type': `ce_type is not ${IMAGE_PROCESSED.type}`,
  'bad-envelope': 'ce_specversion, ce_id, ce_source or ce_time is missing or not what CloudEvents asks for',
  'bad-utf8': 'the value is not UTF-8',
  'bad-json': 'the value is not JSON',
  'bad-data': 'the value does not fit the schema of its type',
  'future-time': `ce_time is more than ${CLOCK_SKEW_MS_MAX} ms after the broker's stamp`,
  'too-old': `ce_time is more than ${EVENT_AGE_MS_MAX} ms before the broker's stamp`,
};

function otherVersion(type: string): string {
  const family = type.replace(/\.v\d+$/, '').replaceAll('.', '\\.');
  return `^${family}(\\.v\\d+)?\\z`;
}

/**
 * Columns that are made once a record, however often the next step asks for them. Flink's planner writes an expression out at each place
 * that names it, and JSON would be parsed dozens of times; it leaves alone what is not deterministic (FlinkRexUtil.isMergeable).
 */
const madeOnce = (columns: readonly Column[]): Column[] =>
  columns.map(([expression, as]) =>
    as ? [`CASE WHEN RAND() < 2 THEN ${expression} END`, as] : [expression],
  );

const READING = [
  view('envelope', madeOnce(envelopeColumns), 'FROM image_log'),
  view('timed', madeOnce([['*'], ...timeColumns]), 'FROM envelope'),
  view('parsed', madeOnce([['*'], ...dataColumns]), 'FROM timed'),
  view('measured', madeOnce([['*'], ...numberColumns]), 'FROM parsed'),
  view(
    'readings',
    [
      ['part'],
      ['record_offset'],
      ['read_at'],
      ['headers'],
      ['record_key'],
      ['record_value'],
      ['source'],
      ['id'],
      ['time_ms'],
      ['CAST(data_rendition_bytes AS BIGINT)', 'size_bytes'],
      [
        firstOf(versions.map((table) => [`data_size_table = ${table.version}`, labelOf(table)])),
        'size_label',
      ],
      [firstOf(FAULTS.map(([condition, reason]) => [condition, literal(reason)])), 'reason'],
    ],
    'FROM measured',
  ),
];

/** Of a partition, in the order of its log: no step before may deal its records out. */
const COUNTING = [
  view(
    'known',
    [
      ['*'],
      [
        'MAX(CASE WHEN reason IS NULL THEN time_ms END) OVER (PARTITION BY part ORDER BY read_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)',
        'max_read_ms',
      ],
    ],
    'FROM (SELECT part, record_offset, read_at, source, id, time_ms, size_bytes, size_label, reason FROM readings)',
  ),
  view(
    'placed',
    [
      ['*'],
      ['COALESCE(GREATEST(max_read_ms, ${KNOWN_MAX_MS}), max_read_ms, ${KNOWN_MAX_MS})', 'max_ms'],
      ['record_offset >= ${COUNT_FROM}', 'is_counted'],
    ],
    'FROM known',
  ),
  view(
    'firsts',
    [
      ['part'],
      ['record_offset'],
      [`time_ms - MOD(time_ms, ${WINDOW_MS})`, 'window_start_ms'],
      ['size_label'],
      ['CAST(size_bytes AS DECIMAL(38, 0))', 'size_bytes'],
      // An event cannot make itself late: its window ends after it.
      [
        `time_ms - MOD(time_ms, ${WINDOW_MS}) + ${WINDOW_MS} + \${LATENESS_MS} <= max_ms - \${OUT_OF_ORDER_BOUND_MS}`,
        'is_late',
      ],
    ],
    `FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY part, source, id ORDER BY read_at) AS nth FROM placed WHERE reason IS NULL
)
WHERE nth = 1 AND is_counted`,
  ),
];

const jdbc = (name: string, more: Readonly<Record<string, string>>): string =>
  options({
    connector: 'jdbc',
    url: '${JDBC_URL}',
    username: '${DATABASE_USER}',
    password: '${DATABASE_PASSWORD}',
    'table-name': `analytics.${name}`,
    ...more,
  });
/** At a checkpoint and at no other time: the newest version of each row. */
const AT_CHECKPOINTS = { 'sink.buffer-flush.max-rows': '0', 'sink.buffer-flush.interval': '0' };
/** Each may be as large as a record can be: they are not held back until a checkpoint. */
const FEW_AT_A_TIME = { 'sink.buffer-flush.max-rows': '16', 'sink.buffer-flush.interval': '0' };

const SINKS = [
  `CREATE TEMPORARY TABLE flink_totals (
  run_id STRING, part INT, window_start_ms BIGINT, size_label STRING,
  events BIGINT, \`bytes\` DECIMAL(38, 0), late_events BIGINT, late_bytes DECIMAL(38, 0), last_offset BIGINT,
  PRIMARY KEY (run_id, part, window_start_ms, size_label) NOT ENFORCED
) WITH (
${jdbc('flink_totals', AT_CHECKPOINTS)}
)`,
  `CREATE TEMPORARY TABLE flink_progress (
  run_id STRING, part INT, next_offset BIGINT, max_ts BIGINT, events BIGINT, dead_letters BIGINT, repeats BIGINT,
  PRIMARY KEY (run_id, part) NOT ENFORCED
) WITH (
${jdbc('flink_progress', AT_CHECKPOINTS)}
)`,
  `CREATE TEMPORARY TABLE flink_dead_letters (
  run_id STRING, part INT, record_offset BIGINT, reason STRING, detail STRING, \`key\` BYTES, \`raw\` BYTES, headers STRING,
  PRIMARY KEY (run_id, part, record_offset) NOT ENFORCED
) WITH (
${jdbc('flink_dead_letters', FEW_AT_A_TIME)}
)`,
];

/**
 * Sums outlive everything that may still be added to them (EVENT_AGE_MS_MAX, and retention: 400 days): if one were dropped, it would begin at zero
 * and be refused as smaller. A partition's sums are never dropped.
 */
const KEPT = {
  totals: "/*+ STATE_TTL('firsts' = '400 d') */",
  progress: "/*+ STATE_TTL('tally' = '0 s') */",
};

/**
 * As Postgres takes them for jsonb, which holds no U+0000; of a header that is null, the empty text. A backslash of a text, which JSON
 * doubles, is out of the way meanwhile, as a character that JSON never holds: what follows it must not be taken for an escape.
 */
const HEADERS = `COALESCE(REPLACE(REPLACE(REGEXP_REPLACE(REPLACE(
    JSON_STRING(CAST(headers AS MAP<STRING, STRING>)),
    '\\\\', CHR(1)), '(?<!\\\\)":null(?=[,}])', '":""'), '\\u0000', '\\ufffd'), CHR(1), '\\\\'), '{}')`;

const JOB = `EXECUTE STATEMENT SET
BEGIN
INSERT INTO flink_totals
SELECT ${KEPT.totals} '\${RUN_ID}', part, window_start_ms, size_label, COUNT(*), SUM(size_bytes), COUNT(*) FILTER (WHERE is_late),
  COALESCE(SUM(size_bytes) FILTER (WHERE is_late), 0), MAX(record_offset)
FROM firsts GROUP BY part, window_start_ms, size_label;
INSERT INTO flink_progress
SELECT ${KEPT.progress} '\${RUN_ID}', part, MAX(record_offset) + 1, MAX(max_ms), SUM(events), SUM(dead_letters), SUM(readable) - SUM(events)
FROM (
  SELECT part, record_offset, max_ms, CAST(0 AS BIGINT) AS events,
    CAST(CASE WHEN reason IS NULL THEN 0 ELSE 1 END AS BIGINT) AS dead_letters,
    CAST(CASE WHEN reason IS NULL THEN 1 ELSE 0 END AS BIGINT) AS readable
  FROM placed WHERE is_counted
  UNION ALL
  SELECT part, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(1 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM firsts
) AS tally GROUP BY part;
INSERT INTO flink_dead_letters
SELECT '\${RUN_ID}', part, record_offset, reason,
  ${firstOf(
    Object.entries(DETAILS).map(([reason, detail]) => [`reason = ${literal(reason)}`, literal(detail)]),
    'reason',
  )},
  record_key, record_value, ${HEADERS}
FROM readings WHERE reason IS NOT NULL AND record_offset >= \${COUNT_FROM};
END`;

/** The whole text. */
export function imageBytesSql(): string {
  const settings = Object.entries(SETTINGS).map(
    ([name, value]) => `SET ${literal(name)} = ${literal(value)}`,
  );
  const statements = [...settings, SOURCE, ...READING, ...COUNTING, ...SINKS, JOB];
  return `${HEAD}\n${statements.map((statement) => `${statement};\n`).join('\n')}`;
}

const HEAD = `-- Bytes per minute and size_label, counted by Flink. Made from contracts/ by analytics/flink/sql.ts: npm run flink:sql.
-- What stands here as \${…} is filled in when the job is submitted. Why it is exact: docs/adr/0038.
`;
