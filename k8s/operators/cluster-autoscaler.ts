// The Cluster Autoscaler: adds nodes when pods find no room, and removes empty ones (ADR 28).
import type { App } from 'cdk8s';
import { namePrefix } from '../../stacks/settings.ts';
import type { AwsOverlay } from '../overlays.ts';
import { addObject } from '../part.ts';
import { ChartPart } from './chart-part.ts';
import { operatorRules } from './network.ts';
import { type ContainerResources, resourcesOf } from './resources.ts';

export interface ClusterAutoscalerValues {
  readonly fullnameOverride: string;
  readonly image: { readonly tag: string };
  readonly cloudProvider: 'aws';
  readonly awsRegion: string;
  readonly autoDiscovery: { readonly clusterName: string };
  readonly rbac: { readonly serviceAccount: { readonly name: string } };
  readonly replicaCount: number;
  readonly extraArgs: Readonly<Record<string, string | number | boolean>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containerSecurityContext: Readonly<Record<string, unknown>>;
  readonly serviceMonitor: {
    readonly enabled: boolean;
    readonly namespace: string;
    readonly interval: string;
  };
  readonly resources: ContainerResources;
}

/** Also of its service account, as the pod identity in the stack `aws` has it. */
const NAME = 'cluster-autoscaler';
const NAMESPACE = 'kube-system';

/** By the minor version of the cluster (kubernetes/autoscaler, cluster-autoscaler/README.md, "Releases"; the chart names the same). */
const TAGS: ReadonlyMap<string, string> = new Map([['1.35', 'v1.35.0']]);

export function clusterAutoscalerPart(app: App, overlay: AwsOverlay): ChartPart {
  const part = new ChartPart<ClusterAutoscalerValues>(app, NAME, {
    overlay,
    project: 'operators',
    wave: 'operators',
    namespace: NAMESPACE,
    chart: 'cluster-autoscaler',
    values: valuesOf(overlay),
  });
  const labels = { 'app.kubernetes.io/instance': NAME };
  addObject(part, operatorRules(overlay, { name: NAME, labels, metricsOn: 8_085, asksAws: true }));
  return part;
}

function valuesOf({ settings }: AwsOverlay): ClusterAutoscalerValues {
  const tag = TAGS.get(settings.aws.eks.version);
  if (!tag) throw new TypeError(`no cluster autoscaler is known for Kubernetes ${settings.aws.eks.version}`);
  return {
    fullnameOverride: NAME,
    image: { tag },
    cloudProvider: 'aws',
    awsRegion: settings.aws.region,
    autoDiscovery: { clusterName: namePrefix(settings) },
    rbac: { serviceAccount: { name: NAME } },
    replicaCount: settings.gitops.isRedundant ? 2 : 1,
    extraArgs: {
      // Of several groups that would do, the one that leaves least unused.
      expander: 'least-waste',
      // Programs of kube-system have budgets where they must not be moved.
      'skip-nodes-with-system-pods': false,
      logtostderr: true,
      v: 2,
    },
    ...RESTRICTED,
    serviceMonitor: { enabled: true, namespace: NAMESPACE, interval: '30s' },
    resources: resourcesOf('50m', '256Mi', '512Mi'),
  };
}

const RESTRICTED = {
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65_534,
    runAsGroup: 65_534,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containerSecurityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
};
