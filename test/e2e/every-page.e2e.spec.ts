import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { faultsOf, LOOKS } from './accessibility.ts';
import { openBrowser } from './browser.ts';
import { PATIENCE, prepareScene, type Scene } from './scene.ts';
import { type ShopPages, startShopPages } from './shop-pages.ts';
import { openView, shopViews } from './views.ts';

jest.setTimeout(180_000);

let shop: ShopPages;
let browser: Browser;
let scene: Scene;

beforeAll(async () => {
  [shop, browser] = await Promise.all([startShopPages({ settings: PATIENCE }), openBrowser()]);
  scene = await prepareScene(shop, browser, { reducedMotion: 'reduce' });
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

describe('every page', () => {
  it.each(shopViews.map((view) => [view.name, view] as const))(
    '%s is for everybody, in both colour schemes, on a phone and on a desktop',
    async (_name, view) => {
      expect(await faultsOf(await openView(scene, view))).toEqual([]);
    },
  );
});

describe('a page that is not for everybody', () => {
  const spoiled = async (script: string): Promise<string[]> => {
    const page = scene.pages.guest;
    await page.goto('/account/sign-in');
    await page.evaluate(script);
    // The look, and the rule or what else is wrong.
    return (await faultsOf(page)).map((fault) => fault.split(':').slice(0, 2).join(':'));
  };
  const styled = (css: string): Promise<string[]> =>
    spoiled(`const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(css)});
      document.adoptedStyleSheets = [sheet]`);

  it('is found out by text that is too pale, a field without a name, and a button that is too small, at every look', async () => {
    const found = await spoiled(`document.querySelector('label[for=email]').remove();
      document.querySelector('h1').style.color = 'light-dark(#eee, #222)';
      document.querySelector('main button').style.minHeight = 0`);
    expect(found).toEqual(
      LOOKS.flatMap(([scheme, width]) =>
        ['color-contrast', 'label', 'too small for a finger'].map((fault) => `${scheme}, ${width}: ${fault}`),
      ),
    );
  });

  it('is found out where only one scheme, or only one width, has the fault', async () => {
    const pale = 'h1 { color: light-dark(#eee, #222) !important }';
    expect(await styled(`@media (prefers-color-scheme: dark) { ${pale} }`)).toEqual([
      'dark, phone: color-contrast',
      'dark, desktop: color-contrast',
    ]);
    const wide = 'main { min-width: 500px }';
    expect(await styled(`@media (width < 600px) { ${pale} ${wide} }`)).toEqual(
      ['light', 'dark'].flatMap((scheme) => [
        `${scheme}, phone: color-contrast`,
        expect.stringMatching(`^${scheme}, phone: it is \\d+ pixels too wide$`),
      ]),
    );
  });
});
