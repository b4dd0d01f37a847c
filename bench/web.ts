// bench:web: what the storefront's pages cost a browser (bytes, the paint of the largest part, what moves without a visitor's action), and how many product
// pages a second it draws against a bare BFF, both in this process and in turns. A new platform is started for the first part.
// Growth: a page costs a browser the same however many visitors there are. The storefront keeps nothing between requests, so ten
// times the pages are ten replicas; the services behind them end first (bench/services.ts). A hundred times: pages that are the same for
// every guest would be kept by the CDN for seconds, which nothing here stands against but the number beside the cart.
import { openBrowser } from '../test/e2e/browser.ts';
import { onPlatformShop } from '../test/e2e/platform-shop.ts';
import { prepareScene, type Scene } from '../test/e2e/scene.ts';
import { allViews, openView } from '../test/e2e/views.ts';
import { readOptions } from './options.ts';
import { measurePages, SERVICE_PATHS, type ServiceAnswers } from './web-requests.ts';
import { LINES, measureLoads, shiftWithLatePhotos, type Vitals } from './web-vitals.ts';

const HELP = `Measures the storefront's pages in a browser, and how many product pages a second it draws against a bare BFF.

  npm run bench:web -- [--loads 5] [--rounds 6] [--ms 2000] [--connections 16]

  --loads        how often each page is loaded with an empty cache
  --rounds       how often each side is asked for product pages, in turns
  --ms           how long each time
  --connections  requests at the same time`;

/** Of issue 15. */
const LIMITS = { scriptBytes: 90_000, lcpMs: 1_200, shift: 0.02 };
/** The pages that a customer sees, by the names of their views. */
const PAGES = ['home', 'product', 'cart', 'checkout', 'order-confirmed', 'platform'];

const PHONE = { viewport: { width: 360, height: 800 }, deviceScaleFactor: 2, isMobile: true };

interface PageFigures extends Vitals {
  readonly page: string;
  readonly slow4gLcpMs: number;
  readonly latePhotosShift: number;
}

const options = readOptions(HELP, { loads: 5, rounds: 6, ms: 2_000, connections: 16 });

await onPlatformShop(async (shop, addressOf) => {
  const answers: Record<string, string> = {};
  for (const path of SERVICE_PATHS) answers[path] = await (await fetch(addressOf('product') + path)).text();
  const browser = await openBrowser();
  const pages: PageFigures[] = [];
  try {
    const scene = await prepareScene(shop, browser, PHONE);
    for (const name of PAGES) pages.push(await figuresOf(scene, name));
  } finally {
    await browser.close();
  }
  await report(pages, answers);
});

async function figuresOf(scene: Scene, name: string): Promise<PageFigures> {
  console.error(`loads the page ${name}`);
  const page = await openView(scene, allViews.find((view) => view.name === name)!);
  const url = page.url();
  const vitals = await measureLoads(page, url, LINES.dense4g, options.loads);
  const slow = await measureLoads(page, url, LINES.slow4g, options.loads);
  const latePhotosShift = await shiftWithLatePhotos(page, url);
  return { page: name, ...vitals, slow4gLcpMs: slow.lcpMs, latePhotosShift };
}

async function report(pages: readonly PageFigures[], answers: ServiceAnswers): Promise<void> {
  console.error('asks for product pages');
  const rate = await measurePages(answers, options);
  console.table(pages);
  console.table([rate]);
  const worst = (figure: (page: PageFigures) => number) => Math.max(...pages.map(figure));
  console.log(
    JSON.stringify({
      bench: 'web',
      ...rate,
      scriptBytes: worst((page) => page.scriptBytes),
      lcpMs: worst((page) => page.lcpMs),
      shift: worst(({ shift, latePhotosShift }) => Math.max(shift, latePhotosShift)),
      limits: LIMITS,
      pages: Object.fromEntries(pages.map(({ page, ...figures }) => [page, figures])),
    }),
  );
}
