// Tempo in a laptop's cluster: one program that takes the spans that Alloy passes on, and keeps them on a volume.
import type { App } from 'cdk8s';
import { stringify } from 'yaml';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { from, roomPods } from './network.ts';
import { serverPart } from './server.ts';

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
  return serverPart(app, overlay, {
    name: 'tempo',
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
    inbound: [from(roomPods('grafana'), PORTS.tempo), from(roomPods('alloy'), PORTS.otlp)],
    outbound: [],
  });
}
