// The load: everywhere but in production, whose customers are load enough, and must not queue behind made-up ones. An Application of
// its own, since a schedule whose last run failed makes its Application Degraded.
import type { App } from 'cdk8s';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { ScheduledLoad } from './scheduled-load.ts';

export function loadParts(app: App, overlay: Overlay): Part[] {
  if (overlay.kind === 'aws' && overlay.settings.environment === 'prod') return [];
  const part = new Part(app, 'load', {
    overlay,
    project: 'load',
    wave: 'load',
    namespace: NAMESPACES.load,
  });
  new ScheduledLoad(part, 'scheduled-load');
  return [part];
}
