// What a laptop's cluster is given by hand, once: the values of ArgoCD's chart, and the root Application with its project. On AWS the
// stack `gitops` gives the same.
import { argocdValues } from '../../stacks/gitops/argocd-values.ts';
import { ARGOCD_NAMESPACE, ROOT, rootApplication, rootProject } from '../../stacks/gitops/root.ts';
import type { LocalOverlay } from '../overlays.ts';
import { type Files, yamlOf } from '../write.ts';

/** By file, from the folder `bootstrap`. */
export function bootstrapFiles({ name, repository }: LocalOverlay): Files {
  const { finalizers, spec } = rootApplication({
    repositoryUrl: repository.url,
    revision: repository.revision,
    overlay: name,
  });
  const objects = [
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: ROOT, namespace: ARGOCD_NAMESPACE },
      spec: rootProject({ repositoryUrl: repository.url }),
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: ROOT, namespace: ARGOCD_NAMESPACE, finalizers },
      spec,
    },
  ];
  return new Map([
    ['argocd-values.yaml', yamlOf(argocdValues({ isRedundant: false }))],
    ['root.yaml', objects.map(yamlOf).join('---\n')],
  ]);
}
