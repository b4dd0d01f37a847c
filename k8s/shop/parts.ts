// The shop's services: what every overlay has of them.
import type { App } from 'cdk8s';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import type { Overlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { ServiceWorkload } from './service-workload.ts';

export function shopParts(app: App, overlay: Overlay): Part[] {
  return SERVICES.map((service) => {
    const part = new Part(app, service.name, {
      overlay,
      project: 'shop',
      wave: 'services',
      namespace: SERVICES_NAMESPACE,
    });
    new ServiceWorkload(part, 'workload', { service });
    return part;
  });
}
