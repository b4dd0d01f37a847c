import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';

export const observabilityParts = (_app: App, _overlay: Overlay): Part[] => [];
