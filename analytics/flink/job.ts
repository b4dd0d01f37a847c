// The text of image-bytes.sql and a run in, the statements of its job out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { kafkaConfig } from '#runtime/kafka/client.ts';
import { analyticsConfig } from '../config.ts';
import { options } from './sql-text.ts';

export const SQL_FILE = join(import.meta.dirname, 'image-bytes.sql');

/** Where a run begins in a partition, as `npm run engine -- begin --json` tells it. */
export interface JobPart {
  readonly part: number;
  readonly readFrom: number;
  readonly countFrom: number;
  readonly maxTimeMs: number | null;
}

/** The part of a run that its job gets. */
export interface JobRun {
  readonly runId: string;
  /** As the cluster names it. */
  readonly topic: string;
  readonly parts: readonly JobPart[];
}

/** The arguments of a job. */
export interface JobSettings {
  readonly run: JobRun;
  readonly brokers: string;
  /** Shows how far the job is; it reads from where its run and its own state say. */
  readonly group: string;
  /** Of the Kafka client, without `properties.`; such as how it signs in. @default none */
  readonly kafkaOptions?: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly outOfOrderBoundMs: number;
  readonly latenessMs: number;
  /** @default 1 */
  readonly parallelism?: number;
  /** As Flink writes durations. @default 1 s */
  readonly checkpointInterval?: string;
  /** How long event ids are remembered. @default a day more than the log keeps records */
  readonly idHorizon?: string;
}

/** The job of a run, with the settings of the worker in its place. */
export function jobSettings(run: JobRun, env: NodeJS.ProcessEnv): JobSettings {
  const { DATABASE_URL, OUT_OF_ORDER_BOUND_MS, LATENESS_MS, ANALYTICS_GROUP } = analyticsConfig;
  const config = loadConfig(
    {
      KAFKA_BROKERS: kafkaConfig.KAFKA_BROKERS,
      DATABASE_URL,
      OUT_OF_ORDER_BOUND_MS,
      LATENESS_MS,
      ANALYTICS_GROUP,
    },
    env,
  );
  return {
    run,
    brokers: config.KAFKA_BROKERS.join(','),
    group: `${config.ANALYTICS_GROUP}-flink`,
    databaseUrl: config.DATABASE_URL,
    outOfOrderBoundMs: config.OUT_OF_ORDER_BOUND_MS,
    latenessMs: config.LATENESS_MS,
  };
}

/** The value of each `${NAME}`, by name. */
export function jobArguments(settings: JobSettings): ReadonlyMap<string, string> {
  const { run, kafkaOptions = {} } = settings;
  const { user, password, jdbcUrl } = jdbcOf(settings.databaseUrl, run.runId);
  const ofKafka = Object.entries(kafkaOptions).map(([name, value]) => [`properties.${name}`, value] as const);
  const texts: readonly (readonly [string, string | number])[] = [
    ['RUN_ID', run.runId],
    ['TOPIC', run.topic],
    ['KAFKA_BROKERS', settings.brokers],
    ['KAFKA_GROUP', settings.group],
    ['READ_FROM', run.parts.map(({ part, readFrom }) => `partition:${part},offset:${readFrom}`).join(';')],
    [
      'COUNT_FROM',
      byPart(
        run.parts.map(({ part, countFrom }) => [part, countFrom]),
        '0',
      ),
    ],
    [
      'KNOWN_MAX_MS',
      byPart(
        run.parts.map(({ part, maxTimeMs }) => [part, maxTimeMs]),
        'CAST(NULL AS BIGINT)',
      ),
    ],
    ['JDBC_URL', jdbcUrl],
    ['DATABASE_USER', user],
    ['DATABASE_PASSWORD', password],
    ['OUT_OF_ORDER_BOUND_MS', settings.outOfOrderBoundMs],
    ['LATENESS_MS', settings.latenessMs],
    ['PARALLELISM', settings.parallelism ?? 1],
    ['CHECKPOINT_INTERVAL', settings.checkpointInterval ?? '1 s'],
    ['ID_HORIZON', settings.idHorizon ?? '8 d'],
  ];
  return new Map([
    ...texts.map(([name, value]) => [name, String(value).replaceAll("'", "''")] as const),
    ['KAFKA_OPTIONS', ofKafka.length === 0 ? '' : `,\n${options(Object.fromEntries(ofKafka))}`],
  ]);
}

/** An expression over `part`. A partition that the topic got later has none of these values. */
const byPart = (
  values: readonly (readonly [part: number, value: number | null])[],
  otherwise: string,
): string => {
  const known = values.filter(([, value]) => value !== null);
  return known.length === 0
    ? otherwise
    : `(CASE part ${known.map(([part, value]) => `WHEN ${part} THEN CAST(${value} AS BIGINT)`).join(' ')} ELSE ${otherwise} END)`;
};

function jdbcOf(databaseUrl: string, runId: string) {
  const { username, password, host, pathname } = new URL(databaseUrl);
  // One statement for many rows, and so one transaction for all that a sink writes at a checkpoint.
  const query = new URLSearchParams({
    reWriteBatchedInserts: 'true',
    ApplicationName: `flink ${runId}`,
    // A refused write would be logged with all its values, the bytes of dead letters among them.
    logServerErrorDetail: 'false',
  });
  return {
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    jdbcUrl: `jdbc:postgresql://${host}${pathname}?${query.toString()}`,
  };
}

/** The statements of the job, in order. @throws AppError `argument-missing` */
export function jobStatements(settings: JobSettings, text = readFileSync(SQL_FILE, 'utf8')): string[] {
  const given = jobArguments(settings);
  const filled = text.replaceAll(/\$\{([A-Z_]+)\}/g, (_whole, name: string) => {
    const value = given.get(name);
    if (value === undefined) throw new AppError('argument-missing', `nobody gives the job its ${name}`);
    return value;
  });
  return statementsOf(filled);
}

/** A statement ends with a semicolon that an empty line follows. */
const statementsOf = (text: string): string[] =>
  text
    .replaceAll(/^--.*\n/gm, '')
    .split(/;\n(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter(Boolean);
