// The pod of a service: as little right as it needs, spread over zones and nodes, and enough time to go.
import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import type { Process } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { GRACE_SECONDS, PRE_STOP_SECONDS } from '#contracts/shutdown.ts';
import { amiTypeOf } from '../../stacks/aws/node-architecture.ts';
import { imageOf } from '../images.ts';
import type { Overlay } from '../overlays.ts';
import type { ServiceSettings } from './service-settings.ts';
import { heapOptions, sizeOf } from './sizes.ts';

/** The user that images of ours run as. */
export const USER_ID = 10_001;
/** Nothing of ours writes there; a library may. It counts into the pod's ephemeral storage. */
const TMP_SIZE = '16Mi';

/** By which everybody knows the pods of a process. */
export const labelsOf = ({ name }: Pick<Process, 'name'>): Record<string, string> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': SERVICES_NAMESPACE,
});

type PodSpec = NonNullable<IPodTemplateSpec['spec']>;
type Container = PodSpec['containers'][number];

export interface ServicePodProps {
  readonly overlay: Overlay;
  readonly service: Process;
  readonly settings: ServiceSettings;
}

export function servicePod({ overlay, service, settings }: ServicePodProps): IPodTemplateSpec {
  const labels = labelsOf(service);
  return {
    metadata: { labels, annotations: { 'shop/settings-hash': settings.contentHash } },
    spec: {
      serviceAccountName: service.name,
      automountServiceAccountToken: false,
      // Else every service would find `USER_PORT` and the like in its environment.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER_ID,
        runAsGroup: USER_ID,
        fsGroup: USER_ID,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      terminationGracePeriodSeconds: GRACE_SECONDS,
      ...nodesOf(overlay),
      topologySpreadConstraints: spread(labels),
      containers: [container({ overlay, service, settings })],
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: TMP_SIZE } }, ...settings.volumes],
    },
  };
}

function container({ overlay, service, settings }: ServicePodProps): Container {
  const { name, port, opsPort = port } = service;
  const size = sizeOf(name);
  const { cpuRequest, memoryRequest, memoryLimit, ephemeralStorage } = size;
  const heap = Object.entries(heapOptions(size)).map(([name, value]) => ({ name, value }));
  return {
    name,
    image: imageOf(overlay, name),
    imagePullPolicy: 'IfNotPresent',
    ports: [
      { name: 'http', containerPort: port!, protocol: 'TCP' },
      { name: 'metrics', containerPort: opsPort!, protocol: 'TCP' },
    ],
    envFrom: settings.envFrom,
    env: [...settings.env, ...heap],
    ...probes(),
    lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SECONDS } } },
    resources: {
      requests: { cpu: cpuRequest, memory: memoryRequest, 'ephemeral-storage': ephemeralStorage },
      limits: { memory: memoryLimit, 'ephemeral-storage': ephemeralStorage },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...settings.mounts],
  };
}

const ask = (path: string) => ({ httpGet: { path, port: 'http', scheme: 'HTTP' } }) as const;

function probes(): Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  return {
    // Migrations come first, and wait for each other where two replicas start: two minutes.
    startupProbe: { ...ask('/livez'), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 60 },
    // Of the process alone: a database that is away must not have every replica killed.
    livenessProbe: { ...ask('/livez'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    // It asks Postgres, so a busy one may take a while; two misses, so that one lost packet removes no pod.
    readinessProbe: { ...ask('/readyz'), periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 2 },
  };
}

/**
 * Nodes by the labels that the stacks give them (stacks/aws/eks-node-group.ts): those of `general`, and of `compute` what finds no room
 * there, so that a shop that grows is not stopped by how many nodes the other group may have.
 */
function nodesOf(overlay: Overlay): Pick<PodSpec, 'nodeSelector' | 'affinity' | 'tolerations'> {
  const everywhere = { 'kubernetes.io/os': 'linux' };
  if (overlay.kind === 'local') return { nodeSelector: everywhere };
  const { general, compute } = overlay.settings.aws.eks;
  const isOneKind = amiTypeOf(general.instanceTypes) === amiTypeOf(compute.instanceTypes);
  const groups = isOneKind ? ['general', 'compute'] : ['general'];
  const ofGroups = (...values: string[]) => ({
    matchExpressions: [{ key: 'workload', operator: 'In' as const, values }],
  });
  return {
    nodeSelector: { ...everywhere, 'kubernetes.io/arch': architectureOf(general.instanceTypes) },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [ofGroups(...groups)] },
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: ofGroups('general') }],
      },
    },
    tolerations: isOneKind
      ? [{ key: 'workload', operator: 'Equal', value: 'compute', effect: 'NoSchedule' }]
      : [],
  };
}

const architectureOf = (instanceTypes: readonly string[]): 'arm64' | 'amd64' =>
  amiTypeOf(instanceTypes) === 'AL2023_ARM_64_STANDARD' ? 'arm64' : 'amd64';

type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number];

/**
 * Two replicas are never on one node, so that they do not go down together. Between zones it is a preference: a zone that has no room must
 * not hold up a new version. Replicas of another version do not count.
 */
function spread(labels: Record<string, string>): Spread[] {
  const common: Omit<Spread, 'topologyKey' | 'whenUnsatisfiable'> = {
    maxSkew: 1,
    labelSelector: { matchLabels: labels },
    matchLabelKeys: ['pod-template-hash'],
    nodeTaintsPolicy: 'Honor',
  };
  return [
    { ...common, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    { ...common, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
  ];
}
