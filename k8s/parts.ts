// All parts of an overlay: each room adds its own.
import { App } from 'cdk8s';
import { rootPart } from './argocd/root-part.ts';
import { dataParts } from './data/parts.ts';
import { groundPart } from './ground/ground-part.ts';
import { loadParts } from './load/parts.ts';
import { observabilityParts } from './observability/parts.ts';
import { operatorsParts } from './operators/parts.ts';
import type { Overlay } from './overlays.ts';
import type { Part } from './part.ts';
import { shopParts } from './shop/parts.ts';

const ROOMS = [operatorsParts, dataParts, shopParts, observabilityParts, loadParts];

export function partsOf(overlay: Overlay): Part[] {
  const app = new App();
  const parts = [groundPart(app, overlay), ...roomsOf(app, overlay)];
  return [rootPart(app, overlay, parts), ...parts];
}

/** Without what is made from all of them: the namespaces' ground, and the root. */
export const roomsOf = (app: App, overlay: Overlay): Part[] => ROOMS.flatMap((room) => room(app, overlay));
