// The console of a laptop: one small server for this machine that answers what the platform does, for the pages of the storefront. It writes
// nothing but signed URLs, and what an admin asks it to put right. Where it is deployed it is `deployed.ts`, which only looks.
import { productImagesRejected } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { createAdminsOnly } from './admins.ts';
import { type ConsoleConfig, consoleConfig } from './config.ts';
import { faultSwitchOf, useFaults } from './faults-http.ts';
import { useLooking } from './looking.ts';
import { createPhotoStore } from './photo-store.ts';
import { createReconciliations, useReconciliations } from './reconciliations.ts';
import { createReplays } from './replays.ts';
import { useSecurity } from './security.ts';
import { firestoreStore } from './stores/firestore.ts';
import { gcsStore } from './stores/gcs.ts';
import type { Store } from './stores/store.ts';
import { tailTopic } from './topic-tail.ts';
import { useUploads } from './uploads.ts';

/** A person at a page waits no longer. */
const POOL = { applicationName: 'console', connectionsMax: 4, waitMsMax: 3_000 };

runMain(async () => {
  const config = loadConfig(consoleConfig);
  const log = createLogger('console', config.LOG_LEVEL);
  const lifecycle = createLifecycle(log, 10_000);
  const registry = createRegistry('console');

  const pool = createPool({
    connectionString: config.DATABASE_URL,
    ...POOL,
    log,
  });
  lifecycle.onStop('postgres', () => pool.end());
  const client = createKafka(config, 'console', log);
  const rejections = tailTopic({ client, topic: productImagesRejected, log });
  lifecycle.onStop('rejections', () => rejections.stop());
  const firestore = firestoreStore(config.GOOGLE_CLOUD_PROJECT, config.FIRESTORE_DATABASE);
  lifecycle.onStop('firestore', () => firestore.close());

  const app = createHttp({ log, registry, isStopping: lifecycle.isStopping, bodyBytesMax: 16_384 });
  const adminsOnly = createAdminsOnly(config);
  useSecurity(app, config.ALLOWED_HOSTS);
  useUploads(app, { photos: createPhotoStore(config), rejections });
  const closeStreams = useLooking(app, {
    pool,
    client,
    firestore,
    gcs: gcsStoreOf(config),
    tracesUrl: config.TRACES_URL,
    addresses: config.PROCESS_ADDRESSES,
    replay: { replays: createReplays(client, log), adminsOnly },
    log,
    registry,
    lifecycle,
  });
  useFaults(app, { faultSwitch: faultSwitchOf(config), adminsOnly, log });
  const reconciliations = createReconciliations({ folder: config.RECONCILE_FOLDER, log });
  lifecycle.onStop('reconciliations', () => reconciliations.stop());
  useReconciliations(app, reconciliations, adminsOnly);
  const address = await app.listen({ host: '127.0.0.1', port: config.CONSOLE_PORT });
  lifecycle.onStop('http', () => app.close());
  lifecycle.onStop('streams', closeStreams);
  log.info({ address }, 'console is ready');
});

function gcsStoreOf({ GOOGLE_CLOUD_PROJECT, RESULTS_BUCKET, GCS_ENDPOINT }: ConsoleConfig): Store {
  return gcsStore({ projectId: GOOGLE_CLOUD_PROJECT, bucket: RESULTS_BUCKET, endpoint: GCS_ENDPOINT });
}
