// Reaches the connections inside kafkajs 2.2.4, which its public API hides: for the topic id and for fetching by batch.
// The version is pinned; fetch.int.spec.ts and client.int.spec.ts hold both against a real broker.
import type { Kafka } from 'kafkajs';
import { AppError } from '../errors.ts';

/** A request and how its answer is read, as kafkajs passes them to a connection. */
export interface ProtocolCall {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<unknown>;
  };
  readonly response: { decode(raw: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
}

export interface Broker {
  readonly connectionPool: {
    send(call: ProtocolCall): Promise<unknown>;
    /** Two connections: the second is for fetches alone. */
    readonly pool: readonly { readonly requestQueue: { rejectAll(error: Error): void } }[];
  };
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findBroker(query: { nodeId: number }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  findGroupCoordinator(query: { groupId: string }): Promise<Broker>;
}

type ClusterFactory = (options: Record<string, unknown>) => Cluster;

/** The factory that every producer, consumer and admin of this client builds its cluster with. */
export function clusterFactoryOf(kafka: Kafka): {
  create: ClusterFactory;
  replace(factory: ClusterFactory): void;
} {
  const key = Object.getOwnPropertySymbols(kafka).find(
    (symbol) => symbol.description === 'private:Kafka:createCluster',
  );
  const holder = kafka as unknown as Record<symbol, ClusterFactory>;
  const create = key && holder[key];
  if (!create)
    throw new AppError(
      'kafkajs-changed',
      'kafkajs is not the pinned version 2.2.4: its cluster factory is gone',
    );
  return {
    create,
    replace: (factory) => {
      holder[key] = factory;
    },
  };
}
