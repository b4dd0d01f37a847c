// Alloy in a laptop's cluster: reads our pods' logs by the API server for Loki, and takes our processes' spans for Tempo.
import type { App } from 'cdk8s';
import type { IRole, IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, type Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { alloyConfig } from './alloy-config.ts';
import { from, namespaceOf, podsOf, TO_API_SERVER, to } from './network.ts';
import { SCRAPED_NAMESPACES } from './scrape.ts';
import { roomPart, Server } from './server.ts';

const NAME = 'alloy';
const { observability } = NAMESPACES;

export function alloyPart(app: App, overlay: Overlay): Part {
  const part = roomPart(app, NAME, overlay);
  const config = alloyConfig({ namespaces: SCRAPED_NAMESPACES, isClustered: false });
  new Server(part, 'server', {
    name: NAME,
    args: [
      'run',
      '/etc/alloy/config.alloy',
      `--server.http.listen-addr=0.0.0.0:${PORTS.alloy}`,
      // Where each log was read to: a new pod reads on from what Kubernetes still has.
      '--storage.path=/var/lib/alloy',
      '--disable-reporting',
    ],
    ports: { http: PORTS.alloy, otlp: PORTS.otlp },
    folders: [{ path: '/etc/alloy', name: 'alloy-config', files: { 'config.alloy': config } }],
    scratch: ['/var/lib/alloy', '/tmp'],
    size: { cpuRequest: '50m', memoryRequest: '128Mi', memoryLimit: '320Mi', ephemeralStorage: '128Mi' },
    live: { path: '/-/ready' },
    ready: { path: '/-/ready' },
    hasToken: true,
    inbound: [from([namespaceOf(NAMESPACES.shop), namespaceOf(NAMESPACES.analytics)], PORTS.otlp)],
    outbound: [
      TO_API_SERVER,
      to([podsOf(observability, 'loki')], PORTS.loki),
      to([podsOf(observability, 'tempo')], PORTS.otlp),
    ],
  });
  for (const namespace of SCRAPED_NAMESPACES) addLogRights(part, namespace);
  return part;
}

/** Pods of one of our namespaces and what they write. */
function addLogRights(part: Part, namespace: string): void {
  const metadata = { name: `${NAME}-${namespace}`, namespace };
  addObject(part, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    ],
  } satisfies IRole);
  addObject(part, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: observability }],
  } satisfies IRoleBinding);
}
