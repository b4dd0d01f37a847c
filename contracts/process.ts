// What is known of a deployable: where it runs, what it reads and writes.
import type { Topic } from './topic.ts';

/** One deployable. */
export interface Process {
  /** Also of its consumer group, which reads all that it consumes. */
  readonly name: string;
  /** Where it runs when deployed. */
  readonly runsOn: 'eks' | 'lambda' | 'cloud-run-worker-pool';
  /** Operations port (`/livez /readyz /metrics`), absent where the platform calls the code itself. */
  readonly port?: number;
  readonly consumes: readonly Topic<unknown>[];
  readonly publishes: readonly (Topic<unknown> | { readonly name: string })[];
  readonly stores: readonly ('postgres' | 'firestore' | 'gcs' | 's3')[];
}
