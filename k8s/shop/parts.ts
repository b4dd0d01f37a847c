// The shop: where its secrets come from, its services, and the way in.
import type { App } from 'cdk8s';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import type { Overlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { addSecretStores } from './secret-stores.ts';
import { addServiceTokenKeys } from './service-token-keys.ts';
import { ServiceWorkload } from './service-workload.ts';
import { addWayIn } from './way-in.ts';

const NAMESPACE = SERVICES_NAMESPACE;

export function shopParts(app: App, overlay: Overlay): Part[] {
  return [overlay.kind === 'aws' ? secretStores(app, overlay) : serviceTokenKeys(app, overlay)]
    .concat(services(app, overlay))
    .concat(wayIn(app, overlay));
}

function secretStores(app: App, overlay: Overlay): Part {
  const part = new Part(app, 'shop-secrets', {
    overlay,
    project: 'shop',
    wave: 'secrets',
    namespace: NAMESPACE,
    // Its kind comes with the operator, which another Application brings.
    syncOptions: ['SkipDryRunOnMissingResource=true'],
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

const services = (app: App, overlay: Overlay): Part[] =>
  SERVICES.map((service) => {
    const part = new Part(app, service.name, {
      overlay,
      project: 'shop',
      wave: 'services',
      namespace: NAMESPACE,
      syncOptions: overlay.kind === 'aws' ? ['SkipDryRunOnMissingResource=true'] : [],
    });
    new ServiceWorkload(part, 'workload', { service });
    return part;
  });

function wayIn(app: App, overlay: Overlay): Part {
  const part = new Part(app, 'shop-way-in', {
    overlay,
    project: 'shop',
    wave: 'services',
    namespace: NAMESPACE,
  });
  addWayIn(part);
  return part;
}
