// What stands before everything else: the namespaces of the overlay.
import type { App } from 'cdk8s';
import { namespacesOf } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { NamespaceGround } from './namespace-ground.ts';
import { DEFAULT_QUOTA } from './quota.ts';

export function groundPart(app: App, overlay: Overlay): Part {
  // Its objects name their own namespaces, and the namespace of an Application must be one that its project has.
  const part = new Part(app, 'ground', { overlay, project: 'ground', wave: 'ground', namespace: 'shop' });
  for (const namespace of namespacesOf(overlay))
    new NamespaceGround(part, namespace, { namespace, quota: DEFAULT_QUOTA });
  return part;
}
