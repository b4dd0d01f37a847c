// How much the pods of a namespace may take together: what its parts ask for when every scaler is at its most, and no more than that
// with some room, so that a mistake fills a namespace and not the cluster.
import type { IPodSpec, IService } from 'kubernetes-models/v1';
import { NAMESPACES, type NamespaceName } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import type { KubeObject, Part } from '../part.ts';
import { gibOf, mibOf, millisOf } from './quantities.ts';

/** As Kubernetes names them. */
export type Quota = Readonly<Record<string, string>>;

interface Amount {
  readonly pods: number;
  readonly cpuMillis: number;
  readonly memoryMib: number;
  readonly limitMib: number;
}

const NOTHING: Amount = { pods: 0, cpuMillis: 0, memoryMib: 0, limitMib: 0 };
/** Of containers that say nothing; ours say it. */
export const UNSAID = { cpu: '50m', memory: '64Mi', memoryLimit: '256Mi' } as const;

/** Room for a person who debugs with an own pod. */
const ROOM: Amount = { pods: 4, cpuMillis: 500, memoryMib: 512, limitMib: 1024 };

/** Charts say what they ask for when they are rendered, which is not here: about three times what they asked for on 2026-11-28. */
const OF_CHARTS: ReadonlyMap<NamespaceName, Amount> = new Map([
  ['externalSecrets', { pods: 12, cpuMillis: 1_000, memoryMib: 2_048, limitMib: 4_096 }],
  ['keda', { pods: 12, cpuMillis: 1_000, memoryMib: 2_048, limitMib: 4_096 }],
  ['observability', { pods: 30, cpuMillis: 3_000, memoryMib: 12_288, limitMib: 24_576 }],
]);

/** What one pod on each node asks for at most, of programs that look at their node. */
const OF_EACH_NODE: Amount = { pods: 2, cpuMillis: 200, memoryMib: 256, limitMib: 512 };

export function quotaOf(overlay: Overlay, namespace: NamespaceName, parts: readonly Part[]): Quota {
  const objects = parts
    .flatMap((part) => part.toJson() as KubeObject[])
    .filter(({ metadata }) => metadata?.namespace === NAMESPACES[namespace]);
  const ofCharts = overlay.kind === 'aws' ? (OF_CHARTS.get(namespace) ?? NOTHING) : NOTHING;
  const ofNodes = namespace === 'nodeAgents' ? times(OF_EACH_NODE, nodesMax(overlay)) : NOTHING;
  const { pods, cpuMillis, memoryMib, limitMib } = [
    ROOM,
    ofCharts,
    ofNodes,
    ...objects.map((object) => mostOf(object, objects, overlay)),
  ].reduce(plus);
  return {
    pods: String(pods),
    'requests.cpu': String(Math.ceil(cpuMillis / 1000)),
    'requests.memory': gibOf(memoryMib),
    'limits.memory': gibOf(limitMib),
    // The way in is an Ingress: these are as many as the parts say, mostly none.
    'services.loadbalancers': String(servicesOf(objects, 'LoadBalancer').length),
    'services.nodeports': String(servicesOf(objects, 'NodePort').flatMap(({ ports = [] }) => ports).length),
  };
}

function servicesOf(objects: readonly KubeObject[], type: string): NonNullable<IService['spec']>[] {
  const specs = objects
    .filter(({ kind }) => kind === 'Service')
    .map((object) => (object as IService).spec ?? {});
  return specs.filter((spec) => spec.type === type);
}

const plus = (one: Amount, other: Amount): Amount => ({
  pods: one.pods + other.pods,
  cpuMillis: one.cpuMillis + other.cpuMillis,
  memoryMib: one.memoryMib + other.memoryMib,
  limitMib: one.limitMib + other.limitMib,
});
const times = (amount: Amount, count: number): Amount =>
  Array.from({ length: count }, () => amount).reduce(plus, NOTHING);

/** A laptop's cluster has a few nodes on one machine. */
const nodesMax = (overlay: Overlay): number =>
  overlay.kind === 'local'
    ? 4
    : overlay.settings.aws.eks.general.nodeCountMax + overlay.settings.aws.eks.compute.nodeCountMax;

interface Workload {
  readonly spec?: {
    readonly replicas?: number;
    readonly strategy?: { readonly type?: string };
    readonly template?: { readonly spec?: IPodSpec };
    readonly jobTemplate?: { readonly spec?: { readonly template?: { readonly spec?: IPodSpec } } };
  };
}

/** Pods that go still count beside those that come in their place: twice, but where one waits for the other. Who sleeps may wake. */
function mostOf(object: KubeObject, all: readonly KubeObject[], overlay: Overlay): Amount {
  const { spec = {} } = object as Workload;
  const pod = spec.template?.spec ?? spec.jobTemplate?.spec?.template?.spec;
  if (!pod) return NOTHING;
  const replicas = Math.max(1, replicasMax(object, all));
  const count = {
    Deployment: spec.strategy?.type === 'Recreate' ? replicas : 2 * replicas,
    DaemonSet: nodesMax(overlay),
    CronJob: 2,
  };
  const known = new Map(Object.entries(count));
  return times(podAmount(pod), known.get(object.kind) ?? replicas);
}

interface Scaler {
  readonly spec?: {
    readonly scaleTargetRef?: { readonly name?: string };
    readonly maxReplicas?: number;
    readonly maxReplicaCount?: number;
  };
}

function replicasMax({ metadata, ...object }: KubeObject, all: readonly KubeObject[]): number {
  const scalers = all.map((other) => (other as Scaler).spec ?? {});
  const scaler = scalers.find(({ scaleTargetRef }) => scaleTargetRef?.name === metadata?.name);
  return scaler?.maxReplicas ?? scaler?.maxReplicaCount ?? (object as Workload).spec?.replicas ?? 1;
}

/** Init containers run before the others, one by one: the most of them, or all others together. */
function podAmount({ containers, initContainers = [] }: IPodSpec): Amount {
  const together = containers.map(containerAmount).reduce(plus, NOTHING);
  const before = initContainers.map(containerAmount);
  const most = (pick: (amount: Amount) => number): number => Math.max(pick(together), ...before.map(pick));
  return {
    pods: 1,
    cpuMillis: most(({ cpuMillis }) => cpuMillis),
    memoryMib: most(({ memoryMib }) => memoryMib),
    limitMib: most(({ limitMib }) => limitMib),
  };
}

function containerAmount({ resources = {} }: IPodSpec['containers'][number]): Amount {
  const { requests = {}, limits = {} } = resources;
  return {
    pods: 0,
    cpuMillis: millisOf(requests.cpu ?? UNSAID.cpu),
    memoryMib: mibOf(requests.memory ?? UNSAID.memory),
    limitMib: mibOf(limits.memory ?? UNSAID.memoryLimit),
  };
}
