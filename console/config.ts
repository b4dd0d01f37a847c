// What the console needs from its environment: addresses of the real stores and nothing else.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { hostConfig } from '#runtime/http/hosts.ts';
import { kafkaConfig } from '#runtime/kafka/client.ts';
import { verdictFolder } from '#runtime/kept-verdict.ts';
import { logConfig } from '#runtime/log.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';
import { adminConfig } from './admins.ts';
import { processAddresses } from './health.ts';

const bucket = z.string().min(3);

export const consoleConfig = {
  ...logConfig,
  ...kafkaConfig,
  ...postgresConfig,
  ...hostConfig,
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
  GOOGLE_CLOUD_PROJECT: z.string().min(1).describe('project of the Firestore database'),
  FIRESTORE_DATABASE: z.string().default('(default)').describe('the Firestore database'),
  GCS_ENDPOINT: z.url().optional().describe('another Cloud Storage address than Google itself'),
  TRACES_URL: z
    .url()
    .optional()
    .describe(
      'page of the traces, which tells each as JSON too; when not set, orders are shown without spans',
    ),
  FAULTS: z
    .enum(['on'])
    .optional()
    .describe('lets admins break the platform for a while; never in production'),
  FAULTS_URL: z.url().optional().describe('where faults are switched, for FAULTS'),
  FAULTS_TOKEN: z.string().min(20).optional().describe('the secret of that switch'),
  RESULTS_BUCKET: bucket.describe('Cloud Storage bucket of the published totals'),
  PROCESS_ADDRESSES: processAddresses
    .optional()
    .describe(
      'where processes answer /readyz: <process>=<url>, separated by commas; of others no health is known',
    ),
  RECONCILE_FOLDER: verdictFolder.default('.local/data/reconcile'),
};
export type ConsoleConfig = z.infer<z.ZodObject<typeof consoleConfig>>;
