// What a Flink cluster of this machine is told: settings, logging, and the arguments of its JVMs. The scripts that compute memory and
// arguments belong to flink-dist; here they are plain numbers.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { javaArguments } from '../java.ts';

/** Where a cluster keeps its files, and where it listens. */
export interface ClusterShape {
  /** A folder of its own. */
  readonly folder: string;
  /** Of the page and the REST interface. */
  readonly port: number;
  /** Of the JobManager's actors. */
  readonly rpcPort: number;
  /** Of `/metrics`: the JobManager's, then the TaskManager's. */
  readonly metricsPorts: readonly [number, number];
  /** How many subtasks of a job may run at a time. */
  readonly slots: number;
  /** The quick compiler alone halves a start, and costs speed. */
  readonly isQuick: boolean;
}

export interface ClusterFiles {
  /** `FLINK_CONF_DIR`. */
  readonly conf: string;
  readonly logging: string;
  readonly savepoints: string;
  readonly checkpoints: string;
}

/** Flink looks into these with reflection (flink-dist's config.yaml of 2.2 opens these and more). */
const OPENED = ['util', 'lang', 'time', 'net', 'nio'];

/** Of a TaskManager, in MiB. RocksDB has the managed part. */
const MEMORY_MIB = {
  frameworkHeap: 128,
  taskHeap: 384,
  frameworkOffHeap: 128,
  network: 64,
  managed: 192,
  metaspace: 256,
  overhead: 192,
};

/** Writes the files. */
export async function writeClusterFiles(shape: ClusterShape): Promise<ClusterFiles> {
  const files = {
    conf: join(shape.folder, 'conf'),
    logging: join(shape.folder, 'conf/log4j2.properties'),
    savepoints: join(shape.folder, 'savepoints'),
    checkpoints: join(shape.folder, 'checkpoints'),
  };
  for (const folder of [files.conf, join(shape.folder, 'tmp')]) await mkdir(folder, { recursive: true });
  const settings = Object.entries(settingsOf(shape, files)).map(
    ([name, value]) => `${name}: ${JSON.stringify(value)}\n`,
  );
  await writeFile(join(files.conf, 'config.yaml'), settings.join(''));
  await writeFile(files.logging, LOGGING);
  return files;
}

const settingsOf = (shape: ClusterShape, files: ClusterFiles): Record<string, string | number> => ({
  'rest.address': '127.0.0.1',
  'rest.bind-address': '127.0.0.1',
  'rest.port': shape.port,
  // Whoever reaches the page must not be able to upload a program.
  'web.submit.enable': 'false',
  'jobmanager.rpc.address': '127.0.0.1',
  'jobmanager.rpc.port': shape.rpcPort,
  'jobmanager.bind-host': '127.0.0.1',
  'taskmanager.host': '127.0.0.1',
  'taskmanager.bind-host': '127.0.0.1',
  'taskmanager.numberOfTaskSlots': shape.slots,
  'io.tmp.dirs': join(shape.folder, 'tmp'),
  // As on Dataproc.
  'state.backend.type': 'rocksdb',
  'execution.checkpointing.incremental': 'true',
  'execution.checkpointing.dir': pathToFileURL(files.checkpoints).href,
  'execution.checkpointing.savepoint-dir': pathToFileURL(files.savepoints).href,
  // A TaskManager that was killed is missed soon.
  'heartbeat.interval': '1 s',
  'heartbeat.timeout': '6 s',
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 1_000_000,
  'restart-strategy.fixed-delay.delay': '1 s',
  'metrics.reporters': 'prometheus',
  'metrics.reporter.prometheus.factory.class':
    'org.apache.flink.metrics.prometheus.PrometheusReporterFactory',
  'metrics.reporter.prometheus.port': shape.metricsPorts.join(','),
});

/** Each part of a cluster: its main class and what comes behind it. */
export const PARTS = {
  jobManager: (files: ClusterFiles) => [
    'org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint',
    '--configDir',
    files.conf,
  ],
  taskManager: (files: ClusterFiles) => [
    'org.apache.flink.runtime.taskexecutor.TaskManagerRunner',
    '--configDir',
    files.conf,
    ...memorySettings(),
  ],
  gateway: (_files: ClusterFiles, port: number) => [
    'org.apache.flink.table.gateway.SqlGateway',
    ...dynamic('sql-gateway.endpoint.rest.address', '127.0.0.1'),
    ...dynamic('sql-gateway.endpoint.rest.bind-address', '127.0.0.1'),
    ...dynamic('sql-gateway.endpoint.rest.port', port),
    ...dynamic('execution.target', 'remote'),
  ],
} as const;

/** The gateway reads the name and its value from one argument. */
const dynamic = (name: string, value: string | number): string[] => [`-D${name}=${value}`];

function memorySettings(): string[] {
  const mib = MEMORY_MIB;
  const sizes: Record<string, string> = {
    'taskmanager.cpu.cores': '2.0',
    'taskmanager.memory.framework.heap.size': `${mib.frameworkHeap}mb`,
    'taskmanager.memory.framework.off-heap.size': `${mib.frameworkOffHeap}mb`,
    'taskmanager.memory.task.heap.size': `${mib.taskHeap}mb`,
    'taskmanager.memory.task.off-heap.size': '0b',
    'taskmanager.memory.network.min': `${mib.network}mb`,
    'taskmanager.memory.network.max': `${mib.network}mb`,
    'taskmanager.memory.managed.size': `${mib.managed}mb`,
    'taskmanager.memory.jvm-metaspace.size': `${mib.metaspace}mb`,
    'taskmanager.memory.jvm-overhead.min': `${mib.overhead}mb`,
    'taskmanager.memory.jvm-overhead.max': `${mib.overhead}mb`,
  };
  return Object.entries(sizes).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
}

/** Arguments of the JVM that runs a part. */
export function jvmArguments(
  part: keyof typeof PARTS,
  jars: string,
  files: ClusterFiles,
  isQuick: boolean,
): string[] {
  const heapMiB = part === 'taskManager' ? MEMORY_MIB.frameworkHeap + MEMORY_MIB.taskHeap : 320;
  const direct = `-XX:MaxDirectMemorySize=${MEMORY_MIB.frameworkOffHeap + MEMORY_MIB.network}m`;
  return [
    ...javaArguments(heapMiB).filter((argument) => isQuick || !argument.includes('Tiered')),
    ...(part === 'taskManager' ? [direct, `-XX:MaxMetaspaceSize=${MEMORY_MIB.metaspace}m`] : []),
    ...OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
    `-Dlog4j2.configurationFile=${files.logging}`,
    '-cp',
    join(jars, '*'),
  ];
}

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
