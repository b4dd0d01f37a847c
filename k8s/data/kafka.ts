// One Kafka broker that is its own controller, with the settings of `npm start`, and the task that makes the topics of the contracts.
import type { App } from 'cdk8s';
import type { IConfigMap } from 'kubernetes-models/v1';
import { asProperties, ONE_BROKER } from '#contracts/one-broker.ts';
import { imageOf } from '../images.ts';
import type { LocalOverlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { KAFKA_ADDRESS, KAFKA_PORT } from './addresses.ts';
import { configFiles, type Program, probesBy, scratch } from './pod.ts';
import { StandIn, Task } from './workloads.ts';

const FOLDER = '/var/lib/kafka';
const SETTINGS_FOLDER = '/etc/shop-kafka';
const SETTINGS_FILE = `${SETTINGS_FOLDER}/server.properties`;
const BIN = '/opt/kafka/bin';
/** Of the only cluster that its volume ever holds; any 16 bytes in base64url that do not begin with a dash. */
const CLUSTER_ID = 'bGFwdG9wLWNsdXN0ZXIwMQ';
const CONTROLLER_PORT = 9093;
/** The broker speaks to itself too, when transactions end: not by way of its Service. */
const OWN_PORT = 9094;

/** What `server.properties` says. */
export const KAFKA_SETTINGS: Readonly<Record<string, string>> = {
  ...ONE_BROKER,
  'controller.quorum.voters': `1@127.0.0.1:${CONTROLLER_PORT}`,
  listeners: `CLIENTS://0.0.0.0:${KAFKA_PORT},OWN://127.0.0.1:${OWN_PORT},CONTROLLER://127.0.0.1:${CONTROLLER_PORT}`,
  'advertised.listeners': `CLIENTS://${KAFKA_ADDRESS},OWN://127.0.0.1:${OWN_PORT}`,
  'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,OWN:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'inter.broker.listener.name': 'OWN',
  'log.dirs': `${FOLDER}/log`,
};

const LOGGING = `Configuration:
  status: error
  Appenders:
    Console:
      name: stdout
      JsonLayout: { compact: true, eventEol: true, KeyValuePair: { key: process, value: kafka } }
  Loggers:
    Root:
      level: warn
      AppenderRef: { ref: stdout }
`;

const SIZE = {
  // Measured under `npm start`: half a gigabyte of heap is enough, and the JVM takes as much again at its start.
  cpuRequest: '200m',
  memoryRequest: '768Mi',
  memoryLimit: '1Gi',
  ephemeralStorage: '128Mi',
};

/** Of Kafka's own scripts. */
const ENVIRONMENT = {
  KAFKA_HEAP_OPTS: '-Xms256m -Xmx512m',
  KAFKA_LOG4J_OPTS: `-Dlog4j2.configurationFile=${SETTINGS_FOLDER}/log4j2.yaml`,
  // Without it they write a log of the collector into the image.
  EXTRA_ARGS: '-name kafkaServer',
  LOG_DIR: '/tmp',
};

export function kafkaPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 'kafka', { overlay, project: 'data', wave: 'data', namespace: 'data' });
  const settings = {
    'server.properties': asProperties(KAFKA_SETTINGS),
    'log4j2.yaml': LOGGING,
  };
  addObject(part, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kafka-settings' },
    data: settings,
  } satisfies IConfigMap);
  new StandIn(part, 'broker', {
    program: { ...brokerOf(overlay), input: JSON.stringify(settings) },
    volume: { path: FOLDER, size: '4Gi' },
  });
  new Task(part, 'topics', { program: topicsOf(overlay) });
  return part;
}

const brokerOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'kafka' },
  image: imageOf(overlay, 'kafka'),
  before: {
    name: 'format',
    command: [
      `${BIN}/kafka-storage.sh`,
      'format',
      '--ignore-formatted',
      '--cluster-id',
      CLUSTER_ID,
      '--config',
      SETTINGS_FILE,
    ],
    env: ENVIRONMENT,
    size: SIZE,
  },
  command: [`${BIN}/kafka-server-start.sh`, SETTINGS_FILE],
  env: ENVIRONMENT,
  ports: { kafka: KAFKA_PORT },
  probes: probesBy({ tcpSocket: { port: 'kafka' } }),
  mounts: [configFiles(SETTINGS_FOLDER, 'kafka-settings'), scratch('/tmp', '64Mi')],
  // A broker that stops in order writes its logs down, and starts again at once.
  graceSeconds: 60,
  size: SIZE,
});

const topicsOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'topics' },
  image: imageOf(overlay, 'topics'),
  env: { KAFKA_BROKERS: KAFKA_ADDRESS, KAFKA_REPLICATION_FACTOR: '1' },
  size: { cpuRequest: '50m', memoryRequest: '96Mi', memoryLimit: '192Mi', ephemeralStorage: '32Mi' },
});
