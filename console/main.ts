// The console: one small server for this machine that tells what the platform does, for the pages of the storefront. It writes nothing
// but signed URLs.
import { analyticsResults, productImagesRejected } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry, Gauge, type Registry } from '#runtime/metrics.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { createAdminsOnly } from './admins.ts';
import { type ConsoleConfig, consoleConfig } from './config.ts';
import { faultSwitchOf, useFaults } from './faults-http.ts';
import { createLiveFeed, type LiveFeed } from './live.ts';
import { createOrderEvents } from './order-events.ts';
import { useOrders } from './orders-http.ts';
import { createPhotoStore } from './photo-store.ts';
import { usePlatformApi } from './platform-api.ts';
import { useSecurity } from './security.ts';
import { cloudSqlStore } from './stores/cloud-sql.ts';
import { firestoreStore } from './stores/firestore.ts';
import { gcsStore } from './stores/gcs.ts';
import { resultsTopicStore } from './stores/results-topic.ts';
import type { Store } from './stores/store.ts';
import { useStores } from './stores-http.ts';
import { tailTopic } from './topic-tail.ts';
import { readTotals } from './totals.ts';
import { useTotals } from './totals-http.ts';
import { useUploads } from './uploads.ts';

runMain(async () => {
  const config = loadConfig(consoleConfig);
  const log = createLogger('console', config.LOG_LEVEL);
  const lifecycle = createLifecycle(log, 10_000);
  const registry = createRegistry('console');

  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: 'console',
    log,
    connectionsMax: 4,
    waitMsMax: 3_000,
  });
  lifecycle.onStop('postgres', () => pool.end());
  const client = createKafka(config, 'console', log);
  const rejections = tailTopic({ client, topic: productImagesRejected, log });
  lifecycle.onStop('rejections', () => rejections.stop());
  const results = tailTopic({ client, topic: analyticsResults, log, recordsMax: 5_000 });
  lifecycle.onStop('results', () => results.stop());
  const firestore = firestoreStore(config.GOOGLE_CLOUD_PROJECT, config.FIRESTORE_DATABASE);
  lifecycle.onStop('firestore', () => firestore.close());
  const photos = createPhotoStore(config);

  const read = (minutes: number) => readTotals(pool, minutes);
  const feed = createLiveFeed({ read, log });
  measureWatchers(feed, registry);

  const orderEvents = createOrderEvents(client, log);
  lifecycle.onStop('order events', () => orderEvents.stop());

  const app = createHttp({ log, registry, isStopping: lifecycle.isStopping, bodyBytesMax: 16_384 });
  useSecurity(app, config.ALLOWED_HOSTS);
  useUploads(app, { photos, rejections });
  const closeStreams = useTotals(app, read, feed);
  useStores(app, [cloudSqlStore(pool), firestore, gcsStoreOf(config), resultsTopicStore(results)]);
  useOrders(app, { events: orderEvents, tracesUrl: config.TRACES_URL, log });
  useFaults(app, { faultSwitch: faultSwitchOf(config), adminsOnly: createAdminsOnly(config), log });
  lifecycle.onStop('platform api', usePlatformApi(app, { config, client, log }));
  const address = await app.listen({ host: '127.0.0.1', port: config.CONSOLE_PORT });
  lifecycle.onStop('http', () => app.close());
  lifecycle.onStop('streams', closeStreams);
  log.info({ address }, 'console is ready');
});

function gcsStoreOf({ GOOGLE_CLOUD_PROJECT, RESULTS_BUCKET, GCS_ENDPOINT }: ConsoleConfig): Store {
  return gcsStore({ projectId: GOOGLE_CLOUD_PROJECT, bucket: RESULTS_BUCKET, endpoint: GCS_ENDPOINT });
}

function measureWatchers(feed: LiveFeed, registry: Registry): void {
  const watchers: Gauge = new Gauge({
    name: 'console_watchers',
    help: 'Pages that watch the totals now',
    registers: [registry],
    collect: () => watchers.set(feed.watching()),
  });
}
