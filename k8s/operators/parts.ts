// What others make and the overlays of AWS run: a chart each. A laptop's cluster has none.
import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';

export const operatorsParts = (_app: App, _overlay: Overlay): Part[] => [];
