// Whether the shop and its services answer at their own addresses, and until when their certificates are good: asked from inside, by the way in.
import type { IProbe } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { App } from 'cdk8s';
import { stringify } from 'yaml';
import { apiHostName, shopUrl } from '../../../stacks/host-names.ts';
import type { AwsOverlay } from '../../overlays.ts';
import { addObject, type Part } from '../../part.ts';
import { inRoom } from '../addresses.ts';
import { from, roomPods } from '../network.ts';
import { roomPart, Server } from '../server.ts';

const NAME = 'blackbox-exporter';
const PORT = 9115;
const FOLDER = '/etc/blackbox';
const CONFIG_FILE = 'blackbox.yml';
const MODULE = 'shop';

/** github.com/prometheus/blackbox_exporter, CONFIGURATION.md (read 2026-11-28). Any answer will do: what it says is others' concern. */
const config = {
  modules: {
    [MODULE]: {
      prober: 'http',
      timeout: '5s',
      http: {
        valid_status_codes: [200, 301, 302, 401, 403, 404],
        fail_if_not_ssl: true,
        preferred_ip_protocol: 'ip4',
      },
    },
  },
};

export function certificateProbePart(app: App, overlay: AwsOverlay): Part {
  const part = roomPart(app, NAME, overlay);
  new Server(part, 'server', {
    name: NAME,
    args: [`--config.file=${FOLDER}/${CONFIG_FILE}`],
    ports: { http: PORT },
    folders: [
      {
        path: FOLDER,
        name: 'blackbox-exporter-config',
        files: { [CONFIG_FILE]: stringify(config, { lineWidth: 0 }) },
      },
    ],
    size: { cpuRequest: '10m', memoryRequest: '24Mi', memoryLimit: '64Mi', ephemeralStorage: '16Mi' },
    live: { path: '/-/healthy', port: 'http' },
    ready: { path: '/-/healthy', port: 'http' },
    inbound: [from(roomPods('prometheus'), PORT)],
    // The way in has addresses of the internet.
    outbound: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'TCP', port: 443 }] }],
  });
  addObject(part, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Probe',
    metadata: { name: 'shop' },
    spec: {
      // A certificate ages slowly.
      interval: '60s',
      module: MODULE,
      prober: { url: inRoom(NAME, PORT) },
      targets: {
        staticConfig: { static: [shopUrl(overlay.settings), `https://${apiHostName(overlay.settings)}`] },
      },
    },
  } satisfies IProbe);
  return part;
}
