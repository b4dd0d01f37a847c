// What watches: in a laptop's cluster servers of our own rendering, on AWS charts and what we add to them.
import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { prometheusPart } from './prometheus.ts';

export const observabilityParts = (app: App, overlay: Overlay): Part[] =>
  overlay.kind === 'local' ? [prometheusPart(app, overlay)] : [];
