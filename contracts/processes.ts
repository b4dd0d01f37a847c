// Every process of the platform: where it listens, what it reads and writes. ACLs, network policies and diagrams are
// generated from this, and a spec holds it against the real subscriptions.
import { analyticsResults, productImagesProcessed, productImagesRejected, type Topic } from './topics.ts';

/** One deployable. */
export interface Process {
  readonly name: string;
  /** Where it runs when deployed. */
  readonly runsOn: 'eks' | 'lambda' | 'cloud-run-worker-pool';
  /** Operations port (`/livez /readyz /metrics`), absent where the platform calls the code itself. */
  readonly port?: number;
  readonly consumes: readonly Topic<unknown>[];
  readonly publishes: readonly (Topic<unknown> | { readonly name: string })[];
  readonly stores: readonly ('postgres' | 'firestore' | 'gcs' | 's3')[];
}

export const imageRenditions: Process = {
  name: 'image-renditions',
  runsOn: 'lambda',
  consumes: [],
  publishes: [productImagesProcessed, productImagesRejected],
  stores: ['s3'],
};

export const analyticsWorker: Process = {
  name: 'analytics',
  runsOn: 'cloud-run-worker-pool',
  port: 4101,
  consumes: [productImagesProcessed],
  publishes: [analyticsResults, { name: productImagesProcessed.deadLetters! }],
  stores: ['postgres', 'firestore', 'gcs'],
};

/** Kubernetes namespace of what runs on `eks`; its service account there is named as the process. */
export const SERVICES_NAMESPACE = 'shop';

export const PROCESSES: readonly Process[] = [imageRenditions, analyticsWorker];
