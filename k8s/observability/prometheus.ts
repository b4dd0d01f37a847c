// Prometheus in a laptop's cluster: reads the `metrics` ports of all our Services, kube-state-metrics and the kubelets, holds the alerts
// against them, and takes what k6 writes. `npm start` reads its rendered files.
import type { App } from 'cdk8s';
import { stringify } from 'yaml';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, type Part } from '../part.ts';
import { inRoom, PORTS } from './addresses.ts';
import { RULES, ruleFiles, ruleObjects } from './alerts/rules.ts';
import { from, namespaceOf, roomPods, TO_API_SERVER, TO_KUBELETS } from './network.ts';
import { grantIn, grantInCluster, type Right } from './rights.ts';
import { prometheusConfig, RULES_FOLDER, SCRAPED_NAMESPACES } from './scrape.ts';
import { roomPart, Server } from './server.ts';

const NAME = 'prometheus';
/** The file that `npm start` reads too: local/prometheus/overlay.ts. */
const CONFIG_FILE = 'prometheus.yml';

const ARGS = [
  '--config.file=/etc/prometheus/prometheus.yml',
  '--storage.tsdb.path=/prometheus',
  // The volume has room for more than the older of both, so it never fills.
  '--storage.tsdb.retention.time=7d',
  '--storage.tsdb.retention.size=3GB',
  // k6 sends what it measures by remote write.
  '--web.enable-remote-write-receiver',
];

/** Who is there, in our own namespaces: no Secrets, no ConfigMaps. */
const TARGETS: readonly Right[] = [
  { group: 'discovery.k8s.io', resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
  { group: '', resources: ['services', 'pods'], verbs: ['get', 'list', 'watch'] },
];
/** The kubelets' measurements; not the nodes' proxy, by which commands could be run. */
const NODES: readonly Right[] = [
  { group: '', resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { group: '', resources: ['nodes/metrics'], verbs: ['get'] },
];

export function prometheusPart(app: App, overlay: Overlay): Part {
  const part = roomPart(app, NAME, overlay);
  const config = prometheusConfig({ alertmanager: inRoom('alertmanager', PORTS.alertmanager) });
  for (const object of ruleObjects(overlay)) addObject(part, object);
  new Server(part, 'server', {
    name: NAME,
    args: ARGS,
    ports: { http: PORTS.prometheus },
    folders: [
      {
        path: '/etc/prometheus',
        name: 'prometheus-config',
        files: { [CONFIG_FILE]: stringify(config, { lineWidth: 0 }) },
      },
      { path: RULES_FOLDER, name: RULES, files: ruleFiles(overlay), isOurs: false },
    ],
    data: { path: '/prometheus', size: '4Gi' },
    // Modelled, 3 KB a series: our seven processes have 800 at rest (measured), a laptop's cluster some 20,000 by kube-state-metrics and kubelets.
    size: { cpuRequest: '100m', memoryRequest: '384Mi', memoryLimit: '768Mi', ephemeralStorage: '64Mi' },
    live: { path: '/-/healthy' },
    ready: { path: '/-/ready' },
    hasToken: true,
    inbound: [
      from(roomPods('grafana'), PORTS.prometheus),
      from([namespaceOf(NAMESPACES.load)], PORTS.prometheus),
    ],
    outbound: [
      TO_API_SERVER,
      TO_KUBELETS,
      // Every port named metrics, in our own namespaces.
      { to: SCRAPED_NAMESPACES.map(namespaceOf) },
    ],
  });
  grantIn(part, NAME, SCRAPED_NAMESPACES, TARGETS);
  grantInCluster(part, NAME, NODES);
  return part;
}
