// What the independent count reads of the environment: the worker's variables, with the worker's defaults, written a second time.
import { z } from 'zod';
import { loadConfig, wholeNumber } from '#runtime/config.ts';
import { kafkaConfig } from '#runtime/kafka/client.ts';

/** Variables by name, as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const variables = {
  ...kafkaConfig,
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database')
    .describe('the Postgres that the worker commits to'),
  GOOGLE_CLOUD_PROJECT: z.string().min(1).describe('the project that holds Firestore'),
  FIRESTORE_DATABASE: z.string().default('(default)').describe('the Firestore database'),
  FIRESTORE_EMULATOR_HOST: z.string().optional().describe('host:port of an emulator in place of Firestore'),
  RESULTS_BUCKET: z.string().min(1).describe('the GCS bucket of published windows'),
  GCS_ENDPOINT: z.url().optional().describe('a GCS server other than Google’s'),
  OUT_OF_ORDER_BOUND_MS: wholeNumber(0).default(5_000).describe('as the worker has it, in milliseconds'),
  LATENESS_MS: wholeNumber(0).default(5_000).describe('as the worker has it, in milliseconds'),
  PARTITION_IDLE_MS: wholeNumber(0).default(10_000).describe('as the worker has it, in milliseconds'),
  REVISION_DEBOUNCE_MS: wholeNumber(0).default(30_000).describe('as the worker has it, in milliseconds'),
  SEEN_IDS_MAX: wholeNumber(1).default(262_144).describe('as the worker has it'),
  RETENTION_DAYS: wholeNumber(1).default(400).describe('as the worker has it'),
};
export type Settings = z.infer<z.ZodObject<typeof variables>>;

/** @throws AppError `config-invalid` that names every faulty variable. */
export const readSettings = (env: Environment): Settings => loadConfig(variables, env);
