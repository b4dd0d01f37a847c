// The ports of `npm start`, each changed by a variable, and the environment that its processes get.
import { z } from 'zod';
import { SERVICES } from '#contracts/shop-processes.ts';
import { wholeNumber } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { ownOf } from '#runtime/own.ts';
import type { Engine } from '../flink/engine.ts';
import { isPortFree } from './ports.ts';

const port = (byDefault: number, what: string) => wholeNumber(1, 65_535).default(byDefault).describe(what);

/** The variable that moves a service's port. */
export const servicePortVariable = (service: string): string => `${service.toUpperCase()}_PORT`;

const servicePorts = Object.fromEntries(
  SERVICES.map(({ name, port: byDefault = 0 }) => [
    servicePortVariable(name),
    port(byDefault, `port of the ${name} service`),
  ]),
);

export const launcherConfig = {
  LOCAL_KAFKA_PORT: port(19_092, 'port of Kafka'),
  LOCAL_POSTGRES_PORT: port(15_432, 'port of Postgres'),
  LOCAL_FIRESTORE_PORT: port(18_080, 'port of the Firestore emulator'),
  LOCAL_S3_PORT: port(14_566, 'port of S3 and of the dead-letter queue'),
  LOCAL_GCS_PORT: port(14_443, 'port of Cloud Storage'),
  LOCAL_ACCOUNTS_PORT: port(14_100, 'port of the keys of service accounts'),
  LOCAL_TRACES_PORT: port(14_318, 'port of the traces, page and collector'),
  LOCAL_PROMETHEUS_PORT: port(19_090, 'port of Prometheus'),
  LOCAL_FLINK_PORT: port(18_081, 'port of Flink, page and REST'),
  CONSOLE_PORT: port(4_000, 'port of the console'),
  STOREFRONT_PORT: port(4_010, 'port of the storefront'),
  OPS_PORT: port(4_101, 'operations port of the analytics worker'),
  ...servicePorts,
};
export type LauncherConfig = z.infer<z.ZodObject<typeof launcherConfig>>;

/** Which variable replaces a part by an address, where one does. */
const PARTS: readonly { variable: string; name: string; replacedBy?: string; engine?: Engine }[] = [
  { variable: 'LOCAL_KAFKA_PORT', name: 'Kafka', replacedBy: 'KAFKA_BROKERS' },
  { variable: 'LOCAL_POSTGRES_PORT', name: 'Postgres', replacedBy: 'DATABASE_URL' },
  { variable: 'LOCAL_FIRESTORE_PORT', name: 'Firestore emulator', replacedBy: 'FIRESTORE_EMULATOR_HOST' },
  { variable: 'LOCAL_S3_PORT', name: 'S3', replacedBy: 'AWS_ENDPOINT_URL_S3' },
  { variable: 'LOCAL_GCS_PORT', name: 'Cloud Storage', replacedBy: 'GCS_ENDPOINT' },
  { variable: 'CONSOLE_PORT', name: 'console' },
  { variable: 'STOREFRONT_PORT', name: 'storefront' },
  { variable: 'OPS_PORT', name: 'analytics worker' },
  { variable: 'LOCAL_ACCOUNTS_PORT', name: 'service accounts' },
  { variable: 'LOCAL_TRACES_PORT', name: 'traces' },
  { variable: 'LOCAL_PROMETHEUS_PORT', name: 'Prometheus' },
  { variable: 'LOCAL_FLINK_PORT', name: 'Flink', engine: 'flink' },
  ...SERVICES.map(({ name }) => ({ variable: servicePortVariable(name), name: `${name} service` })),
];

/** @throws AppError `ports-taken` naming every port that is in use, or that two parts were given */
export async function checkPorts(
  config: LauncherConfig,
  env: NodeJS.ProcessEnv = process.env,
  engine: Engine = 'node',
): Promise<void> {
  const wanted = PARTS.filter(
    (part) => (!part.replacedBy || !ownOf(env, part.replacedBy)) && (part.engine ?? engine) === engine,
  );
  const faults: string[] = [];
  const takers = new Map<number, string>();
  for (const { variable, name } of wanted) {
    const number = ownOf(config as Readonly<Record<string, number>>, variable)!;
    const other = takers.get(number);
    if (other) faults.push(`  ${number}: wanted by ${other} and ${name}; set ${variable} to another`);
    else if (!(await isPortFree(number))) {
      faults.push(
        `  ${number}: wanted by ${name}; stop what listens there, or set ${variable} to another port`,
      );
    }
    takers.set(number, name);
  }
  if (faults.length > 0) throw new AppError('ports-taken', `Ports are taken:\n\n${faults.join('\n')}\n`);
}

export const BUCKETS = {
  photos: 'product-images',
  renditions: 'processed-images',
  results: 'analytics-results',
};

/** What every process gets besides the addresses of the servers. */
export function sharedEnvironment(config: LauncherConfig): Record<string, string> {
  return {
    GOOGLE_CLOUD_PROJECT: 'local-shop',
    METADATA_SERVER_DETECTION: 'none',
    RESULTS_BUCKET: BUCKETS.results,
    PRODUCT_IMAGES_BUCKET: BUCKETS.photos,
    PROCESSED_IMAGES_BUCKET: BUCKETS.renditions,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_REGION: 'eu-central-1',
    // Some value must be there to sign with; the local servers do not check it.
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    CONSOLE_PORT: String(config.CONSOLE_PORT),
    OPS_PORT: String(config.OPS_PORT),
    // One worker on one machine: after a crash the next need not wait out a long session.
    SESSION_TIMEOUT_MS: '6000',
  };
}

/** As `--env-file` reads it. */
export const environmentFile = (env: Readonly<Record<string, string>>): string =>
  `# Written by npm start for the commands that talk to the platform.\n${Object.entries(env)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('')}`;
