// The shop as `npm start` makes it, in a folder of its own and with its sample photos: for pictures of it, and to measure it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPlatform } from '../../bench/platform.ts';
import { feed } from '../../demo/feed.ts';
import { samplePhotos } from '../../demo/sample-photos.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { startProcess } from '../../local/launcher/processes.ts';
import { sampleProducts } from '../../services/product/samples.ts';
import { storefrontPlan } from '../checkout/service-plans.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE, type Shop } from './scene.ts';
import { mailedLink, SILENT } from './shop-pages.ts';

/** As `npm start` uploads them. */
const PHOTOS = { count: 24, seed: 1 };

/** Starts it, hands it to the work once every photo is there, and stops it however that ends. */
export async function onPlatformShop(
  work: (shop: Shop, addressOf: (service: string) => string) => Promise<void>,
): Promise<void> {
  await onPlatform(
    async ({ env, run }) => {
      const addressOf = (service: string) => env[`${service.toUpperCase()}_SERVICE_URL`]!;
      const folder = await mkdtemp(join(tmpdir(), 'platform-shop-'));
      const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
      const shared = { IMAGES_ORIGIN: env.AWS_ENDPOINT_URL_S3!, ...PATIENCE };
      try {
        console.error('the sample photos go through the pipeline');
        await addPhotos(run.addresses.console!, addressOf('product'), join(folder, 'photos.json'));
        const shop = {
          url: run.addresses.storefront!,
          mailedLink: (email: string) => mailedLink(addressOf('notification'), email),
          startStorefront: async (change: Readonly<Record<string, string>>) => {
            const address = `http://127.0.0.1:${await freePort()}`;
            const plan = storefrontPlan(address, folder, addressOf, { ...shared, ...change });
            const running = await startProcess(plan, SILENT);
            stops.unshift(() => running.stop());
            return address;
          },
        };
        await work(shop, addressOf);
      } finally {
        for (const stop of stops) await stop();
      }
    },
    { ...PATIENCE, RATE_LIMIT_PER_MINUTE: '1000000' },
  );
}

async function addPhotos(consoleUrl: string, productUrl: string, markerFile: string): Promise<void> {
  await feed({ consoleUrl, ...PHOTOS, durationMs: 0, markerFile, say: () => {} });
  const names = samplePhotos(PHOTOS.count, PHOTOS.seed)
    .filter(({ isRefused }) => !isRefused)
    .map(({ fileName }) => fileName.slice(0, fileName.lastIndexOf('.')));
  const pictured = sampleProducts.filter(({ productId }) => names.includes(productId));
  await eventually(async () => {
    const answer = await fetch(`${productUrl}/products?limit=100`);
    const { items } = (await answer.json()) as { items: { images: unknown[] }[] };
    return items.filter(({ images }) => images.length > 0).length >= pictured.length || undefined;
  });
}
