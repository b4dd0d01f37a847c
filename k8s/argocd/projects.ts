// The ArgoCD projects: what an Application of each may take from where and put where. All of it follows from what the parts hold, so
// that none may do more than it does; a change shows in the rendered projects.
import type { IAppProject } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1';
import { ARGOCD_NAMESPACE, IN_CLUSTER } from '../../stacks/gitops/root.ts';
import type { Claim } from '../operators/chart-objects.ts';
import type { Overlay } from '../overlays.ts';
import type { Part } from '../part.ts';
import { claimsOf, repositoriesOf } from './claims.ts';
import { DESCRIPTIONS, type ProjectName } from './project-names.ts';
import { waveOf } from './waves.ts';

/** Of those that some part has. */
export const projectsOf = (overlay: Overlay, parts: readonly Part[]) =>
  (Object.keys(DESCRIPTIONS) as ProjectName[]).flatMap((name) => {
    const own = parts.filter(({ props }) => props.project === name);
    return own.length === 0 ? [] : projectOf(name, overlay, own);
  });

function projectOf(name: ProjectName, overlay: Overlay, parts: readonly Part[]) {
  const claims = parts.flatMap(claimsOf);
  const ofCluster = claims.filter(({ namespace }) => namespace === undefined);
  const ofNamespaces = claims.filter(({ namespace }) => namespace !== undefined);
  const namespaces = [
    ...ofNamespaces.map((one) => one.namespace!),
    ...parts.map(({ props }) => props.namespace),
  ];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: ARGOCD_NAMESPACE, annotations: { ...waveOf('projects') } },
    spec: {
      description: DESCRIPTIONS[name],
      sourceRepos: [...new Set(parts.flatMap((part) => repositoriesOf(overlay, part)))].toSorted(),
      destinations: [...new Set(namespaces)]
        .toSorted()
        .map((namespace) => ({ server: IN_CLUSTER, namespace })),
      clusterResourceWhitelist: kindsOf(ofCluster, ({ kind, name }) =>
        kind === 'Namespace' ? { name } : {},
      ),
      ...(ofNamespaces.length > 0
        ? { namespaceResourceWhitelist: kindsOf(ofNamespaces) }
        : // Without a list of what is allowed all is.
          { namespaceResourceBlacklist: [{ group: '*', kind: '*' }] }),
    },
  } satisfies IAppProject;
}

interface Kind {
  readonly group: string;
  readonly kind: string;
}

/** Each once, sorted. */
function kindsOf<More extends object>(
  claims: readonly Claim[],
  more?: (claim: Claim) => More,
): (Kind & More)[] {
  const items = claims.map((claim) => {
    const { group, kind } = claim;
    return { group, kind, ...more?.(claim) } as Kind & More;
  });
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, item]) => item);
}
