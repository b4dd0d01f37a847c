// The analytics worker as production wires it, with one part broken on purpose; SABOTAGE (JSON) says which.
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { loadConfig } from '#runtime/config.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { startAnalytics } from '../../analytics/analytics.ts';
import { analyticsConfig } from '../../analytics/config.ts';
import { freezeBeforeCommit, type Sabotage, sabotagePool, withoutFence } from './sabotage.ts';

runMain(async () => {
  const config = loadConfig(analyticsConfig);
  const sabotage = JSON.parse(process.env.SABOTAGE ?? '{}') as Sabotage;
  const log = createLogger('analytics', config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: 'analytics',
    log,
    waitMsMax: sabotage.waitMsMax ?? 5_000,
  });
  lifecycle.onStop('postgres', () => pool.end());
  await migrate(pool, 'analytics', join(import.meta.dirname, '../../analytics/migrations'), log);
  sabotagePool(pool, sabotage);
  freezeBeforeCommit(sabotage);
  const analytics = await startAnalytics({
    config,
    client: createKafka(config, 'analytics', log),
    pool,
    log,
    registry: createRegistry('analytics'),
    owner: String(process.pid),
    onEnd: (reason) => void lifecycle.exit(1, reason),
    counted: sabotage.counted ?? ['image-bytes'],
    ...(sabotage.fence === false ? { fence: withoutFence } : {}),
  });
  lifecycle.onStop('analytics', () => analytics.stop());

  // Most workers of these specs are killed, so the compile cache is written here and not when they end.
  flushCompileCache();
  process.send?.('running');
});
