// What kubelets know of each pod's use of processor and memory, for the scalers: a laptop's cluster such as kind brings none.
// After the manifests of kubernetes-sigs/metrics-server 0.8.
import type { App } from 'cdk8s';
import type { Construct } from 'constructs';
import type { IAPIService } from 'kubernetes-models/apiregistration.k8s.io/v1';
import type {
  IClusterRole,
  IClusterRoleBinding,
  IRoleBinding,
} from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { imageOf } from '../images.ts';
import type { LocalOverlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { type Program, probesBy, scratch } from './pod.ts';
import { KUBELET_PORT, METRICS_SERVER } from './ways.ts';
import { StandIn } from './workloads.ts';

const { name, namespace } = METRICS_SERVER;
const RBAC = { apiGroup: 'rbac.authorization.k8s.io' } as const;
const SUBJECTS = [{ kind: 'ServiceAccount', name, namespace }];

export function metricsServerPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, name, { overlay, project: 'ground', wave: 'operators', namespace });
  new StandIn(part, 'server', { program: programOf(overlay) });
  addRights(part);
  addObject(part, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      service: { name, namespace, port: KUBELET_PORT },
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      // It makes its certificate itself at each start, as upstream has it.
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  } satisfies IAPIService);
  return part;
}

const programOf = (overlay: LocalOverlay): Program => ({
  pods: METRICS_SERVER,
  image: imageOf(overlay, name),
  args: [
    '--cert-dir=/tmp',
    `--secure-port=${KUBELET_PORT}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--kubelet-use-node-status-port',
    '--metric-resolution=15s',
    // kind's kubelets have certificates that no authority of the cluster has signed.
    '--kubelet-insecure-tls',
  ],
  ports: { https: KUBELET_PORT },
  probes: {
    ...probesBy({ httpGet: { path: '/livez', port: 'https', scheme: 'HTTPS' } }),
    readinessProbe: {
      httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' },
      periodSeconds: 10,
      failureThreshold: 3,
    },
  },
  mounts: [scratch('/tmp', '16Mi')],
  hasToken: true,
  size: { cpuRequest: '100m', memoryRequest: '200Mi', memoryLimit: '256Mi', ephemeralStorage: '32Mi' },
});

/** Rights to read the kubelets' figures, and to ask the API server whether a caller may. */
function addRights(scope: Construct): void {
  addObject(scope, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:metrics-server' },
    rules: [
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    ],
  } satisfies IClusterRole);
  const roles = [
    ['system:metrics-server', 'system:metrics-server'],
    ['metrics-server:system:auth-delegator', 'system:auth-delegator'],
  ] as const;
  for (const [binding, role] of roles)
    addObject(scope, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: binding },
      roleRef: { ...RBAC, kind: 'ClusterRole', name: role },
      subjects: SUBJECTS,
    } satisfies IClusterRoleBinding);
  addObject(scope, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'metrics-server-auth-reader' },
    roleRef: { ...RBAC, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    subjects: SUBJECTS,
  } satisfies IRoleBinding);
}
