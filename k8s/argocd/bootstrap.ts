// What a laptop's cluster is given by hand, once (docs/cluster.md): its ports, the values of ArgoCD's chart, and the root Application
// with its project. On AWS the stacks give the same.
import type { IService } from 'kubernetes-models/v1';
import { argocdValues } from '../../stacks/gitops/argocd-values.ts';
import { ARGOCD_NAMESPACE, ROOT, rootApplication, rootProject } from '../../stacks/gitops/root.ts';
import type { LocalOverlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { type Files, yamlOf } from '../write.ts';
import { objectsOf } from './claims.ts';

/** By file, from the folder `bootstrap`. */
export function bootstrapFiles({ name, repository }: LocalOverlay, parts: readonly Part[]): Files {
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
    ['kind.yaml', yamlOf(kindCluster(parts))],
    ['argocd-values.yaml', yamlOf(argocdValues({ isRedundant: false }))],
    ['root.yaml', objects.map(yamlOf).join('---\n')],
  ]);
}

/** kind's configuration: whatever has a port on the nodes is found on the laptop at the port that it has inside. */
const kindCluster = (parts: readonly Part[]) => ({
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  nodes: [
    {
      role: 'control-plane',
      extraPortMappings: parts
        .flatMap(objectsOf)
        .filter(({ kind }) => kind === 'Service')
        .flatMap((service) => (service as IService).spec?.ports ?? [])
        .flatMap(({ nodePort, port }) =>
          nodePort === undefined
            ? []
            : { containerPort: nodePort, hostPort: port, listenAddress: '127.0.0.1' },
        ),
    },
  ],
});
