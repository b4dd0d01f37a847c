// Alloy in a laptop's cluster: reads our pods' logs by the API server for Loki, and takes our processes' spans for Tempo.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { alloyConfig } from './alloy-config.ts';
import { from, namespaceOf, roomPods, TO_API_SERVER, to } from './network.ts';
import { grantIn } from './rights.ts';
import { SCRAPED_NAMESPACES } from './scrape.ts';
import { roomPart, Server } from './server.ts';

const NAME = 'alloy';

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
    outbound: [TO_API_SERVER, to(roomPods('loki'), PORTS.loki), to(roomPods('tempo'), PORTS.otlp)],
  });
  grantIn(part, NAME, SCRAPED_NAMESPACES, [
    { group: '', resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { group: '', resources: ['pods/log'], verbs: ['get'] },
  ]);
  return part;
}
