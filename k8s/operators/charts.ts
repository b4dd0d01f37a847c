// Charts that others make: where each is published, in which version. A version needs its row in stacks/versions.ts.
import { VERSIONS } from '../../stacks/versions.ts';

interface Published {
  readonly repository: string;
  readonly version: string;
}

const published = <Version extends string>(
  repository: string,
  rows: Readonly<Record<Version, object>>,
): Published => {
  const [version, ...others] = Object.keys(rows);
  if (version === undefined || others.length > 0)
    throw new TypeError(`stacks/versions.ts has ${others.length + 1} versions of a chart of ${repository}`);
  return { repository, version };
};

const PROMETHEUS_COMMUNITY = 'https://prometheus-community.github.io/helm-charts';
/** Charts of Loki and Tempo moved there from grafana.github.io in 2026. */
const GRAFANA_COMMUNITY = 'https://grafana-community.github.io/helm-charts';

export const CHARTS = {
  'external-secrets': published('https://charts.external-secrets.io', VERSIONS['chart external-secrets']),
  keda: published('https://kedacore.github.io/charts', VERSIONS['chart keda']),
  'aws-load-balancer-controller': published(
    'https://aws.github.io/eks-charts',
    VERSIONS['chart aws-load-balancer-controller'],
  ),
  'external-dns': published('https://kubernetes-sigs.github.io/external-dns', VERSIONS['chart external-dns']),
  'cluster-autoscaler': published(
    'https://kubernetes.github.io/autoscaler',
    VERSIONS['chart cluster-autoscaler'],
  ),
  'prometheus-operator-crds': published(PROMETHEUS_COMMUNITY, VERSIONS['chart prometheus-operator-crds']),
  'kube-prometheus-stack': published(PROMETHEUS_COMMUNITY, VERSIONS['chart kube-prometheus-stack']),
  loki: published(GRAFANA_COMMUNITY, VERSIONS['chart loki']),
  tempo: published(GRAFANA_COMMUNITY, VERSIONS['chart tempo']),
  alloy: published('https://grafana.github.io/helm-charts', VERSIONS['chart alloy']),
} as const satisfies Readonly<Record<string, Published>>;

export type ChartName = keyof typeof CHARTS;
