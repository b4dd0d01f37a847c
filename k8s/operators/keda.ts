// KEDA: counts the replicas of the services by what Prometheus says about their load and lag.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../namespaces.ts';
import type { AwsOverlay } from '../overlays.ts';
import { addObject } from '../part.ts';
import { ChartPart } from './chart-part.ts';
import { operatorRules, podsIn } from './network.ts';
import { type ContainerResources, resourcesOf } from './resources.ts';

type Program = 'operator' | 'metricServer' | 'webhooks';
type OfEach<Value> = Readonly<Record<Program, Value>>;

export interface KedaValues {
  readonly clusterName: string;
  /** The only one whose pods it may count. */
  readonly watchNamespace: string;
  readonly operator: { readonly replicaCount: number };
  readonly metricsServer: { readonly replicaCount: number };
  readonly webhooks: { readonly replicaCount: number };
  readonly podDisruptionBudget: Partial<OfEach<{ readonly minAvailable: number }>>;
  readonly rbac: { readonly enabledCustomScaledRefKinds: boolean };
  readonly permissions: Pick<
    OfEach<{ readonly restrict: { readonly secret: boolean } }>,
    'operator' | 'metricServer'
  >;
  readonly resources: OfEach<ContainerResources>;
  readonly prometheus: OfEach<{
    readonly enabled: boolean;
    readonly serviceMonitor: { readonly enabled: boolean };
  }>;
  readonly asciiArt: boolean;
}

const METRICS = { enabled: true, serviceMonitor: { enabled: true } };

export function kedaPart(app: App, overlay: AwsOverlay): ChartPart {
  const { isRedundant } = overlay.settings.gitops;
  const replicaCount = isRedundant ? 2 : 1;
  const budget = { minAvailable: 1 };
  const part = new ChartPart<KedaValues>(app, 'keda', {
    overlay,
    project: 'operators',
    wave: 'operators',
    namespace: NAMESPACES.keda,
    chart: 'keda',
    values: {
      clusterName: overlay.name,
      watchNamespace: NAMESPACES.shop,
      operator: { replicaCount },
      metricsServer: { replicaCount },
      webhooks: { replicaCount },
      podDisruptionBudget: isRedundant ? { operator: budget, metricServer: budget, webhooks: budget } : {},
      // Deployments and nothing else.
      rbac: { enabledCustomScaledRefKinds: false },
      // Our triggers ask Prometheus, and it asks for no password.
      permissions: { operator: { restrict: { secret: true } }, metricServer: { restrict: { secret: true } } },
      resources: {
        operator: resourcesOf('50m', '128Mi', '256Mi'),
        metricServer: resourcesOf('20m', '96Mi', '192Mi'),
        webhooks: resourcesOf('10m', '64Mi', '128Mi'),
      },
      prometheus: { operator: METRICS, metricServer: METRICS, webhooks: METRICS },
      asciiArt: false,
    },
  });
  for (const rules of RULES) addObject(part, operatorRules(overlay, { metricsOn: 8080, ...rules }));
  return part;
}

const appOf = (app: string) => ({ app });
const OPERATOR = 'keda-operator';
const METRICS_SERVER = 'keda-operator-metrics-apiserver';
const WEBHOOKS = 'keda-admission-webhooks';
/** By which the one that answers the API server asks the one that counts. */
const GRPC = [{ protocol: 'TCP' as const, port: 9_666 }];

const RULES = [
  {
    name: OPERATOR,
    labels: appOf(OPERATOR),
    more: {
      ingress: [{ from: [{ podSelector: { matchLabels: appOf(METRICS_SERVER) } }], ports: GRPC }],
      egress: [
        {
          to: [podsIn(NAMESPACES.observability, { 'app.kubernetes.io/name': 'prometheus' })],
          ports: [{ protocol: 'TCP' as const, port: 9_090 }],
        },
      ],
    },
  },
  {
    name: METRICS_SERVER,
    labels: appOf(METRICS_SERVER),
    servesApiOn: [6_443],
    more: { egress: [{ to: [{ podSelector: { matchLabels: appOf(OPERATOR) } }], ports: GRPC }] },
  },
  { name: WEBHOOKS, labels: appOf(WEBHOOKS), servesApiOn: [9_443] },
];
