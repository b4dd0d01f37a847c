// What is known of a deployable: where it runs, what it reads and writes.
import type { Topic } from './topic.ts';

/** What a process asks beyond the platform, all by HTTPS. */
export type OutsideService =
  /** The keys by which the cluster signs the tokens of service accounts. */
  'service-account-keys' | 'stripe' | 'ses';

/** One deployable. */
export interface Process {
  /** Also of its consumer group, which reads all that it consumes. */
  readonly name: string;
  /** Where it runs when deployed. */
  readonly runsOn: 'eks' | 'lambda' | 'cloud-run-worker-pool';
  /** Port of its endpoints and of `/livez` and `/readyz`, absent where the platform calls the code itself. */
  readonly port?: number;
  /** Port of `/metrics` where it is deployed, for the cluster alone: no ingress leads there. Absent where `port` serves it. */
  readonly opsPort?: number;
  readonly consumes: readonly Topic<unknown>[];
  readonly publishes: readonly (Topic<unknown> | { readonly name: string })[];
  readonly stores: readonly ('postgres' | 'firestore' | 'gcs' | 's3')[];
  /** Names of the processes that it asks over HTTP. @default none */
  readonly calls?: readonly string[];
  /** Whom it asks beyond the platform. @default nobody */
  readonly asksOutside?: readonly OutsideService[];
  /** Of its tables in Postgres. @default its name */
  readonly schema?: string;
}

/** Where a process has its tables. */
export const schemaOf = ({ name, schema = name }: Process): string => schema;
