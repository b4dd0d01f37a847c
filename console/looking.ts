// What every console answers, on a laptop and in a cluster: it only looks. Clients of the stores in, routes out.
import type { FastifyInstance } from 'fastify';
import { analyticsResults } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { createLiveFeed } from './live.ts';
import { measureWatchers } from './metrics.ts';
import { createOrderEvents } from './order-events.ts';
import { useOrders } from './orders-http.ts';
import { type PlatformApiParts, usePlatformApi } from './platform-api.ts';
import { cloudSqlStore } from './stores/cloud-sql.ts';
import { resultsTopicStore } from './stores/results-topic.ts';
import type { Store } from './stores/store.ts';
import { useStores } from './stores-http.ts';
import { tailTopic } from './topic-tail.ts';
import { readTotals } from './totals.ts';
import { useTotals } from './totals-http.ts';

export interface LookingParts extends PlatformApiParts {
  readonly pool: Pool;
  readonly client: KafkaClient;
  readonly firestore: Store;
  readonly gcs: Store;
  /** Page of the traces. @default orders are shown without spans */
  readonly tracesUrl: string | undefined;
  readonly log: Logger;
  readonly registry: Registry;
  readonly lifecycle: Lifecycle;
}

/** Adds the routes. Returns how to end the streams: a server that closes would wait for them. */
export function useLooking(app: FastifyInstance, parts: LookingParts): () => void {
  const { pool, client, firestore, gcs, tracesUrl, log, registry, lifecycle } = parts;
  const results = tailTopic({ client, topic: analyticsResults, log, recordsMax: 5_000 });
  lifecycle.onStop('results', () => results.stop());
  const orderEvents = createOrderEvents(client, log);
  lifecycle.onStop('order events', () => orderEvents.stop());
  const read = (minutes: number) => readTotals(pool, minutes);
  const feed = createLiveFeed({ read, log });
  measureWatchers(feed, registry);
  const closeStreams = useTotals(app, read, feed);
  useStores(app, [cloudSqlStore(pool), firestore, gcs, resultsTopicStore(results)]);
  useOrders(app, { events: orderEvents, tracesUrl, log });
  lifecycle.onStop('platform api', usePlatformApi(app, parts));
  return closeStreams;
}
