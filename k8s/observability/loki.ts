// Loki in a laptop's cluster: one program, its chunks on a volume. On AWS the chart's Loki has a bucket (aws/logs.ts).
import type { App } from 'cdk8s';
import { stringify } from 'yaml';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { from, roomPods } from './network.ts';
import { serverPart } from './server.ts';

/** The index as every Loki of ours has had it from its first day: a later row may be added, none changed. */
export const SCHEMA = {
  from: '2026-01-01',
  store: 'tsdb',
  schema: 'v13',
  index: { prefix: 'index_', period: '24h' },
} as const;

const config = {
  auth_enabled: false,
  analytics: { reporting_enabled: false },
  server: { http_listen_port: PORTS.loki, log_level: 'warn' },
  common: {
    path_prefix: '/loki',
    instance_addr: '127.0.0.1',
    replication_factor: 1,
    ring: { kvstore: { store: 'inmemory' } },
    storage: { filesystem: { chunks_directory: '/loki/chunks', rules_directory: '/loki/rules' } },
  },
  schema_config: { configs: [{ ...SCHEMA, object_store: 'filesystem' }] },
  limits_config: {
    // The id of the trace is beside each line, not in the index.
    allow_structured_metadata: true,
    retention_period: '72h',
    // A line that is sent late is better than none; older ones are a pod's whole log read again.
    reject_old_samples_max_age: '24h',
  },
  compactor: {
    working_directory: '/loki/compactor',
    retention_enabled: true,
    delete_request_store: 'filesystem',
  },
};

export function lokiPart(app: App, overlay: Overlay): Part {
  return serverPart(app, overlay, {
    name: 'loki',
    args: ['-config.file=/etc/loki/loki.yml'],
    ports: { http: PORTS.loki },
    folders: [
      { path: '/etc/loki', name: 'loki-config', files: { 'loki.yml': stringify(config, { lineWidth: 0 }) } },
    ],
    data: { path: '/loki', size: '2Gi' },
    scratch: ['/tmp'],
    size: { cpuRequest: '50m', memoryRequest: '192Mi', memoryLimit: '512Mi', ephemeralStorage: '64Mi' },
    // Readiness waits for the ring; what lives answers this at once.
    live: { path: '/loki/api/v1/status/buildinfo' },
    ready: { path: '/ready' },
    inbound: [from(roomPods('alloy', 'grafana'), PORTS.loki)],
    outbound: [],
  });
}
