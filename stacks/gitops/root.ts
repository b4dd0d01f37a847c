// The one Application that ArgoCD is given, which holds all others, and the project that bounds it: the same for an environment's
// stack and for a laptop's cluster.
import type { Settings } from '../settings.ts';

export const ARGOCD_NAMESPACE = 'argocd';
/** The cluster that ArgoCD itself runs in. */
export const IN_CLUSTER = 'https://kubernetes.default.svc';
/** Of the Application, its project, and the folder that it reads. */
export const ROOT = 'root';
/**
 * Deleting an Application first deletes what it made, and waits for that: load balancers are in no state of Terraform.
 * With a path: Kubernetes warns of finalizers without one, and Argo CD takes both for the same.
 */
export const WITH_RESOURCES = 'resources-finalizer.argocd.argoproj.io/foreground';

/** Where manifests are read. */
export interface Manifests {
  readonly repositoryUrl: string;
  /** A branch, tag or commit. */
  readonly revision: string;
  /** A folder below `k8s/overlays`. */
  readonly overlay: string;
}

/** The overlay of an environment. */
export const overlayOf = ({ environment }: Pick<Settings, 'environment'>): string => `aws-${environment}`;

/** What was refused is tried again for about a quarter of an hour, each time with what Git holds by then. */
export const RETRY = {
  limit: 10,
  backoff: { duration: '10s', factor: 2, maxDuration: '3m' },
  refresh: true,
};

/** Its finalizers and its spec; name and namespace are constants above. */
export const rootApplication = ({ repositoryUrl, revision, overlay }: Manifests) => ({
  finalizers: [WITH_RESOURCES],
  spec: {
    project: ROOT,
    source: { repoURL: repositoryUrl, targetRevision: revision, path: `k8s/overlays/${overlay}/${ROOT}` },
    destination: { server: IN_CLUSTER, namespace: ARGOCD_NAMESPACE },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ['ServerSideApply=true'],
      retry: RETRY,
    },
  },
});

/**
 * Projects and Applications in ArgoCD's own namespace, from this repository, and nothing else. A person who may write there may widen any
 * project: the bound is the repository.
 */
export const rootProject = ({ repositoryUrl }: Pick<Manifests, 'repositoryUrl'>) => ({
  description: 'The Application of Applications',
  sourceRepos: [repositoryUrl],
  destinations: [{ server: IN_CLUSTER, namespace: ARGOCD_NAMESPACE }],
  namespaceResourceWhitelist: ['Application', 'AppProject'].map((kind) => ({
    group: 'argoproj.io',
    kind,
  })),
});
