// Grafana in a laptop's cluster: the boards of Git, shown over the room's own Prometheus, Loki and Tempo. It keeps nothing.
import type { App } from 'cdk8s';
import type { IConfigMap } from 'kubernetes-models/v1';
import { stringify } from 'yaml';
import type { Overlay } from '../overlays.ts';
import { addObject, type Part } from '../part.ts';
import { inRoom, PORTS } from './addresses.ts';
import { DASHBOARDS, dashboardObjects } from './dashboards/dashboards.ts';
import { dataSources } from './data-sources.ts';
import { roomPods, to } from './network.ts';
import { roomPart, Server } from './server.ts';

const NAME = 'grafana';
const PROVISIONING = '/etc/grafana/provisioning';
const BOARDS = '/etc/grafana/boards';
const SECRETS = '/var/run/secrets/shop/settings';

/** With the key below: made inside the cluster (k8s/data/secrets.ts). */
export const GRAFANA_SECRETS = 'grafana-secrets';
export const ADMIN_PASSWORD = 'GF_SECURITY_ADMIN_PASSWORD';

const providers = {
  apiVersion: 1,
  providers: [{ name: 'git', type: 'file', allowUiUpdates: false, options: { path: BOARDS } }],
};

const sources = dataSources({
  prometheus: inRoom('prometheus', PORTS.prometheus),
  alertmanager: inRoom('alertmanager', PORTS.alertmanager),
});

/** Environment of Grafana, by which it is set without a file: GF_<section>_<key>. */
export const GRAFANA_SETTINGS = {
  GF_PATHS_PROVISIONING: PROVISIONING,
  GF_AUTH_ANONYMOUS_ENABLED: 'false',
  GF_USERS_ALLOW_SIGN_UP: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  // It would fetch them at each start; none of ours needs one.
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  // Alerts are Prometheus' own: one place to look for a rule.
  GF_UNIFIED_ALERTING_ENABLED: 'false',
} as const;

export function grafanaPart(app: App, overlay: Overlay): Part {
  const part = roomPart(app, NAME, overlay);
  const [boards] = dashboardObjects(overlay);
  addObject(part, boards as IConfigMap & { apiVersion: 'v1'; kind: 'ConfigMap' });
  const files = (name: string, folder: string, content: object) => ({
    path: `${PROVISIONING}/${folder}`,
    name,
    files: { [`${folder}.yml`]: stringify(content, { lineWidth: 0 }) },
  });
  new Server(part, 'server', {
    name: NAME,
    env: { ...GRAFANA_SETTINGS, [`${ADMIN_PASSWORD}__FILE`]: `${SECRETS}/${ADMIN_PASSWORD}` },
    ports: { http: PORTS.grafana },
    folders: [
      files('grafana-datasources', 'datasources', sources),
      files('grafana-providers', 'dashboards', providers),
      { path: BOARDS, name: DASHBOARDS, files: boards?.data ?? {}, isOurs: false },
    ],
    scratch: ['/var/lib/grafana', '/tmp'],
    secret: { name: GRAFANA_SECRETS, path: SECRETS },
    size: { cpuRequest: '50m', memoryRequest: '128Mi', memoryLimit: '320Mi', ephemeralStorage: '128Mi' },
    live: { path: '/api/health' },
    ready: { path: '/api/health' },
    // A person comes by `kubectl port-forward`, which no network rule sees.
    inbound: [],
    outbound: [
      to(roomPods('prometheus'), PORTS.prometheus),
      to(roomPods('alertmanager'), PORTS.alertmanager),
      to(roomPods('loki'), PORTS.loki),
      to(roomPods('tempo'), PORTS.tempo),
    ],
  });
  return part;
}
