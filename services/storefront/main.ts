// The storefront: the pages of the shop, and the only process that holds the tokens of their visitors.
import { storefront } from '#contracts/shop-processes.ts';
import { loadConfig } from '#runtime/config.ts';
import { isLoopback } from '#runtime/http/hosts.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { startTelemetry } from '#runtime/telemetry.ts';
import { createApp, pagesFolderOf } from './app.ts';
import { storefrontConfig } from './config.ts';

const { name: NAME } = storefront;

runMain(async () => {
  const config = loadConfig(storefrontConfig);
  const log = createLogger(NAME, config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  const registry = createRegistry(NAME);
  lifecycle.onStop('telemetry', startTelemetry(NAME, config.OTEL_EXPORTER_OTLP_ENDPOINT));
  const pagesFolder = await pagesFolderOf(config);
  const { isStopping } = lifecycle;
  const app = await createApp({ config, pagesFolder, log, registry, isStopping });
  lifecycle.onStop('http', () => app.close());
  const address = await app.listen({ host: config.HOST, port: config.PORT });
  // Metrics show customers and load: strangers do not reach that port.
  if (!isLoopback(config.HOST)) {
    const operations = createHttp({ log, registry, isStopping });
    lifecycle.onStop('operations', () => operations.close());
    await operations.listen({ host: config.HOST, port: config.OPS_PORT });
  }
  log.info({ address }, 'ready');
});
