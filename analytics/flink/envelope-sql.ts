// The headers of a record as columns: contracts/envelope.ts and contracts/event-time.ts, written as SQL.
import { literal } from './sql-text.ts';

/** What a view shows, and its name where it is not a column already. */
export type Column = readonly [expression: string, as?: string];

const header = (name: string): string => `CAST(headers[${literal(name)}] AS STRING)`;

/** RFC 3339 as event-time.ts reads it; `\z`, since Java's `$` also matches before a line's end. */
const RFC_3339 =
  '^\\d{4}-\\d\\d-\\d\\d[Tt]([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?([Zz]|[+-]([01]\\d|2[0-3]):[0-5]\\d)\\z';

/** A byte order mark is no part of the text. */
const text =
  "CASE WHEN LEFT(CAST(record_value AS STRING), 1) = U&'\\FEFF' THEN SUBSTRING(CAST(record_value AS STRING), 2) ELSE CAST(record_value AS STRING) END";

/** The envelope, and the value as two texts that are JSON if it is. */
export const envelopeColumns: readonly Column[] = [
  ['*'],
  [header('ce_type'), 'ce_type'],
  [header('ce_specversion'), 'ce_specversion'],
  [header('ce_id'), 'id'],
  [header('ce_source'), 'source'],
  [
    `CASE WHEN REGEXP(${header('ce_time')}, ${literal(RFC_3339)}) THEN UPPER(${header('ce_time')}) END`,
    'ce_time',
  ],
  [`'{"v":' || ${text} || '}'`, 'document'],
  [`'[' || ${text} || ']'`, 'in_list'],
];

const number = (from: number, length: number): string =>
  `CAST(SUBSTRING(ce_time, ${from}, ${length}) AS BIGINT)`;
const zoneMinutes = 'CAST(LEFT(RIGHT(ce_time, 5), 2) AS BIGINT) * 60 + CAST(RIGHT(ce_time, 2) AS BIGINT)';
/** Minutes since the epoch; null for a date that does not exist. */
const epochMinute = [
  "TIMESTAMPDIFF(DAY, DATE '1970-01-01', TRY_CAST(LEFT(ce_time, 10) AS DATE)) * CAST(1440 AS BIGINT)",
  `${number(12, 2)} * 60`,
  number(15, 2),
  `CASE WHEN RIGHT(ce_time, 1) = 'Z' THEN 0 WHEN LEFT(RIGHT(ce_time, 6), 1) = '-' THEN ${zoneMinutes} ELSE -(${zoneMinutes}) END`,
].join(' + ');
const milliseconds =
  "CASE WHEN SUBSTRING(ce_time, 20, 1) = '.' THEN CAST(RPAD(REGEXP_EXTRACT(ce_time, '\\.(\\d{1,3})', 1), 3, '0') AS BIGINT) ELSE 0 END";
/** A leap second is the last millisecond of its minute, at the end of any June or December. */
const leapSecond = `CASE WHEN DATE_FORMAT(TO_TIMESTAMP_LTZ((${epochMinute}) * 60000, 3), 'MM-dd HH:mm') IN ('06-30 23:59', '12-31 23:59')
    THEN (${epochMinute}) * 60000 + 59999 END`;

/** Milliseconds since the epoch; null for what is no time. */
export const timeColumns: readonly Column[] = [
  [
    `CASE WHEN ${number(18, 2)} < 60 THEN (${epochMinute}) * 60000 + ${number(18, 2)} * 1000 + ${milliseconds} ELSE ${leapSecond} END`,
    'time_ms',
  ],
];
