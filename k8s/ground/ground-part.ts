// The first objects of an overlay: its namespaces, with their limits.
import type { App } from 'cdk8s';
import type { INamespace } from 'kubernetes-models/v1';
import { ARGOCD_NAMESPACE } from '../../stacks/gitops/root.ts';
import { NAMESPACES, namespacesOf } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { NamespaceGround } from './namespace-ground.ts';
import { podSecurity } from './pod-security.ts';
import { quotaOf } from './quota.ts';

/** @param parts - all others, which say how much they need */
export function groundPart(app: App, overlay: Overlay, parts: readonly Part[]): Part {
  const part = new Part(app, 'ground', {
    overlay,
    project: 'ground',
    wave: 'ground',
    // Its objects name their own.
    namespace: NAMESPACES.shop,
  });
  addObject(part, argocdNamespace());
  for (const namespace of namespacesOf(overlay))
    new NamespaceGround(part, namespace, { namespace, quota: quotaOf(overlay, namespace, parts) });
  return part;
}

/** ArgoCD's own, which Helm made: it stays when all of this goes, since the controller that deletes runs there. */
const argocdNamespace = (): INamespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: ARGOCD_NAMESPACE,
    labels: podSecurity(undefined),
    annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' },
  },
});
