// Flink, which counts images in the worker's place where the overlay says so, and sleeps otherwise: JobManager with a SQL gateway beside
// it, TaskManager, and the trigger that makes it so that the engine that is wanted counts (local/flink-trigger).
import type { App } from 'cdk8s';
import type { IConfigMap } from 'kubernetes-models/v1';
import { SECRET_FILES_FOLDER } from '#contracts/deployed-settings.ts';
import {
  asFlinkYaml,
  dynamic,
  FLINK_HEAP_MIB,
  FLINK_LOGGING,
  FLINK_TASKS_MIB,
  type FlinkPart,
  flinkJvmArguments,
  flinkProgram,
  ONE_FLINK,
} from '#contracts/one-flink.ts';
import { analyticsWorker } from '#contracts/processes.ts';
import { imageOf } from '../images.ts';
import type { Engine, LocalOverlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { FLINK_HOST, KAFKA_ADDRESS } from './addresses.ts';
import { claimed, configFiles, type Needs, type Program, probesBy, scratch, secretFiles } from './pod.ts';
import { FLINK_PORTS } from './ports.ts';
import { secretOf } from './secrets.ts';
import { BACK_TO_NODE, FLINK_JOBS, FLINK_TASKS, FLINK_TRIGGER } from './ways.ts';
import { claimOf, Schedule, StandIn, Task } from './workloads.ts';

/** As the image has them (k8s/images/flink.Dockerfile). */
const JAVA = '/opt/java/openjdk/bin/java';
const JARS = '/opt/flink/jars';
const SETTINGS = 'flink-settings';
const SETTINGS_FOLDER = '/etc/shop-flink';
const LOGGING_FILE = 'log4j2.properties';
/** Holds a folder for each run, with its checkpoints and savepoints: at one path for all, since Flink names them by it. */
const STATE_FOLDER = '/var/lib/flink';

/** What `config.yaml` says. */
const FLINK_SETTINGS: Readonly<Record<string, string | number>> = {
  ...ONE_FLINK,
  'rest.address': FLINK_HOST,
  'rest.bind-address': '0.0.0.0',
  'rest.port': FLINK_PORTS.rest,
  'jobmanager.rpc.address': FLINK_HOST,
  'jobmanager.rpc.port': FLINK_PORTS.jobManagerRpc,
  'jobmanager.bind-host': '0.0.0.0',
  'blob.server.port': FLINK_PORTS.blob,
  // A TaskManager registers its pod's own address, which no Service has.
  'taskmanager.bind-host': '0.0.0.0',
  'taskmanager.rpc.port': FLINK_PORTS.taskManagerRpc,
  'taskmanager.data.port': FLINK_PORTS.data,
  // By default at any port, where the network rules let nothing in.
  'metrics.internal.query-service.port': FLINK_PORTS.metricQueries,
  'metrics.reporter.prometheus.port': FLINK_PORTS.metrics,
  // A restarted JobManager is found again within seconds, and not after 50.
  'heartbeat.interval': '2 s',
  'heartbeat.timeout': '12 s',
  'taskmanager.numberOfTaskSlots': 2,
  'io.tmp.dirs': '/tmp',
  // Of jobs that were started by hand; the trigger gives each run its own.
  'execution.checkpointing.dir': `file://${STATE_FOLDER}/checkpoints`,
  'execution.checkpointing.savepoint-dir': `file://${STATE_FOLDER}/savepoints`,
};

/**
 * Measured on 2026-11-29 with these heaps, by the specs of a small log: 317, 333 and 479 MiB. At most a full heap and 200 MiB, and a
 * TaskManager what it reckons with. Of scratch space its share of `/tmp`, and what it logs.
 */
const SIZES: Readonly<Record<FlinkPart, Needs>> = {
  jobManager: { cpuRequest: '100m', memoryRequest: '384Mi', memoryLimit: '640Mi', ephemeralStorage: '320Mi' },
  gateway: { cpuRequest: '50m', memoryRequest: '384Mi', memoryLimit: '640Mi', ephemeralStorage: '320Mi' },
  taskManager: {
    cpuRequest: '250m',
    memoryRequest: '768Mi',
    memoryLimit: `${FLINK_TASKS_MIB + 64}Mi`,
    ephemeralStorage: '2304Mi',
  },
};

/** Beside what it reads of the log to hand a topic back: eight bytes for each id. */
const TRIGGER_SIZE: Needs = {
  cpuRequest: '100m',
  memoryRequest: '160Mi',
  memoryLimit: '384Mi',
  ephemeralStorage: '32Mi',
  heapMiB: 256,
};

/** Two minutes for Flink, two for the job, and the time to begin a run in between. */
const TRIGGER_DEADLINE_SECONDS = 420;

export function flinkPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 'flink', {
    overlay,
    project: 'data',
    wave: 'services',
    namespace: 'analytics',
  });
  addObject(part, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: SETTINGS },
    data: { 'config.yaml': asFlinkYaml(FLINK_SETTINGS), [LOGGING_FILE]: FLINK_LOGGING },
  } satisfies IConfigMap);
  const isAwake = overlay.analyticsEngine === 'flink';
  // Flink itself last: before it sleeps the task below needs it once more.
  const asleepOrAwake = { isAwake, isAfterTasks: true, isAlone: true };
  new StandIn(part, 'job-manager', {
    program: jobsOf(overlay),
    // By a template: Argo CD would never call a separate claim healthy, which is unused while Flink sleeps.
    volume: { path: STATE_FOLDER, size: '4Gi' },
    ...asleepOrAwake,
  });
  new StandIn(part, 'task-manager', { program: tasksOf(overlay), ...asleepOrAwake });
  new Schedule(part, 'trigger', {
    program: goingOn(triggerOf(overlay, 'flink', FLINK_TRIGGER)),
    schedule: '*/2 * * * *',
    deadlineSeconds: TRIGGER_DEADLINE_SECONDS,
    isAwake,
  });
  // With Node in Git again it is a new object, and so done once; with Flink it goes.
  if (!isAwake) new Task(part, 'back', { program: triggerOf(overlay, 'node', BACK_TO_NODE) });
  return part;
}

const commandOf = (part: FlinkPart, ...more: readonly string[]): string[] => [
  JAVA,
  `-Xmx${FLINK_HEAP_MIB[part]}m`,
  '-XX:+UseSerialGC',
  // A program that only directs the work starts in half of the time with the quick compiler alone.
  ...(part === 'taskManager' ? [] : ['-XX:TieredStopAtLevel=1']),
  ...flinkJvmArguments(part, JARS, `${SETTINGS_FOLDER}/${LOGGING_FILE}`),
  ...flinkProgram(part, SETTINGS_FOLDER),
  ...more,
];

const commonOf = (overlay: LocalOverlay, part: FlinkPart) => ({
  image: imageOf(overlay, 'flink'),
  command: commandOf(part),
  size: SIZES[part],
  input: asFlinkYaml(FLINK_SETTINGS) + FLINK_LOGGING,
  graceSeconds: 30,
});

const jobsOf = (overlay: LocalOverlay): Program => ({
  ...commonOf(overlay, 'jobManager'),
  pods: FLINK_JOBS,
  ports: {
    rest: FLINK_PORTS.rest,
    rpc: FLINK_PORTS.jobManagerRpc,
    blob: FLINK_PORTS.blob,
    metrics: FLINK_PORTS.metrics,
  },
  probes: probesBy({ httpGet: { path: '/overview', port: 'rest' } }),
  beside: {
    name: 'sql-gateway',
    command: commandOf(
      'gateway',
      // The JobManager of the same pod, and not through the Service.
      dynamic('rest.address', '127.0.0.1'),
      dynamic('sql-gateway.endpoint.rest.address', '127.0.0.1'),
      dynamic('sql-gateway.endpoint.rest.bind-address', '0.0.0.0'),
      dynamic('sql-gateway.endpoint.rest.port', FLINK_PORTS.gateway),
    ),
    env: { FLINK_CONF_DIR: SETTINGS_FOLDER },
    ports: { gateway: FLINK_PORTS.gateway },
    probes: probesBy({ httpGet: { path: '/v1/info', port: 'gateway' } }),
    size: SIZES.gateway,
  },
  mounts: [configFiles(SETTINGS_FOLDER, SETTINGS), scratch('/tmp', '256Mi')],
});

const tasksOf = (overlay: LocalOverlay): Program => ({
  ...commonOf(overlay, 'taskManager'),
  pods: FLINK_TASKS,
  ports: {
    rpc: FLINK_PORTS.taskManagerRpc,
    data: FLINK_PORTS.data,
    queries: FLINK_PORTS.metricQueries,
    metrics: FLINK_PORTS.metrics,
  },
  probes: probesBy({ tcpSocket: { port: 'rpc' } }),
  mounts: [
    configFiles(SETTINGS_FOLDER, SETTINGS),
    claimed(STATE_FOLDER, claimOf(FLINK_JOBS), false),
    // RocksDB's working files are there.
    scratch('/tmp', '2Gi'),
  ],
});

const triggerOf = (overlay: LocalOverlay, engine: Engine, pods: Program['pods']): Program => ({
  pods,
  image: imageOf(overlay, 'flink-trigger'),
  env: {
    SETTINGS_FOLDER: SECRET_FILES_FOLDER,
    KAFKA_BROKERS: KAFKA_ADDRESS,
    ANALYTICS_ENGINE: engine,
    FLINK_URL: `http://${FLINK_HOST}:${FLINK_PORTS.rest}`,
    FLINK_GATEWAY_URL: `http://${FLINK_HOST}:${FLINK_PORTS.gateway}`,
    FLINK_STATE_FOLDER: STATE_FOLDER,
  },
  mounts: [secretFiles(SECRET_FILES_FOLDER, secretOf(analyticsWorker))],
  size: TRIGGER_SIZE,
});

/**
 * With what jobs have left. The way back does without: there is no claim where Flink never was, and the pod would wait for it. A job that
 * it has to start begins with its run.
 */
const goingOn = (program: Program): Program => ({
  ...program,
  mounts: [...(program.mounts ?? []), claimed(STATE_FOLDER, claimOf(FLINK_JOBS), true)],
});
