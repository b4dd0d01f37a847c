// What a deployable declares: where it runs, what it reads and writes.
import type { Topic } from './topic.ts';

/** Services outside of the platform that a process calls, all by HTTPS. */
export type OutsideService =
  /** The endpoint of the keys with which the cluster signs tokens of service accounts. */
  'service-account-keys' | 'stripe' | 'ses' | 'google-apis';

/** What a process may look at and not change. */
export interface Looking {
  /** Topics whose records it reads, in groups that are named after it and commit nothing. */
  readonly topics: readonly { readonly name: string }[];
  /** Topics and groups of which it asks the broker how far they are. */
  readonly positions: {
    readonly topics: readonly { readonly name: string }[];
    readonly groups: readonly string[];
  };
  /** Stores that another process writes. */
  readonly stores: readonly ('cloud-sql' | 'firestore' | 'gcs' | 'tempo')[];
}

/** One deployable. */
export interface Process {
  /** Also the beginning of the names of its consumer groups. */
  readonly name: string;
  /** The groups that read for it; where engines take turns, each has its own. @default one, of its name, for all topics that it consumes */
  readonly groups?: readonly string[];
  /** Where it runs when deployed. */
  readonly runsOn: 'eks' | 'lambda' | 'cloud-run-worker-pool';
  /** Port of its endpoints and of `/livez` and `/readyz`, absent where the platform calls the code itself. */
  readonly port?: number;
  /** Port of `/metrics` where it is deployed, for the cluster alone: no ingress leads there. Absent where `port` serves it. */
  readonly opsPort?: number;
  readonly consumes: readonly Topic<unknown>[];
  readonly publishes: readonly (Topic<unknown> | { readonly name: string })[];
  readonly stores: readonly ('postgres' | 'firestore' | 'gcs' | 's3')[];
  /** Names of the processes that it calls over HTTP. @default none */
  readonly calls?: readonly string[];
  /** What it calls outside of the platform. @default nothing */
  readonly asksOutside?: readonly OutsideService[];
  /** Schema of its tables in Postgres. @default its name */
  readonly schema?: string;
  /** @default nothing */
  readonly looksAt?: Looking;
  /** Whether other processes of ours alone call it, and no load balancer leads there. @default false */
  readonly isInner?: boolean;
}

/** Whether it speaks to Kafka at all. */
export const usesKafka = ({ consumes, publishes, looksAt }: Process): boolean =>
  consumes.length + publishes.length + (looksAt?.topics.length ?? 0) > 0;

/** The groups that read for a process. */
export const groupsOf = ({ name, groups = [name] }: Process): readonly string[] => groups;

/** The Postgres schema of a process's tables. */
export const schemaOf = ({ name, schema = name }: Process): string => schema;
