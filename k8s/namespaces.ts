// The namespaces of our own content, and how strict each is. What operators bring has the namespaces that their charts make.
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
} as const;

export type NamespaceName = keyof typeof NAMESPACES;

/** Those that an overlay has. */
export const namespacesOf = ({ kind }: Overlay): readonly NamespaceName[] =>
  kind === 'local'
    ? ['shop', 'data', 'analytics', 'observability', 'load']
    : ['shop', 'observability', 'load'];
