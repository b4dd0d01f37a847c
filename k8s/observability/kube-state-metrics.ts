// kube-state-metrics in a laptop's cluster: what Kubernetes wants and has, as metrics.
import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { from, roomPods, TO_API_SERVER } from './network.ts';
import { grantInCluster } from './rights.ts';
import { KUBE_STATE_METRICS, METRICS_PORT } from './scrape.ts';
import { roomPart, Server } from './server.ts';

const NAME = KUBE_STATE_METRICS;

/** Kinds by group. No Secrets and no ConfigMaps: nothing of them is asked for. */
const WATCHED: Readonly<Record<string, readonly string[]>> = {
  '': ['namespaces', 'nodes', 'persistentvolumeclaims', 'pods', 'resourcequotas'],
  apps: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  policy: ['poddisruptionbudgets'],
};

const WATCH = ['list', 'watch'] as const;

export function kubeStateMetricsPart(app: App, overlay: Overlay): Part {
  const part = roomPart(app, NAME, overlay);
  new Server(part, 'server', {
    name: NAME,
    args: [
      `--resources=${Object.values(WATCHED).flat().toSorted().join(',')}`,
      `--port=${PORTS.kubeStateMetrics}`,
      `--telemetry-port=${PORTS.kubeStateMetrics + 1}`,
    ],
    ports: { [METRICS_PORT]: PORTS.kubeStateMetrics, telemetry: PORTS.kubeStateMetrics + 1 },
    size: { cpuRequest: '10m', memoryRequest: '48Mi', memoryLimit: '128Mi', ephemeralStorage: '16Mi' },
    live: { path: '/livez', port: METRICS_PORT },
    ready: { path: '/readyz', port: 'telemetry' },
    hasToken: true,
    inbound: [from(roomPods('prometheus'), PORTS.kubeStateMetrics)],
    outbound: [TO_API_SERVER],
  });
  const rights = Object.entries(WATCHED).map(([group, resources]) => ({ group, resources, verbs: WATCH }));
  grantInCluster(part, NAME, rights);
  return part;
}
