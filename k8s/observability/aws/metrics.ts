// Metrics on AWS: kube-prometheus-stack with our rules and boards instead of the chart's, and with the same names as in a laptop's cluster.
import type { App } from 'cdk8s';
import type { IService } from 'kubernetes-models/v1';
import { NAMESPACES } from '../../namespaces.ts';
import { ChartPart } from '../../operators/chart-part.ts';
import { resourcesOf } from '../../operators/resources.ts';
import type { AwsOverlay } from '../../overlays.ts';
import { addObject } from '../../part.ts';
import { inRoom, PORTS } from '../addresses.ts';
import { INHIBITION } from '../alertmanager.ts';
import { ruleObjects } from '../alerts/rules.ts';
import { dashboardObjects } from '../dashboards/dashboards.ts';
import { EVALUATION_SECONDS, SCRAPE_SECONDS } from '../scrape.ts';
import { BROKER_SCRAPES, brokerObjects } from './brokers.ts';
import { grafanaPassword, grafanaValues } from './grafana.ts';
import { serviceMonitors } from './monitors.ts';
import { METRICS_NETWORK } from './network.ts';
import { receivers } from './receivers.ts';
import { disk, storageClass } from './volumes.ts';

const NAME = 'kube-prometheus-stack';

export function metricsPart(app: App, overlay: AwsOverlay): ChartPart {
  const part = new ChartPart(app, NAME, {
    overlay,
    project: 'observability',
    wave: 'watch',
    namespace: NAMESPACES.observability,
    chart: NAME,
    // They are there long before: prometheus-operator-crds.
    bringsKinds: false,
    values: valuesOf(overlay),
  });
  for (const object of [
    storageClass(overlay),
    ...serviceMonitors(),
    ...brokerObjects(overlay),
    ...ruleObjects(overlay),
    ...dashboardObjects(overlay),
    grafanaPassword.generator,
    grafanaPassword.secret,
    alias('prometheus', PORTS.prometheus),
    alias('alertmanager', PORTS.alertmanager),
    ...METRICS_NETWORK,
  ])
    addObject(part, object);
  return part;
}

/** The chart names its Services after itself; so its clients use one name for it everywhere. */
const alias = (name: string, port: number) =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      selector: { 'app.kubernetes.io/name': name },
      ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
    },
  }) satisfies IService;

const ABSENT = { enabled: false } as const;

const valuesOf = (overlay: AwsOverlay) => ({
  crds: ABSENT,
  // Each of ours has a runbook and a test.
  defaultRules: { create: false },
  // Parts that AWS runs and does not show.
  kubeControllerManager: ABSENT,
  kubeEtcd: ABSENT,
  kubeScheduler: ABSENT,
  kubeProxy: ABSENT,
  coreDns: ABSENT,
  prometheusOperator: {
    // It would check what promtool has checked, with certificates that a hook makes again at each sync.
    admissionWebhooks: ABSENT,
    tls: ABSENT,
    resources: resourcesOf('20m', '64Mi', '128Mi'),
  },
  'kube-state-metrics': { resources: resourcesOf('20m', '64Mi', '128Mi') },
  // It reads folders of its node, which this namespace forbids.
  'prometheus-node-exporter': {
    namespaceOverride: NAMESPACES.nodeAgents,
    resources: resourcesOf('20m', '32Mi', '64Mi'),
  },
  prometheus: { prometheusSpec: prometheusSpec(overlay) },
  alertmanager: {
    // The stack's right is bound to this name.
    serviceAccount: { create: true, name: 'alertmanager' },
    config: { ...receivers(overlay), inhibit_rules: INHIBITION },
    alertmanagerSpec: {
      replicas: replicasOf(overlay),
      resources: resourcesOf('10m', '32Mi', '96Mi'),
      storage: { volumeClaimTemplate: disk('1Gi') },
    },
  },
  grafana: grafanaValues(),
});

const replicasOf = ({ settings }: AwsOverlay): number => (settings.gitops.isRedundant ? 2 : 1);

const prometheusSpec = (overlay: AwsOverlay) => ({
  replicas: replicasOf(overlay),
  scrapeInterval: `${SCRAPE_SECONDS}s`,
  evaluationInterval: `${EVALUATION_SECONDS}s`,
  // k6 sends what it measures by remote write.
  enableRemoteWriteReceiver: true,
  // The longest window of an alert is three days, and a month is what promises are for.
  retention: '31d',
  retentionSize: '40GB',
  storageSpec: { volumeClaimTemplate: disk('50Gi') },
  // Modelled, 3 KB a series: some 100,000 of a cluster of a dozen nodes.
  resources: resourcesOf('200m', '1Gi', '2Gi'),
  // Monitors and rules of all parts, whichever chart brought them.
  ruleSelectorNilUsesHelmValues: false,
  serviceMonitorSelectorNilUsesHelmValues: false,
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
  additionalScrapeConfigsSecret: BROKER_SCRAPES,
  externalUrl: `http://${inRoom('prometheus', PORTS.prometheus)}`,
});
