import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { findings, LOOKS, overflowOf, readAxe, smallTargets, take } from './accessibility.ts';
import { openBrowser } from './browser.ts';
import { PATIENCE, prepareScene, type Scene } from './scene.ts';
import { type ShopPages, startShopPages } from './shop-pages.ts';
import { openView, shopViews } from './views.ts';

jest.setTimeout(180_000);

let shop: ShopPages;
let browser: Browser;
let scene: Scene;
let axe: string;

beforeAll(async () => {
  [shop, browser, axe] = await Promise.all([
    startShopPages({ settings: PATIENCE }),
    openBrowser(),
    readAxe(),
  ]);
  scene = await prepareScene(shop, browser, { reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

/** What axe finds, what one would have to scroll sideways for, and what is too small for a finger. */
async function faultsOf(page: Page): Promise<string[]> {
  const overflow = await overflowOf(page);
  return [
    ...(await findings(page, axe)),
    ...(overflow > 0 ? [`it is ${overflow} pixels too wide`] : []),
    ...(await smallTargets(page)).map((target) => `too small for a finger: ${target}`),
  ];
}

describe('every page', () => {
  it.each(shopViews.map((view) => [view.name, view] as const))(
    '%s is for everybody, in both colour schemes, on a phone and on a desktop',
    async (_name, view) => {
      const page = await openView(scene, view);
      const found: string[] = [];
      for (const look of LOOKS) {
        await take(page, look);
        found.push(...(await faultsOf(page)).map((fault) => `${look.slice(0, 2).join(', ')}: ${fault}`));
      }
      expect(found).toEqual([]);
    },
  );

  it('would be told of text that is too pale, of a field without a name, and of a button that is too small', async () => {
    const page = scene.pages.guest;
    await page.goto('/account/sign-in');
    await page.evaluate(`document.querySelector('label[for=email]').remove();
      document.querySelector('h1').style.color = getComputedStyle(document.body).backgroundColor;
      document.querySelector('main button').style.minHeight = 0`);
    const found = (await findings(page, axe)).map((finding) => finding.split(':')[0]);
    expect(found).toEqual(expect.arrayContaining(['color-contrast', 'label']));
    expect(await smallTargets(page)).toEqual([expect.stringContaining('Sign in')]);
  });
});
