// The analytics worker: wires consumer, state, exporter and operations port together.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { productImagesProcessed } from '#contracts/topics.ts';
import { backoffMs } from '#runtime/backoff.ts';
import { loadConfig } from '#runtime/config.ts';
import { isLoopback, knownHosts } from '#runtime/http/hosts.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { type Analytics, startAnalytics } from './analytics.ts';
import { analyticsConfig } from './config.ts';
import { admitReader } from './totals-reader.ts';

const NAME = 'analytics';
const MIGRATE_ATTEMPTS = 12;

runMain(async () => {
  const config = loadConfig(analyticsConfig);
  const log = createLogger(NAME, config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  const registry = createRegistry(NAME);
  const pool = createPool({ connectionString: config.DATABASE_URL, applicationName: NAME, log });
  lifecycle.onStop('postgres', () => pool.end());
  await retry(MIGRATE_ATTEMPTS, () =>
    migrate(pool, 'analytics', join(import.meta.dirname, 'migrations'), log),
  );
  if (config.TOTALS_READER) await admitReader(pool, config.TOTALS_READER, log);

  const running: { analytics?: Analytics } = {};
  const http = createHttp({
    log,
    registry,
    isStopping: lifecycle.isStopping,
    hosts: isLoopback(config.OPS_HOST) ? knownHosts(config.ALLOWED_HOSTS) : undefined,
    readiness: {
      postgres: async () => (await pool.query('SELECT 1')).rowCount === 1,
      // Joining a group can take as long as a dead predecessor's session: alive meanwhile, but not ready.
      consumer: () => running.analytics !== undefined,
    },
    troubles: { consumer: () => running.analytics?.trouble() },
  });
  lifecycle.onStop('http', () => http.close());
  await http.listen({ host: config.OPS_HOST, port: config.OPS_PORT });

  const client = createKafka(config, NAME, log);
  const analytics = await startAnalytics({
    config,
    client,
    pool,
    log,
    registry,
    owner: `${hostname()}:${process.pid}`,
    onEnd: (reason) => void lifecycle.exit(1, reason),
  });
  running.analytics = analytics;
  lifecycle.onStop('analytics', () => analytics.stop());
  log.info({ port: config.OPS_PORT, topic: client.nameOf(productImagesProcessed.name) }, 'ready');
});

/** A database that is still starting is no reason to fail. */
async function retry(attempts: number, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(backoffMs(attempt, 500));
    }
  }
}
