// What the console needs from its environment: addresses of the real stores and nothing else; more on a laptop, where it may also change things.
import { z } from 'zod';
import { platformConsole } from '#contracts/processes.ts';
import { wholeNumber } from '#runtime/config.ts';
import { hostConfig } from '#runtime/http/hosts.ts';
import { kafkaConfig } from '#runtime/kafka/client.ts';
import { verdictFolder } from '#runtime/kept-verdict.ts';
import { logConfig } from '#runtime/log.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';
import { telemetryConfig } from '#runtime/telemetry.ts';
import { adminConfig } from './admins.ts';
import { processAddresses } from './health.ts';

const bucket = z.string().min(3);

/** What it looks at. */
const lookingConfig = {
  ...logConfig,
  ...kafkaConfig,
  ...hostConfig,
  DATABASE_URL: postgresConfig.DATABASE_URL,
  GOOGLE_CLOUD_PROJECT: z.string().min(1).describe('project of the Firestore database'),
  FIRESTORE_DATABASE: z.string().default('(default)').describe('the Firestore database'),
  GCS_ENDPOINT: z.url().optional().describe('another Cloud Storage address than Google itself'),
  RESULTS_BUCKET: bucket.describe('Cloud Storage bucket of the published totals'),
  TRACES_URL: z
    .url()
    .optional()
    .describe(
      'page of the traces, which answers each as JSON too; when not set, orders are shown without spans',
    ),
  PROCESS_ADDRESSES: processAddresses
    .optional()
    .describe(
      'where processes answer /readyz: <process>=<url>, separated by commas; of others no health is known',
    ),
};

/** Of `deployed.ts`. */
export const deployedConsoleConfig = {
  ...lookingConfig,
  ...telemetryConfig,
  HOST: z.string().default('127.0.0.1').describe('address to listen on; 0.0.0.0 in a container'),
  PORT: wholeNumber(0, 65_535)
    .default(platformConsole.port!)
    .describe('port to listen on; 0 takes a free one'),
  OPS_PORT: wholeNumber(0, 65_535)
    .default(platformConsole.opsPort!)
    .describe('port of /metrics, with /livez and /readyz, where others than this machine reach it'),
  DATABASE_AUTH: z
    .enum(['url', 'cloud-sql-iam'])
    .default('url')
    .describe('how to sign in: by what DATABASE_URL says, or cloud-sql-iam (TLS and tokens of the account)'),
  DATABASE_CA: z
    .string()
    .optional()
    .describe('PEM of the authority by which the Cloud SQL instance is known, for cloud-sql-iam'),
  GOOGLE_WORKLOAD_PROVIDER: z
    .string()
    .optional()
    .describe('who at Google believes the tokens of this cluster: projects/…/providers/…'),
  GOOGLE_SERVICE_ACCOUNT: z.string().optional().describe('the account that it becomes at Google'),
  GOOGLE_TOKEN_FILE: z.string().optional().describe('its token of the cluster, kept fresh there'),
};
export type DeployedConsoleConfig = z.infer<z.ZodObject<typeof deployedConsoleConfig>>;

/** Of a laptop's. */
export const consoleConfig = {
  ...lookingConfig,
  ...adminConfig,
  CONSOLE_PORT: wholeNumber(0, 65_535).default(4000).describe('port of the console; 0 takes a free one'),
  PRODUCT_IMAGES_BUCKET: bucket.describe('S3 bucket that photos are uploaded to'),
  PROCESSED_IMAGES_BUCKET: bucket.describe('S3 bucket that renditions are written to'),
  AWS_REGION: z.string().default('eu-central-1').describe('region of the buckets'),
  AWS_ENDPOINT_URL_S3: z.url().optional().describe('another S3 address than AWS itself'),
  S3_FORCE_PATH_STYLE: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('address buckets by path and not by host name'),
  FAULTS: z
    .enum(['on'])
    .optional()
    .describe('lets admins break the platform for a while; never in production'),
  FAULTS_URL: z.url().optional().describe('where faults are switched, for FAULTS'),
  FAULTS_TOKEN: z.string().min(20).optional().describe('the secret of that switch'),
  RECONCILE_FOLDER: verdictFolder.default('.local/data/reconcile'),
};
export type ConsoleConfig = z.infer<z.ZodObject<typeof consoleConfig>>;
