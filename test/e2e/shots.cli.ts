// npm run shots: a picture of every page of the storefront, in both colour schemes, on a phone and on a desktop, for people to look at.
// In: a platform that it starts itself. Out: `.local/shots/<page>-<scheme>-<device>.png`.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { rootFolder } from '../../local/launcher/folders.ts';
import { LOOKS, take } from './accessibility.ts';
import { openBrowser } from './browser.ts';
import { onPlatformShop } from './platform-shop.ts';
import { prepareScene, type Shop } from './scene.ts';
import { allViews, openView } from './views.ts';

const HELP = `Takes pictures of every page of the storefront, of a platform that it starts for that.

  npm run shots -- [--only product] [--folder .local/shots]

  --only     pages whose name begins so
  --folder   where the pictures go; what is there is deleted first`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: join(rootFolder, '.local/shots') },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const views = allViews.filter(({ name }) => name.startsWith(values.only));
if (values.help) process.stdout.write(`${HELP}\n`);
else if (views.length === 0) {
  const names = allViews.map(({ name }) => name).join(', ');
  process.stderr.write(`No page begins with ${values.only}. There are: ${names}\n`);
  process.exitCode = 2;
} else await onPlatformShop(shoot);

async function shoot(shop: Shop): Promise<void> {
  await rm(values.folder, { recursive: true, force: true });
  await mkdir(values.folder, { recursive: true });
  const browser = await openBrowser();
  try {
    const scene = await prepareScene(shop, browser, { reducedMotion: 'reduce' });
    for (const view of views) {
      const page = await openView(scene, view);
      for (const look of LOOKS) {
        await take(page, look);
        await showPhotos(page);
        const path = join(values.folder, `${view.name}-${look[0]}-${look[1]}.png`);
        await page.screenshot({ path, fullPage: true });
      }
      console.error(view.name);
    }
  } finally {
    await browser.close();
  }
  process.stdout.write(`${views.length * LOOKS.length} pictures in ${values.folder}\n`);
}

/** Photos come as one scrolls; the picture is of the whole page. */
function showPhotos(page: Page): Promise<void> {
  return page.evaluate(`Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.decode();
  })).then(() => undefined)`);
}
