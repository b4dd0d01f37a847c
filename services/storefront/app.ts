// The storefront without its process: built pages in, a server that specs can inject requests into out.
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { knownHosts } from '#runtime/http/hosts.ts';
import { createHttp } from '#runtime/http/server.ts';
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import type { StorefrontConfig } from './config.ts';
import type { Pages } from './pages/pages.tsx';
import { useAccount } from './routes/account.ts';
import { useAssets } from './routes/assets.ts';
import { useCart } from './routes/cart.ts';
import { useCatalogue } from './routes/catalogue.ts';
import { createSite, installSite } from './site.ts';

export interface AppParts {
  readonly config: StorefrontConfig;
  /** What `build.ts` made. */
  readonly builtFolder: string;
  readonly log: Logger;
  readonly registry: Registry;
  readonly isStopping?: () => boolean;
}

export async function createApp({
  config,
  builtFolder,
  log,
  registry,
  isStopping = () => false,
}: AppParts): Promise<FastifyInstance> {
  const { pages } = (await import(join(builtFolder, 'pages.mjs'))) as { pages: Pages };
  const app = createHttp({
    log,
    registry,
    isStopping,
    bodyBytesMax: 16_384,
    trustedProxies: config.TRUSTED_PROXIES ?? [],
    hosts: knownHosts([...(config.ALLOWED_HOSTS ?? []), new URL(config.SHOP_URL).hostname]),
  });
  const site = createSite(config, pages);
  await app.register(
    async (shop) => {
      await installSite(shop, site, log);
      await useAssets(shop, join(builtFolder, 'assets'));
      useCatalogue(shop, site);
      useCart(shop, site);
      useAccount(shop, site);
    },
    { prefix: '/' },
  );
  return app;
}
