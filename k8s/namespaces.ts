// The namespaces of our own content and of the operators, and how strict each is (Kubernetes, "Pod Security Standards").
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import type { Overlay } from './overlays.ts';

export const NAMESPACES = {
  shop: SERVICES_NAMESPACE,
  /** Stand-ins for the clouds' Kafka, Postgres and stores, on a laptop only. */
  data: 'data',
  /** The worker, on a laptop only: elsewhere it runs on Google Cloud. */
  analytics: 'analytics',
  observability: 'observability',
  load: 'load',
  /** What looks at each node itself. */
  nodeAgents: 'node-agents',
  /** The operator that brings secrets and facts; named as its identity in the `gitops` stack. */
  externalSecrets: 'external-secrets',
  keda: 'keda',
} as const;

export type NamespaceName = keyof typeof NAMESPACES;

/** Namespaces in which pods may do more than `restricted` lets them, each with its reason; nothing else runs in them. */
const PRIVILEGED: ReadonlyMap<NamespaceName, string> = new Map([
  ['nodeAgents', 'node-exporter reads the proc and sys folders of its node, which takes volumes of the host'],
]);

/** Why it is not `restricted`; undefined where it is. */
export const privilegeOf = (name: NamespaceName): string | undefined => PRIVILEGED.get(name);

/** Those that an overlay has. */
export const namespacesOf = ({ kind }: Pick<Overlay, 'kind'>): readonly NamespaceName[] =>
  kind === 'local'
    ? ['shop', 'data', 'analytics', 'observability', 'load']
    : ['shop', 'observability', 'load', 'nodeAgents', 'externalSecrets', 'keda'];
