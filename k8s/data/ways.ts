// Which program opens connections to which, in and out of the namespaces of this room: everything else is closed.
import type { Process } from '#contracts/process.ts';
import { analyticsWorker } from '#contracts/processes.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { NAMESPACES, type NamespaceName } from '../namespaces.ts';
import { FIRESTORE_PORT, GCS_PORT, KAFKA_PORT, POSTGRES_PORT, S3_PORT } from './addresses.ts';
import { FLINK_PORTS, OPS_PORT } from './ports.ts';

/** Pods by their labels. */
export interface Pods {
  readonly namespace: NamespaceName | typeof KUBE_SYSTEM;
  readonly name: string;
}

/** What Kubernetes itself has. */
export const KUBE_SYSTEM = 'kube-system';

/**
 * Or those whose addresses no manifest can know: API server and nodes are bounded by their ports, the internet is every address that is not private
 * private network, and everybody comes from outside of the cluster too.
 */
export type Peer = Pods | 'everybody' | 'api-server' | 'nodes' | 'internet';

export interface Way {
  readonly from: Peer;
  readonly to: Peer;
  readonly ports: readonly number[];
}

const inData = (name: string): Pods => ({ namespace: 'data', name });
const KAFKA = { to: inData('kafka'), ports: [KAFKA_PORT] };
const POSTGRES = { to: inData('postgres'), ports: [POSTGRES_PORT] };
const STORES = new Map([
  ['postgres', POSTGRES],
  ['gcs', { to: inData('gcs'), ports: [GCS_PORT] }],
  ['firestore', { to: inData('firestore'), ports: [FIRESTORE_PORT] }],
]);

/** What the contract says that a process uses; S3 is used by addresses that it signs, and by the browser. */
function waysOf(namespace: NamespaceName, { name, consumes, publishes, stores }: Process): Way[] {
  const from = { namespace, name };
  const usesKafka = consumes.length + publishes.length > 0;
  return [
    ...(usesKafka ? [{ from, ...KAFKA }] : []),
    ...stores.flatMap((store) => {
      const way = STORES.get(store);
      return way ? [{ from, ...way }] : [];
    }),
  ];
}

const inAnalytics = (name: string): Pods => ({ namespace: 'analytics', name });
/** Its JobManager and its TaskManager. */
export const FLINK_JOBS = inAnalytics('flink-jobmanager');
export const FLINK_TASKS = inAnalytics('flink-taskmanager');
/** The programs that change the engine: by their schedule, and once. */
export const FLINK_TRIGGER = inAnalytics('flink-trigger');
export const BACK_TO_NODE = inAnalytics('back-to-node');

export const SAMPLE_PRODUCTS = { namespace: 'shop', name: 'sample-products' } as const;
export const METRICS_SERVER = { namespace: KUBE_SYSTEM, name: 'metrics-server' } as const;
export const KUBELET_PORT = 10_250;
const PROMETHEUS: Pods = { namespace: 'observability', name: 'prometheus' };
/** 443 of its Service, 6443 of the servers behind it: which of both a rule sees is up to the network. */
const API_SERVER_PORTS = [443, 6443];

export const WAYS: readonly Way[] = [
  ...SERVICES.flatMap((service) => waysOf('shop', service)),
  ...waysOf('analytics', analyticsWorker),
  // The image function runs beside S3, which calls it.
  { from: inData('s3'), ...KAFKA },
  { from: inData('topics'), ...KAFKA },
  { from: inData('databases'), ...POSTGRES },
  { from: SAMPLE_PRODUCTS, ...POSTGRES },
  { from: inData('secrets'), to: 'api-server', ports: API_SERVER_PORTS },
  { from: METRICS_SERVER, to: 'api-server', ports: API_SERVER_PORTS },
  { from: METRICS_SERVER, to: 'nodes', ports: [KUBELET_PORT] },
  { from: 'api-server', to: METRICS_SERVER, ports: [KUBELET_PORT] },
  // Its jar is fetched from Google's own store of downloads, once.
  { from: inData('firestore'), to: 'internet', ports: [443] },
  // The customer's browser.
  { from: 'everybody', to: inData('s3'), ports: [S3_PORT] },
  { from: PROMETHEUS, to: inData('s3'), ports: [OPS_PORT] },
  { from: PROMETHEUS, to: inData('gcs'), ports: [OPS_PORT] },
  { from: PROMETHEUS, to: inAnalytics(analyticsWorker.name), ports: [analyticsWorker.port!] },
  ...flinkWays(),
];

/** Offsets are looked for by the JobManager too; only tasks write to Postgres. */
function flinkWays(): Way[] {
  const { rest, gateway, jobManagerRpc, blob, taskManagerRpc, metricQueries, metrics } = FLINK_PORTS;
  return [
    ...[FLINK_TRIGGER, BACK_TO_NODE].flatMap((from): Way[] => [
      { from, to: FLINK_JOBS, ports: [rest, gateway] },
      { from, ...KAFKA },
      { from, ...POSTGRES },
    ]),
    { from: FLINK_TASKS, to: FLINK_JOBS, ports: [jobManagerRpc, blob] },
    { from: FLINK_JOBS, to: FLINK_TASKS, ports: [taskManagerRpc, metricQueries] },
    { from: FLINK_JOBS, ...KAFKA },
    { from: FLINK_TASKS, ...KAFKA },
    { from: FLINK_TASKS, ...POSTGRES },
    ...[FLINK_JOBS, FLINK_TASKS].map((to): Way => ({ from: PROMETHEUS, to, ports: [metrics] })),
  ];
}

/** As the cluster names it. */
export const namespaceOf = ({ namespace }: Pods): string =>
  namespace === KUBE_SYSTEM ? namespace : NAMESPACES[namespace];
