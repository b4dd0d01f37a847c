// The storefront: the pages of the shop, and the only one who holds the tokens of their visitors.
import { loadConfig } from '#runtime/config.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createApp } from './app.ts';
import { buildPages } from './build.ts';
import { storefrontConfig } from './config.ts';

runMain(async () => {
  const config = loadConfig(storefrontConfig);
  const log = createLogger('storefront', config.LOG_LEVEL);
  const lifecycle = createLifecycle(log);
  const registry = createRegistry('storefront');
  const builtFolder = await buildPages();
  const app = await createApp({ config, builtFolder, log, registry, isStopping: lifecycle.isStopping });
  const address = await app.listen({ host: config.HOST, port: config.PORT });
  lifecycle.onStop('http', () => app.close());
  log.info({ address }, 'storefront is ready');
});
