// Settings, beside addresses and folders, of a Flink with one JobManager and one TaskManager: on this machine and in a laptop's cluster.
// The scripts that compute memory and arguments belong to flink-dist; here they are plain numbers.

/** By the names of Flink's own settings. */
export const ONE_FLINK: Readonly<Record<string, string | number>> = {
  // A visitor of the page must not be able to upload a program.
  'web.submit.enable': 'false',
  // As on Dataproc.
  'state.backend.type': 'rocksdb',
  'execution.checkpointing.incremental': 'true',
  // A job that is refused is tried again more and more rarely: each time its sinks take the TaskManager with them.
  'restart-strategy.type': 'exponential-delay',
  'restart-strategy.exponential-delay.initial-backoff': '1 s',
  'restart-strategy.exponential-delay.max-backoff': '10 s',
  'metrics.reporters': 'prometheus',
  'metrics.reporter.prometheus.factory.class':
    'org.apache.flink.metrics.prometheus.PrometheusReporterFactory',
};

/** As `config.yaml` has them. */
export const asFlinkYaml = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('');

/** The processes of a Flink. The gateway takes statements of SQL. */
export type FlinkPart = 'jobManager' | 'taskManager' | 'gateway';

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

/** All that a TaskManager may take, by its own reckoning. */
export const FLINK_TASKS_MIB = Object.values(MEMORY_MIB).reduce((sum, mib) => sum + mib);

export const FLINK_HEAP_MIB: Readonly<Record<FlinkPart, number>> = {
  jobManager: 320,
  taskManager: MEMORY_MIB.frameworkHeap + MEMORY_MIB.taskHeap,
  gateway: 320,
};

/** Flink looks into these with reflection (flink-dist's config.yaml of 2.2 opens these and more). */
const OPENED = ['util', 'lang', 'time', 'net', 'nio'];

/** Arguments of the JVM of a part, beside those of its heap. */
export const flinkJvmArguments = (part: FlinkPart, jars: string, loggingFile: string): string[] => [
  ...(part === 'taskManager'
    ? [
        `-XX:MaxDirectMemorySize=${MEMORY_MIB.frameworkOffHeap + MEMORY_MIB.network}m`,
        `-XX:MaxMetaspaceSize=${MEMORY_MIB.metaspace}m`,
      ]
    : []),
  ...OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
  `-Dlog4j2.configurationFile=${loggingFile}`,
  '-cp',
  `${jars}/*`,
];

/** The main class of a part and what comes behind it. The gateway reads its folder of settings from `FLINK_CONF_DIR`. */
export function flinkProgram(part: FlinkPart, conf: string): string[] {
  switch (part) {
    case 'jobManager':
      return ['org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint', '--configDir', conf];
    case 'taskManager':
      return [
        'org.apache.flink.runtime.taskexecutor.TaskManagerRunner',
        '--configDir',
        conf,
        ...memoryOfTasks(),
      ];
    case 'gateway':
      return ['org.apache.flink.table.gateway.SqlGateway', dynamic('execution.target', 'remote')];
  }
}

/** A setting as an argument of the gateway, which reads the name and its value from one. */
export const dynamic = (name: string, value: string | number): string => `-D${name}=${value}`;

function memoryOfTasks(): string[] {
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

/** Warnings and errors, on stdout. */
export const FLINK_LOGGING = `
status = error
appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = stdout
`;
