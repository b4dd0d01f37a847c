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

export function partsOf(overlay: Overlay): Part[] {
  const app = new App();
  const rooms = [operatorsParts, dataParts, shopParts, observabilityParts, loadParts];
  const parts = rooms.flatMap((room) => room(app, overlay));
  const all = [groundPart(app, overlay), ...parts];
  return [rootPart(app, overlay, all), ...all];
}
