// The worker of bench:worker, in a separate process: consumer and Postgres as in production, no sinks.
import { join } from 'node:path';
import { loadConfig } from '#runtime/config.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { startAnalytics } from '../analytics/analytics.ts';
import { analyticsConfig } from '../analytics/config.ts';

runMain(async () => {
  const config = loadConfig(analyticsConfig);
  const log = createLogger('bench-worker', config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  const pool = createPool({ connectionString: config.DATABASE_URL, applicationName: 'bench-worker', log });
  lifecycle.onStop('postgres', () => pool.end());
  await migrate(pool, 'analytics', join(import.meta.dirname, '../analytics/migrations'), log);
  const analytics = await startAnalytics({
    config,
    client: createKafka(config, 'bench-worker', log),
    pool,
    log,
    registry: createRegistry('bench-worker'),
    owner: 'bench',
    onEnd: (reason) => void lifecycle.exit(1, reason),
    sinks: [],
  });
  lifecycle.onStop('analytics', () => analytics.stop());
});
