// Settings in, the whole platform out: servers, topics, buckets, the image function and the processes, in the order in which
// they need each other, those that do not at the same time.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVICES } from '#contracts/shop-processes.ts';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createTopics, kafkaConfig } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { type FaultControl, startFaultControl } from '../faults/control.ts';
import { Faults } from '../faults/faults.ts';
import { type FaultParts, platformFaults } from '../faults/platform-faults.ts';
import { startFirestore } from '../firestore/firestore.ts';
import { countByFlink, returnToNode } from '../flink/engine.ts';
import { type RunningFlink, startFlink } from '../flink/flink.ts';
import { startGcs } from '../gcs/gcs.ts';
import { startKafka } from '../kafka/kafka.ts';
import { buildImageFunction } from '../lambda/image-function.ts';
import { startPostgres } from '../postgres/postgres.ts';
import { type S3LambdaOptions, startS3Lambda } from '../s3/lambda-trigger.ts';
import { startServiceAccounts } from '../service-accounts/service-accounts.ts';
import { startTraces } from '../traces/traces.ts';
import { rootFolder } from './folders.ts';
import { prepareMetrics, targetsOf } from './metrics.ts';
import type { PlatformOptions } from './platform-options.ts';
import { type ProcessPlan, type RunningProcess, startProcess } from './processes.ts';
import { runCommand } from './run-command.ts';
import type { Screen } from './screen.ts';
import { type ServerPart, serverStarter } from './server-part.ts';
import { addSamples, servicePlans, shopAddresses, tokenSettings } from './services.ts';
import { BUCKETS, environmentFile, type LauncherConfig, sharedEnvironment } from './settings.ts';
import type { OnStop, Shutdown } from './shutdown.ts';

export interface Platform {
  /** By part. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Of every process and of commands that talk to the platform. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts everything. What has started when a later part fails is stopped by the shutdown. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { folder, config, screen, shutdown } = options;
  const logFile = (name: string): string => join(folder, 'logs', `${name}.log`);
  const prometheus = prepareMetrics(options);
  const [handlerFile, parts, flink] = await Promise.all([
    buildImageFunction(join(folder, 'image-function'), logFile('image-function-build')),
    startServers(options, shutdown.together()),
    options.engine === 'flink' ? startFlinkServer(options) : undefined,
  ]);
  const servers = parts.map(({ server }) => server);
  const env = Object.assign(sharedEnvironment(config), ...servers.map((server) => server.env)) as Record<
    string,
    string
  >;
  await makeTopics(env, screen);
  // It calls the others, so it goes before them.
  const lambda = { handlerFile, env, logFile: logFile('image-function') };
  const { server: s3 } = await startPhotos(options, lambda);
  const sqs = { AWS_ENDPOINT_URL_SQS: s3.env.AWS_ENDPOINT_URL_S3 };
  const results = { RECONCILE_FOLDER: join(folder, 'data/reconcile') };
  Object.assign(env, s3.env, sqs, results, shopAddresses(config));
  await writeFile(join(folder, 'env'), environmentFile(env));

  const tools = { hasPrometheus: await prometheus.isThere(), hasFlink: flink !== undefined };
  const shop = { dataDir: join(folder, 'data'), config, env, logFile, tools };
  const services = options.hasShop ? await servicePlans(shop) : [];
  const control = await openFaultControl(shutdown);
  const plans = [
    workerPlan(config, env, logFile),
    // Only the user service knows who may start a fault: without the shop nobody may.
    consolePlan(options, { ...env, ...(options.hasShop ? control.env : {}) }, logFile),
    ...services,
  ];
  const [worker] = await startPlans(plans, options);
  await chooseEngine(options, env, flink);
  await redeliverToFirestore(env, logFile('redeliver'));
  if (options.hasShop) await addSamples(shop.dataDir, env, logFile);
  const metrics = await prometheus.start(flink?.metrics);
  offerFaults(options, control, { worker: worker!, broker: parts[0]!, env, logFile: logFile('faults') });
  const addresses = [...servers, s3, ...plans, ...(flink ? [flink] : []), ...metrics].map(
    ({ name, address }) => [name, address],
  );
  return { env, addresses: Object.fromEntries(addresses) };
}

/** Uploads call the function. */
const startPhotos = (options: PlatformOptions, lambda: S3LambdaOptions['lambda']): Promise<ServerPart> =>
  serverStarter(options, options.shutdown.onStop)('s3', options.config.LOCAL_S3_PORT, (settings) =>
    startS3Lambda({
      ...settings,
      productImagesBucket: BUCKETS.photos,
      processedImagesBucket: BUCKETS.renditions,
      lambda,
    }),
  );

async function openFaultControl(shutdown: Shutdown): Promise<FaultControl> {
  const control = await startFaultControl();
  shutdown.onStop('', () => control.stop());
  return control;
}

/** What is broken when the platform stops is ended first. */
function offerFaults({ shutdown }: PlatformOptions, control: FaultControl, parts: FaultParts): void {
  const faults = new Faults(platformFaults(parts));
  shutdown.onStop('', () => faults.close());
  control.use(faults);
}

/** Those that need no other; the broker first. */
function startServers(options: PlatformOptions, onStop: OnStop): Promise<ServerPart[]> {
  const { config } = options;
  const serve = serverStarter(options, onStop);
  const services = SERVICES.map(({ name }) => name);
  return Promise.all([
    serve('kafka', config.LOCAL_KAFKA_PORT, startKafka),
    serve('postgres', config.LOCAL_POSTGRES_PORT, startPostgres),
    serve('firestore', config.LOCAL_FIRESTORE_PORT, startFirestore),
    serve('accounts', config.LOCAL_ACCOUNTS_PORT, (settings) =>
      startServiceAccounts({ ...settings, services }),
    ),
    serve('traces', config.LOCAL_TRACES_PORT, startTraces),
    serve('gcs', config.LOCAL_GCS_PORT, (settings) => startGcs({ ...settings, buckets: [BUCKETS.results] })),
  ]);
}

/** It goes after its job, and the job before what it reads and writes. */
async function startFlinkServer(options: PlatformOptions): Promise<RunningFlink> {
  const running = Promise.withResolvers<RunningFlink>();
  await serverStarter(options, options.shutdown.onStop)(
    'flink',
    options.config.LOCAL_FLINK_PORT,
    async (settings, progress) => {
      const flink = await startFlink(settings, progress);
      running.resolve(flink);
      return flink;
    },
  );
  return running.promise;
}

/** The worker has made the tables by now. */
async function chooseEngine(
  { folder, screen, shutdown }: PlatformOptions,
  env: Readonly<Record<string, string>>,
  flink: RunningFlink | undefined,
): Promise<void> {
  const options = { env, dataDir: join(folder, 'data/flink'), screen };
  if (!flink) return returnToNode(options);
  shutdown.onStop("Flink's job", await countByFlink(flink, options));
}

async function makeTopics(env: Readonly<Record<string, string>>, screen: Screen): Promise<void> {
  const since = performance.now();
  const client = createKafka(
    loadConfig(kafkaConfig, { ...process.env, ...env }),
    'local',
    createLogger('local', 'silent'),
  );
  const made = await createTopics(client, topicSettings(), 1);
  screen.part('topics', `${made.length} of ${topicSettings().length} are new`, since);
}

type LogFile = (name: string) => string;
type Env = Readonly<Record<string, string>>;

const workerPlan = ({ OPS_PORT }: LauncherConfig, env: Env, logFile: LogFile): ProcessPlan => ({
  name: 'analytics worker',
  script: 'analytics/main.ts',
  address: `http://127.0.0.1:${OPS_PORT}`,
  env,
  logFile: logFile('analytics'),
});

const consolePlan = ({ config, hasShop }: PlatformOptions, env: Env, logFile: LogFile): ProcessPlan => ({
  name: 'console',
  script: 'console/main.ts',
  address: `http://127.0.0.1:${config.CONSOLE_PORT}`,
  env: {
    ...env,
    // Without the shop nobody can sign in, and nobody is an admin.
    ...(hasShop ? tokenSettings(config) : {}),
    PROCESS_ADDRESSES: targetsOf(config, hasShop)
      .map(({ process, address }) => `${process}=http://${address}`)
      .join(','),
    TRACES_URL: `http://127.0.0.1:${config.LOCAL_TRACES_PORT}/traces`,
  },
  logFile: logFile('console'),
});

function startPlans(
  plans: readonly ProcessPlan[],
  { screen, shutdown }: PlatformOptions,
): Promise<RunningProcess[]> {
  const onStop = shutdown.together();
  return Promise.all(plans.map((plan) => startPlan(plan, screen, onStop)));
}

async function startPlan(plan: ProcessPlan, screen: Screen, onStop: OnStop): Promise<RunningProcess> {
  const since = performance.now();
  const running = await startProcess(plan, screen);
  onStop(plan.name, () => running.stop());
  screen.part(plan.name, plan.address, since);
  return running;
}

/** The emulator has lost its documents, and Postgres has not: they are delivered again. */
const redeliverToFirestore = (env: Readonly<Record<string, string>>, logFile: string): Promise<void> =>
  runCommand({
    name: 'redelivery to Firestore',
    command: process.execPath,
    args: ['analytics/redeliver.ts', '--sink', 'firestore'],
    folder: rootFolder,
    env,
    logFile,
  });
