// Settings of the analytics worker, read from the environment.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { hostConfig } from '#runtime/http/hosts.ts';
import { kafkaConfig } from '#runtime/kafka/client.ts';
import { logConfig } from '#runtime/log.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';

const ms = (byDefault: number, what: string, min = 0) =>
  wholeNumber(min).default(byDefault).describe(`${what}, in milliseconds`);

export const analyticsConfig = {
  ...logConfig,
  ...kafkaConfig,
  // Cloud SQL: signing in by AWS's IAM is for the services alone.
  DATABASE_URL: postgresConfig.DATABASE_URL,
  TOTALS_READER: z
    .string()
    .optional()
    .describe('a user of the database that may read what the console shows; nobody by default'),
  GOOGLE_CLOUD_PROJECT: z.string().min(1).describe('the project that holds Firestore'),
  FIRESTORE_DATABASE: z.string().default('(default)').describe('the Firestore database'),
  RESULTS_BUCKET: z.string().min(1).describe('the GCS bucket of published windows'),
  GCS_ENDPOINT: z.url().optional().describe('a GCS server other than Google’s'),
  ...hostConfig,
  OPS_HOST: z.string().default('127.0.0.1').describe('where the operations port listens'),
  OPS_PORT: wholeNumber(0, 65_535).default(4101).describe('operations port'),
  ANALYTICS_GROUP: z.string().default('analytics').describe('the consumer group'),
  OUT_OF_ORDER_BOUND_MS: ms(5_000, 'how far event times of one partition may run backwards'),
  LATENESS_MS: ms(5_000, 'how long after its end a window stays open'),
  PARTITION_IDLE_MS: ms(10_000, 'how long a partition must be at its end to count as idle'),
  REVISION_DEBOUNCE_MS: ms(30_000, 'shortest time between two revisions of a window'),
  EXPORT_INTERVAL_MS: ms(1_000, 'how often closed windows are looked for and delivered', 10),
  END_CHECK_INTERVAL_MS: ms(3_000, 'how often the broker is asked for the ends of the partitions', 10),
  SESSION_TIMEOUT_MS: ms(30_000, 'how long a silent worker keeps its partitions', 1_000),
  METADATA_AGE_MS_MAX: ms(30_000, 'how often new partitions are looked for', 100),
  PARTITION_BYTES_MAX: wholeNumber(1_024)
    .default(2_097_152)
    .describe('most bytes one batch takes of a partition'),
  SEEN_IDS_MAX: wholeNumber(1).default(262_144).describe('how many event ids a partition remembers'),
  RETENTION_DAYS: wholeNumber(400)
    .default(400)
    .describe('how long windows are kept in the database; events may be a year old'),
};
export type AnalyticsConfig = z.infer<z.ZodObject<typeof analyticsConfig>>;
