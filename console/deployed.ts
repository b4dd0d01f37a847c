// The console where it is deployed: it answers what the platform does, and can change nothing. What replays, compares, uploads or breaks is not
// imported here, and so not in its image (docs/adr/0058).
import { platformConsole } from '#contracts/processes.ts';
import { loadConfig } from '#runtime/config.ts';
import { googleLogin } from '#runtime/google-identity.ts';
import { isLoopback } from '#runtime/http/hosts.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { startTelemetry } from '#runtime/telemetry.ts';
import { deployedConsoleConfig } from './config.ts';
import { databaseLogin, googleIdentity } from './deployed-logins.ts';
import { useLooking } from './looking.ts';
import { useSecurity } from './security.ts';
import { firestoreStore } from './stores/firestore.ts';
import { gcsStore } from './stores/gcs.ts';

const { name: NAME } = platformConsole;
/** A person at a page waits no longer. */
const POOL = { applicationName: NAME, connectionsMax: 4, waitMsMax: 3_000 };

runMain(async () => {
  const config = loadConfig(deployedConsoleConfig);
  const log = createLogger(NAME, config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  const registry = createRegistry(NAME);
  lifecycle.onStop('telemetry', startTelemetry(NAME, config.OTEL_EXPORTER_OTLP_ENDPOINT));
  const { isStopping } = lifecycle;
  const identity = googleIdentity(config);
  const login = identity && googleLogin(identity);
  const pool = createPool({
    ...databaseLogin(config, identity),
    ...POOL,
    log,
  });
  lifecycle.onStop('postgres', () => pool.end());
  const { GOOGLE_CLOUD_PROJECT: projectId, RESULTS_BUCKET, GCS_ENDPOINT } = config;
  const firestore = firestoreStore(projectId, config.FIRESTORE_DATABASE, login);
  lifecycle.onStop('firestore', () => firestore.close());

  const isOnThisMachine = isLoopback(config.HOST);
  const app = createHttp({ log, registry, isStopping, bodyBytesMax: 1_024, hasMetrics: isOnThisMachine });
  useSecurity(app, isOnThisMachine ? config.ALLOWED_HOSTS : 'any');
  const closeStreams = useLooking(app, {
    pool,
    client: createKafka(config, NAME, log),
    firestore,
    gcs: gcsStore({ projectId, bucket: RESULTS_BUCKET, endpoint: GCS_ENDPOINT, login }),
    tracesUrl: config.TRACES_URL,
    addresses: config.PROCESS_ADDRESSES,
    log,
    registry,
    lifecycle,
  });
  // They run elsewhere, and keep what they found there.
  app.get('/api/reconciliations', () => ({ asOf: new Date().toISOString(), reconciliations: [] }));
  const address = await app.listen({ host: config.HOST, port: config.PORT });
  lifecycle.onStop('http', () => app.close());
  lifecycle.onStop('streams', closeStreams);
  const operations = createHttp({ log, registry, isStopping });
  lifecycle.onStop('operations', () => operations.close());
  if (!isOnThisMachine) await operations.listen({ host: config.HOST, port: config.OPS_PORT });
  log.info({ address }, 'ready');
});
