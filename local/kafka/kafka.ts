// A real Kafka broker on this machine: Apache Kafka on the JVM, one KRaft node that is broker and controller.
// In: a folder and a port. Out: KAFKA_BROKERS. What was published is still there after a restart.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asProperties, ONE_BROKER } from '#contracts/one-broker.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, kafkaConfig, withAdmin } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { KAFKA_JARS } from '../jars/jar-sets.ts';
import { bringJars, jarsPlan } from '../jars/jars.ts';
import { javaArguments, javaProgram } from '../java/java.ts';
import { elsewhere } from '../launcher/elsewhere.ts';
import { connectTo, freePort } from '../launcher/ports.ts';
import { runCommand } from '../launcher/run-command.ts';
import { startNativeServer } from '../server/native-server.ts';
import type { Progress, RunningServer, ServerOptions } from '../server/server.ts';

const READY_MS_MAX = 90_000;

/** The broker of `startBroker`. Where the environment names another in `KAFKA_BROKERS`, that one is used. */
export async function startKafka(
  options: ServerOptions,
  progress: Progress = () => {},
): Promise<RunningServer> {
  const given = process.env.KAFKA_BROKERS;
  if (given) return elsewhere('Kafka', 'KAFKA_BROKERS', given, () => answersKafka(given));
  return startBroker(options, progress);
}

/** A broker that differs from the usual one. */
export interface BrokerOptions extends ServerOptions {
  /** More ways in, such as `SASL_SSL://localhost:9094`. @default none */
  readonly listeners?: readonly string[];
  /** Over the usual ones, by the names of `server.properties`. @default none */
  readonly settings?: Readonly<Record<string, string>>;
  /** System properties of its JVM. @default none */
  readonly systemProperties?: Readonly<Record<string, string>>;
}

/** Starts a broker of our own; on its first start brings the jars and formats the folder. */
export async function startBroker(
  options: BrokerOptions,
  progress: Progress = () => {},
): Promise<RunningServer> {
  const command = await javaProgram(progress);
  const jars = await bringJars(progress, jarsPlan(KAFKA_JARS));
  const files = await prepareFolder(options, await freePort());
  const logging = `-Dlog4j2.configurationFile=${files.logging}`;
  const properties = Object.entries(options.systemProperties ?? {}).map(
    ([name, value]) => `-D${name}=${value}`,
  );
  const java = [...javaArguments(512), ...properties, logging, '-cp', join(jars, '*')];
  if (!existsSync(files.formatted)) {
    progress('formatting the data folder');
    await runCommand({
      name: 'formatting of the data folder',
      command,
      args: [...java, 'kafka.tools.StorageTool', ...formatArgs(files.settings)],
      folder: options.dataDir,
      logFile: options.logFile,
    });
    await writeFile(files.formatted, '');
  }
  const address = `127.0.0.1:${options.port}`;
  return startNativeServer({
    child: {
      name: 'Kafka',
      command,
      args: [...java, 'kafka.Kafka', files.settings],
      folder: options.dataDir,
      logFile: options.logFile,
      stopSignal: 'SIGTERM',
      stopMsMax: 30_000,
    },
    address,
    env: { KAFKA_BROKERS: address },
    probe: () => answersKafka(address),
    readyMsMax: READY_MS_MAX,
  });
}

/** Whether a broker answers there: its cluster and its group coordinators. @throws what the client says otherwise */
export async function answersKafka(brokers: string): Promise<void> {
  // The client's retries are patient: it is asked only once something listens.
  await connectTo(brokers.split(',')[0] ?? '');
  const config = loadConfig(kafkaConfig, { ...process.env, KAFKA_BROKERS: brokers });
  const client = createKafka(config, 'local', createLogger('local', 'silent'));
  await withAdmin(client, async (admin) => {
    await admin.describeCluster();
    // A coordinator that still loads refuses its first group, and kafkajs passes that on to the consumer.
    await admin.describeGroups(PROBED_GROUPS);
  });
}

/** Enough that each of the few partitions of our broker's group log has one. */
const PROBED_GROUPS = Array.from({ length: 16 }, (_, n) => `ready-${n}`);

interface KafkaFiles {
  readonly settings: string;
  readonly logging: string;
  /** There once the folder has been formatted. */
  readonly formatted: string;
}

async function prepareFolder(options: BrokerOptions, controllerPort: number): Promise<KafkaFiles> {
  const files = {
    settings: join(options.dataDir, 'server.properties'),
    logging: join(options.dataDir, 'log4j2.properties'),
    formatted: join(options.dataDir, 'formatted'),
  };
  const logFolder = join(options.dataDir, 'log');
  // A format that was interrupted is begun again: nothing can have been published yet.
  if (!existsSync(files.formatted)) await rm(logFolder, { recursive: true, force: true });
  await mkdir(options.dataDir, { recursive: true });
  await writeFile(files.settings, brokerSettings(options, controllerPort, logFolder));
  await writeFile(files.logging, LOGGING);
  return files;
}

const formatArgs = (settings: string): string[] => [
  'format',
  '--ignore-formatted',
  '--cluster-id',
  clusterId(),
  '--config',
  settings,
];

/** 16 random bytes, base64url; one that begins with a dash would be read as an option. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

const brokerSettings = (
  { port, listeners = [], settings }: BrokerOptions,
  controllerPort: number,
  logFolder: string,
): string => {
  const forClients = [`PLAINTEXT://127.0.0.1:${port}`, ...listeners].join(',');
  return asProperties({
    ...ONE_BROKER,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${forClients},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': forClients,
    'log.dirs': logFolder.replaceAll('\\', '/'),
    ...settings,
  });
};

/** Warnings and errors, on stdout, from where the warden takes them to the log file. */
const LOGGING = `
status = error
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = stdout
`;
