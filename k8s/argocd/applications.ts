// One Application for each part, and the one that ArgoCD is given itself, which holds them all.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1';
import type { App } from 'cdk8s';
import type { Overlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { WAVES } from './waves.ts';

export const ARGOCD_NAMESPACE = 'argocd';
/** Of the folder that the root Application reads. */
export const ROOT = 'root';

/** Applications of these parts. */
export function rootPart(app: App, overlay: Overlay, parts: readonly Part[]): Part {
  const root = new Part(app, ROOT, {
    overlay,
    project: 'ground',
    wave: 'ground',
    namespace: ARGOCD_NAMESPACE,
  });
  for (const part of parts) addObject(root, applicationOf(part));
  return root;
}

function applicationOf(part: Part): IApplication & { apiVersion: string; kind: string } {
  const { overlay, project, wave, namespace, syncOptions = [] } = part.props;
  const name = part.node.id;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, annotations: { 'argocd.argoproj.io/sync-wave': String(WAVES[wave]) } },
    spec: {
      project,
      source: {
        repoURL: overlay.repository.url,
        targetRevision: overlay.repository.revision,
        path: `k8s/overlays/${overlay.name}/${name}`,
      },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['ServerSideApply=true', ...syncOptions],
      },
    },
  };
}
