// The folder that the root Application reads: all projects and Applications.
import type { App } from 'cdk8s';
import { ARGOCD_NAMESPACE, ROOT } from '../../stacks/gitops/root.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { applicationsOf } from './applications.ts';
import { projectsOf } from './projects.ts';

export function rootPart(app: App, overlay: Overlay, parts: readonly Part[]): Part {
  // Its own project is not among those that it reads.
  const root = new Part(app, ROOT, {
    overlay,
    project: 'ground',
    wave: 'projects',
    namespace: ARGOCD_NAMESPACE,
  });
  for (const object of [...projectsOf(overlay, parts), ...applicationsOf(parts)]) addObject(root, object);
  return root;
}
