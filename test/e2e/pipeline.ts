// The whole pipeline on the shared servers, with a database, topics, buckets and a project that nobody else has: photo
// store with its Lambda, analytics worker, console and the storefront's pages, each a process of its own as in `npm start`.
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { topicSettings } from '#contracts/topics.ts';
import { createTopics, type KafkaClient } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { buildArtifact } from '../../lambda/image-renditions/build.ts';
import { removeFolder, unpackArtifact } from '../../lambda/image-renditions/test-lambda.ts';
import { compileCache } from '../../local/launcher/folders.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { startS3Lambda } from '../../local/s3/lambda-trigger.ts';
import { type ModuleProcess, runModule } from '../child-process.ts';
import { freshDatabase, freshKafka } from '../fresh.ts';
import { type OnStop, startStoppable } from './stoppable.ts';

/** What a spec holds of a running pipeline. */
export interface Pipeline {
  /** Of the storefront, whose platform pages anyone may see; the shop behind it does not run. */
  readonly pagesUrl: string;
  readonly pool: Pool;
  readonly client: KafkaClient;
  /** Starts one more console, over another database if one is named. */
  startConsole(env?: Record<string, string>): Promise<RunningPart>;
  /** Starts one more storefront, over another console, with other settings if some are named. */
  startPages(consoleUrl: string, env?: Record<string, string>): Promise<RunningPart>;
  stop(): Promise<void>;
}

export interface RunningPart {
  readonly url: string;
  stop(): Promise<void>;
}

const log = createLogger('e2e', 'fatal');
const MIGRATIONS = join(import.meta.dirname, '../../analytics/migrations');

/** Windows close within seconds, since the specs publish events of minutes ago. */
const IMPATIENCE = {
  PARTITION_IDLE_MS: '500',
  END_CHECK_INTERVAL_MS: '200',
  EXPORT_INTERVAL_MS: '200',
  LATENESS_MS: '0',
};

/** Starts everything. */
export const startPipeline = (): Promise<Pipeline> => startStoppable(startParts);

async function startParts(onStop: OnStop): Promise<Omit<Pipeline, 'stop'>> {
  const database = await freshDatabase();
  onStop(database.drop);
  const kafka = freshKafka();
  onStop(kafka.drop);
  await createTopics(kafka.client, topicSettings(), 1);
  const env = environment(database.url, kafka.client);
  await new Storage({ apiEndpoint: env.GCS_ENDPOINT!, projectId: env.GOOGLE_CLOUD_PROJECT! }).createBucket(
    env.RESULTS_BUCKET!,
  );
  const shared: Readonly<Record<string, string>> = { ...env, ...(await startPhotos(env, onStop)) };

  const opsPort = String(await freePort());
  await startWorker({ ...shared, ...IMPATIENCE, OPS_PORT: opsPort }, onStop);

  const start = async (file: string, said: string, change: Record<string, string>): Promise<RunningPart> => {
    const running = runModule(`await import('./${file}')`, { ...shared, ...change });
    const stopPart = () => end(running);
    onStop(stopPart);
    await running.waitFor(said);
    const url = /"address":"([^"]+)"/.exec(running.output())?.[1] ?? '';
    return { url, stop: stopPart };
  };
  const startConsole: Pipeline['startConsole'] = (change = {}) =>
    start('console/main.ts', 'console is ready', {
      ...IMPATIENCE,
      CONSOLE_PORT: '0',
      PROCESS_ADDRESSES: `analytics=http://127.0.0.1:${opsPort}`,
      ...change,
    });
  const startPages: Pipeline['startPages'] = async (consoleUrl, change = {}) =>
    start('services/storefront/main.ts', '"msg":"ready"', {
      ...(await pagesEnvironment()),
      CONSOLE_URL: consoleUrl,
      IMAGES_ORIGIN: shared.AWS_ENDPOINT_URL_S3!,
      UPLOADS_ORIGIN: shared.AWS_ENDPOINT_URL_S3!,
      ...change,
    });
  const pages = await startPages((await startConsole()).url);
  const pool = createPool({ connectionString: database.url, applicationName: 'e2e', log });
  onStop(() => pool.end());
  return { pagesUrl: pages.url, pool, client: kafka.client, startConsole, startPages };
}

async function startWorker(env: Readonly<Record<string, string>>, onStop: OnStop): Promise<void> {
  const worker = runModule(`await import('./analytics/main.ts')`, env);
  onStop(() => end(worker));
  await worker.waitFor('"msg":"ready"');
}

/** Of a storefront with platform pages for anyone, and without the services of the shop. */
async function pagesEnvironment(): Promise<Record<string, string>> {
  const port = String(await freePort());
  const nobody = 'http://127.0.0.1:9';
  const services = ['USER', 'PRODUCT', 'CART', 'ORDER', 'PAYMENT'];
  return {
    ...Object.fromEntries(services.map((name) => [`${name}_SERVICE_URL`, nobody])),
    PORT: port,
    SHOP_URL: `http://127.0.0.1:${port}`,
    PLATFORM_FOR: 'anyone',
    PLATFORM_RETRY_MS: '200',
  };
}

/** S3 with the shipped function behind it. Resolves to the variables by which other processes find the server. */
export async function startPhotos(
  env: Readonly<Record<string, string>>,
  onStop: OnStop,
): Promise<Readonly<Record<string, string>>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'photos-'));
  const bundle = await unpackArtifact((await buildArtifact()).path);
  onStop(() => Promise.all([removeFolder(bundle), removeFolder(dataDir)]));
  const photos = await startS3Lambda({
    dataDir,
    logFile: join(dataDir, 's3.log'),
    port: 0,
    isDurable: false,
    // The run's own S3 server would call another function than ours.
    replacement: '',
    productImagesBucket: env.PRODUCT_IMAGES_BUCKET!,
    processedImagesBucket: env.PROCESSED_IMAGES_BUCKET!,
    lambda: { env, handlerFile: join(bundle, 'handler.mjs'), logFile: join(dataDir, 'lambda.log') },
  });
  onStop(photos.stop);
  return photos.env;
}

/** The environment of every process of one pipeline; addresses of the servers come from the run's own. */
function environment(databaseUrl: string, client: KafkaClient): Record<string, string> {
  const name = `e2e-${randomUUID().slice(0, 8)}`;
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      /^(KAFKA_|AWS_|S3_|GCS_|FIRESTORE_|HOME$)/.test(entry[0]) && !!entry[1],
  );
  return {
    ...Object.fromEntries(inherited),
    ...compileCache,
    LOG_LEVEL: 'info',
    DATABASE_URL: databaseUrl,
    KAFKA_TOPIC_PREFIX: client.nameOf(''),
    GOOGLE_CLOUD_PROJECT: name,
    RESULTS_BUCKET: `${name}-results`,
    PRODUCT_IMAGES_BUCKET: `${name}-photos`,
    PROCESSED_IMAGES_BUCKET: `${name}-renditions`,
  };
}

async function end(running: ModuleProcess): Promise<void> {
  running.child.kill('SIGTERM');
  await running.ended;
}

/** An empty database, and how to bring it the tables that the worker makes. */
export async function emptyDatabase(): Promise<{
  url: string;
  makeTables: () => Promise<void>;
  drop: () => Promise<void>;
}> {
  const { url, drop } = await freshDatabase();
  const makeTables = async (): Promise<void> => {
    const pool = createPool({ connectionString: url, applicationName: 'e2e', log });
    try {
      await migrate(pool, 'analytics', MIGRATIONS, log);
    } finally {
      await pool.end();
    }
  };
  return { url, makeTables, drop };
}
