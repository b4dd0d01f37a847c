// Tempo in a laptop's cluster: one program that takes the spans that Alloy passes on, and keeps them on a volume.
import type { App } from 'cdk8s';
import { stringify } from 'yaml';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { from, podsOf } from './network.ts';
import { roomPart, Server } from './server.ts';

const NAME = 'tempo';
/** What is looked into is of today; with the logs it is gone after three days. */
const KEPT = { block_retention: '72h' };

/** Tempo 3 in its monolithic mode, which needs no Kafka; everything else has its default below /var/tempo. */
const config = {
  stream_over_http_enabled: true,
  usage_report: { reporting_enabled: false },
  server: { http_listen_port: PORTS.tempo, log_level: 'warn' },
  distributor: { receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${PORTS.otlp}` } } } } },
  storage: {
    trace: { backend: 'local', wal: { path: '/var/tempo/wal' }, local: { path: '/var/tempo/blocks' } },
  },
  backend_scheduler: { provider: { compaction: { compaction: KEPT } } },
  backend_worker: { compaction: KEPT },
};

export function tempoPart(app: App, overlay: Overlay): Part {
  const part = roomPart(app, NAME, overlay);
  new Server(part, 'server', {
    name: NAME,
    args: ['-config.file=/etc/tempo/tempo.yml'],
    ports: { http: PORTS.tempo, otlp: PORTS.otlp },
    folders: [
      {
        path: '/etc/tempo',
        name: 'tempo-config',
        files: { 'tempo.yml': stringify(config, { lineWidth: 0 }) },
      },
    ],
    data: { path: '/var/tempo', size: '2Gi' },
    size: { cpuRequest: '50m', memoryRequest: '192Mi', memoryLimit: '512Mi', ephemeralStorage: '64Mi' },
    live: { path: '/status/version' },
    ready: { path: '/ready' },
    inbound: [
      from([podsOf(NAMESPACES.observability, 'grafana')], PORTS.tempo),
      from([podsOf(NAMESPACES.observability, 'alloy')], PORTS.otlp),
    ],
    outbound: [],
  });
  return part;
}
