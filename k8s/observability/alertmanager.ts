// Alertmanager in a laptop's cluster: groups and silences what Prometheus fires, and shows it; it sends nothing.
import type { App } from 'cdk8s';
import { stringify } from 'yaml';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { PORTS } from './addresses.ts';
import { from, roomPods } from './network.ts';
import { serverPart } from './server.ts';

/** A receiver that sends nothing: alerts are seen on Alertmanager's page and in Grafana. The watchdog goes there everywhere. */
export const NOBODY = 'nobody';

/** A page wakes people once for an alert and a process, not for each of its partitions and routes. */
export const ROUTING = {
  group_by: ['alertname', 'process'],
  // What belongs together fires within one evaluation or the next.
  group_wait: '30s',
  group_interval: '5m',
  repeat_interval: '4h',
} as const;

/** Who was woken for a thing need not read that it can wait. */
export const INHIBITION = [
  {
    source_matchers: ['severity="critical"'],
    target_matchers: ['severity="warning"'],
    equal: ['alertname', 'process'],
  },
];

export function alertmanagerPart(app: App, overlay: Overlay): Part {
  const config = {
    route: { receiver: NOBODY, ...ROUTING },
    inhibit_rules: INHIBITION,
    receivers: [{ name: NOBODY }],
  };
  return serverPart(app, overlay, {
    name: 'alertmanager',
    args: [
      '--config.file=/etc/alertmanager/alertmanager.yml',
      '--storage.path=/alertmanager',
      // It is alone.
      '--cluster.listen-address=',
    ],
    ports: { http: PORTS.alertmanager },
    folders: [
      {
        path: '/etc/alertmanager',
        name: 'alertmanager-config',
        files: { 'alertmanager.yml': stringify(config, { lineWidth: 0 }) },
      },
    ],
    scratch: ['/alertmanager'],
    size: { cpuRequest: '10m', memoryRequest: '32Mi', memoryLimit: '96Mi', ephemeralStorage: '64Mi' },
    live: { path: '/-/healthy' },
    ready: { path: '/-/ready' },
    inbound: [from(roomPods('prometheus', 'grafana'), PORTS.alertmanager)],
    outbound: [],
  });
}
