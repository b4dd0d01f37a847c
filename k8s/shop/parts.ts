// The shop: where its secrets come from, its services, its pages, and the way in.
import type { App } from 'cdk8s';
import type { Process } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import type { Overlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { processesIn } from './processes-in.ts';
import { addSecretStores } from './secret-stores.ts';
import { addServiceTokenKeys } from './service-token-keys.ts';
import { ServiceWorkload } from './service-workload.ts';
import { addWayIn } from './way-in.ts';

const NAMESPACE = SERVICES_NAMESPACE;

/** @param services all in the shop's namespace */
export function shopParts(
  app: App,
  overlay: Overlay,
  services: readonly Process[] = processesIn(overlay),
): Part[] {
  return [
    overlay.kind === 'aws' ? secretStores(app, overlay) : serviceTokenKeys(app, overlay),
    ...services.map((service) => serviceOf(app, overlay, service, services)),
    wayIn(app, overlay, services),
  ];
}

function secretStores(app: App, overlay: Overlay): Part {
  const part = new Part(app, 'shop-secrets', {
    overlay,
    project: 'shop',
    wave: 'secrets',
    namespace: NAMESPACE,
  });
  addSecretStores(part);
  return part;
}

function serviceTokenKeys(app: App, overlay: Overlay): Part {
  // It concerns the whole cluster: no project of a namespace may hold it.
  const part = new Part(app, 'shop-token-keys', {
    overlay,
    project: 'ground',
    wave: 'secrets',
    namespace: NAMESPACE,
  });
  addServiceTokenKeys(part);
  return part;
}

function serviceOf(app: App, overlay: Overlay, service: Process, services: readonly Process[]): Part {
  const part = new Part(app, service.name, {
    overlay,
    project: 'shop',
    wave: 'services',
    namespace: NAMESPACE,
  });
  new ServiceWorkload(part, 'workload', { service, services });
  return part;
}

function wayIn(app: App, overlay: Overlay, services: readonly Process[]): Part {
  const part = new Part(app, 'shop-way-in', {
    overlay,
    project: 'shop',
    wave: 'services',
    namespace: NAMESPACE,
  });
  addWayIn(part, services);
  return part;
}
