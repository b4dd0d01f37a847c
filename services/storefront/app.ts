// The storefront without its process: built pages in, a server that specs can send requests to out.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { isLoopback, knownHosts } from '#runtime/http/hosts.ts';
import { createHttp } from '#runtime/http/server.ts';
import { inRequestSpan, traceRequests } from '#runtime/http/trace.ts';
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import type { StorefrontConfig } from './config.ts';
import type { AllPages } from './pages/all-pages.ts';
import { useAccount } from './routes/account.ts';
import { useAssets } from './routes/assets.ts';
import { useCart } from './routes/cart.ts';
import { useCatalogue } from './routes/catalogue.ts';
import { useCheckout } from './routes/checkout.ts';
import { useOrderStream } from './routes/order-stream.ts';
import { useOrders } from './routes/orders.ts';
import { usePlatform } from './routes/platform/platform.ts';
import { useSeller } from './routes/seller/seller.ts';
import { createSite, installSite } from './site.ts';

export interface AppParts {
  readonly config: StorefrontConfig;
  /** What `build.ts` made. */
  readonly pagesFolder: string;
  readonly log: Logger;
  readonly registry: Registry;
  readonly isStopping?: () => boolean;
}

const FORM_BYTES_MAX = 16_384;

/** It is ready as soon as it listens: what the services do not give is said on its pages. */
export async function createApp({
  config,
  pagesFolder,
  log,
  registry,
  isStopping = () => false,
}: AppParts): Promise<FastifyInstance> {
  const { pages } = (await import(pathToFileURL(join(pagesFolder, 'pages.mjs')).href)) as { pages: AllPages };
  const app = createHttp({
    log,
    registry,
    isStopping,
    bodyBytesMax: FORM_BYTES_MAX,
    trustedProxies: config.TRUSTED_PROXIES ?? [],
    hosts: isLoopback(config.HOST)
      ? knownHosts([...(config.ALLOWED_HOSTS ?? []), new URL(config.SHOP_URL).host])
      : undefined,
    hasMetrics: isLoopback(config.HOST),
  });
  await app.register((assets) => useAssets(assets, join(pagesFolder, 'assets')));
  await app.register(async (shop) => {
    traceRequests(shop);
    // Calls to the services belong to the trace of their request.
    shop.addHook('onRoute', (route) => {
      route.handler = inRequestSpan(route.handler as Parameters<typeof inRequestSpan>[0]);
    });
    const site = createSite(config, pages);
    await installSite(shop, site, log);
    useCatalogue(shop, site);
    useCart(shop, site);
    useAccount(shop, site);
    useCheckout(shop, site);
    useOrders(shop, site);
    useOrderStream(shop, site);
    useSeller(shop, site);
    if (config.CONSOLE_URL) usePlatform(shop, site);
  });
  return app;
}
