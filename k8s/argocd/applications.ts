// One Application for each part.
import type { IApplication } from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1';
import { ARGOCD_NAMESPACE, IN_CLUSTER, RETRY, WITH_RESOURCES } from '../../stacks/gitops/root.ts';
import type { ChartPart } from '../operators/chart-part.ts';
import { CHARTS } from '../operators/charts.ts';
import type { Part } from '../part.ts';
import { claimsOf, groupOf, isChart, objectsOf } from './claims.ts';
import { scaledBy } from './scaled.ts';
import { waveOf } from './waves.ts';

/** API groups of kinds that the parts themselves bring, each before the parts that use it. */
const broughtBy = (part: Part): Set<string> =>
  new Set(
    claimsOf(part)
      .filter(({ kind }) => kind === 'CustomResourceDefinition')
      // `<plural>.<group>` (Kubernetes, "Create a CustomResourceDefinition").
      .map(({ name }) => name.slice(name.indexOf('.') + 1)),
  );

/** @param parts - all of the overlay: what one brings another may use */
export function applicationsOf(parts: readonly Part[]) {
  const brought = new Map(parts.map((part) => [part, broughtBy(part)]));
  return parts.map((part) => {
    const isForeign = ({ apiVersion }: { readonly apiVersion: string }): boolean =>
      parts.some((other) => other !== part && brought.get(other)!.has(groupOf(apiVersion)));
    return applicationOf(part, objectsOf(part).some(isForeign));
  });
}

function applicationOf(part: Part, hasForeignKinds: boolean) {
  const { project, wave, namespace } = part.props;
  const ignored = ignoredOf(part);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: part.node.id,
      namespace: ARGOCD_NAMESPACE,
      annotations: { ...waveOf(wave) },
      finalizers: [WITH_RESOURCES],
    },
    spec: {
      project,
      ...sourcesOf(part),
      destination: { server: IN_CLUSTER, namespace },
      ...(ignored.length > 0 ? { ignoreDifferences: ignored } : {}),
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: [
          // Kinds are too large for the annotation of the other way, and each field has one owner.
          'ServerSideApply=true',
          ...(hasForeignKinds ? ['SkipDryRunOnMissingResource=true'] : []),
          ...(ignored.length > 0 ? ['RespectIgnoreDifferences=true'] : []),
        ],
        retry: RETRY,
      },
    },
  } satisfies IApplication;
}

/** Fields that are not Git's, neither compared nor written. */
const ignoredOf = (part: Part) => [
  ...scaledBy(objectsOf(part)),
  ...(isChart(part) ? (part.props.madeOnce ?? []) : []).map(({ jqPathExpressions, ...object }) => ({
    ...object,
    jqPathExpressions: [...jqPathExpressions],
  })),
];

function sourcesOf(part: Part) {
  const { repository, name } = part.props.overlay;
  const own = {
    repoURL: repository.url,
    targetRevision: repository.revision,
    path: `k8s/overlays/${name}/${part.node.id}`,
  };
  if (!isChart(part)) return { source: own };
  const chart = chartSourceOf(part);
  return objectsOf(part).length > 0 ? { sources: [chart, own] } : { source: chart };
}

function chartSourceOf({ node, props }: ChartPart) {
  const { repository, version } = CHARTS[props.chart];
  return {
    repoURL: repository,
    chart: props.chart,
    targetRevision: version,
    helm: {
      releaseName: props.releaseName ?? node.id,
      // They are for people who install by hand.
      skipTests: true,
      valuesObject: props.values,
      ...(props.bringsKinds === false ? { skipCrds: true } : {}),
    },
  };
}
