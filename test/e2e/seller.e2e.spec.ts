import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, CDPSession, Page } from 'playwright-core';
import sharp from 'sharp';
import { faultsOf } from './accessibility.ts';
import { openBrowser, watchedPages } from './browser.ts';
import { type ShopPages, startShopPages } from './shop-pages.ts';

jest.setTimeout(180_000);

let shop: ShopPages;
let browser: Browser;
let page: Page;
/** Path of the product that is added here. */
let cup: string;
const { openPage, complaints } = watchedPages(
  () => browser,
  () => shop.url,
);

beforeAll(async () => {
  shop = await startShopPages({ hasPhotos: true });
  browser = await openBrowser();
  page = await openPage({});
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

const press = (name: string, at = page) => at.getByRole('button', { name, exact: true }).click();
const heading = (name: string | RegExp, at = page) => at.getByRole('heading', { level: 1, name }).waitFor();
const tab = (name: string) => page.getByLabel('About this product').getByRole('link', { name }).click();

/** A photo with something in it. */
const noise = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });
const jpeg = async (name: string, width: number, height: number) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await noise(width, height).jpeg().toBuffer(),
});
const choose = (file: Awaited<ReturnType<typeof jpeg>>) => page.setInputFiles('#photo-files', [file]);
/** What is asked of a picture in the browser, and of a bar of progress. */
interface Picture {
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly currentSrc: string;
  decode(): Promise<void>;
}
const decodedSize = async (picture: unknown): Promise<string> => {
  const shown = picture as Picture;
  await shown.decode();
  return `${shown.naturalWidth} × ${shown.naturalHeight}`;
};
const sourceOf = (picture: unknown): string => (picture as Picture).currentSrc;
const shareOf = (progress: unknown): number => (progress as { value: number }).value;

/** So that a photo takes its time; until the session is detached. */
async function slowUploads(): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  const rates = { latency: 0, downloadThroughput: -1, uploadThroughput: 100_000 };
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, ...rates });
  return session;
}

/** The words under a photo that was sent, once it has come to this. */
async function sent(fileName: string, state: string): Promise<string> {
  const row = page.locator(`.sent[data-state="${state}"]`, {
    has: page.getByText(fileName, { exact: true }),
  });
  await row.first().waitFor();
  return row.first().innerText();
}

describe('who sells', () => {
  it('signs in as the admin that the page of a laptop shows, and meets the products', async () => {
    await page.goto('/seller');
    await heading('Sign in');
    await page.getByText(shop.admin.password).waitFor();
    await press('Sign in as this admin');
    await heading('Products');
    await page.getByLabel('Search your products').fill('olive');
    await press('Search');
    await page.getByRole('link', { name: 'Olive tea tin' }).waitFor();
  });

  it('adds a product, and is told at the field what is missing', async () => {
    await page.getByRole('link', { name: 'Add a product' }).click();
    await page.getByLabel('Name').fill('Slate cup');
    await page.getByLabel('Description').fill('Grey as rain,\nwarm as tea.');
    await page.getByLabel('Category').selectOption({ label: 'Table' });
    await page.getByLabel('Price').fill('1,234');
    await press('Add it');
    expect(await page.locator('#price-fault').innerText()).toContain('such as 49.00');
    expect(await page.getByLabel('Name').inputValue()).toBe('Slate cup');
    await page.getByLabel('Price').fill('12.50');
    await press('Add it');
    await page.getByText('It is added. Now give it a photo').waitFor();
    [, cup] = /\/seller(\/products\/[^/]+)\/photos$/.exec(page.url()) as unknown as [string, string];
  });

  it('adds stock with a reason that stands in the ledger, and cannot take more than there is', async () => {
    await tab('Stock');
    await page.getByLabel('How many').fill('7');
    await page.getByLabel('Why').selectOption({ label: 'Delivered' });
    await press('Change the stock');
    await page.getByText('The stock is changed').waitFor();
    expect(await page.locator('.figures dd').allInnerTexts()).toEqual(['7', '0', '7']);
    expect(await page.locator('.ledger li').first().innerText()).toMatch(/\+7\s+Delivered/);
    await page.getByLabel('Take pieces away').check();
    await page.getByLabel('How many').fill('8');
    await page.getByLabel('Why').selectOption({ label: 'Damaged' });
    await press('Change the stock');
    expect(await page.locator('#pieces-fault').innerText()).toContain('Orders have more pieces');
    expect(await page.getByLabel('Take pieces away').isChecked()).toBe(true);
  });
});

describe('a photo', () => {
  it('goes to the store with a preview, and its renditions are on the product’s page', async () => {
    await tab('Photos');
    const network = await slowUploads();
    await choose(await jpeg('cup.jpg', 1_000, 600));
    expect(await page.locator('.upload-preview').evaluate(decodedSize)).toBe('1000 × 600');
    await page.getByText(/^Sending: [1-9]\d? %$/).waitFor();
    expect(await page.locator('.upload progress').evaluate(shareOf)).toBeGreaterThan(0);
    await network.detach();
    expect(await sent('cup.jpg', 'shown')).toContain('The shop shows this photo.');
    expect(await page.locator('[data-upload-news]').innerText()).toBe('cup.jpg: The shop shows this photo.');
    expect(await page.locator('.upload').count()).toBe(0);
    expect(await page.locator('.renditions li').allInnerTexts()).toEqual([
      'thumbnail 160 × 96',
      'small 480 × 288',
      'medium 960 × 576',
    ]);
    await page.goto(cup);
    const image = page.locator('.product img');
    const [srcset, width, height, loading] = await Promise.all(
      ['srcset', 'width', 'height', 'loading'].map((name) => image.getAttribute(name)),
    );
    expect(srcset).toMatch(/thumbnail\.\w+ 160w, \S+small\.\w+ 480w, \S+medium\.\w+ 960w$/);
    expect([width, height, loading]).toEqual(['960', '576', 'eager']);
    // The largest one for a page this wide, and it is really there.
    await image.evaluate(decodedSize);
    expect(await image.evaluate(sourceOf)).toMatch(/medium\.\w+$/);
    await page.goto('/products');
    expect(await page.locator(`a[href="${cup}"] img`).getAttribute('loading')).toBe('lazy');
  });

  it('is chosen by keyboard, and dropped from outside the browser', async () => {
    // From the first listener on the browser hands choosers over; one that is added with the key would come too late.
    page.on('filechooser', () => {});
    await page.goto(`/seller${cup}/photos`);
    await page.getByLabel('Choose a photo, or drop it here').focus();
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles([await jpeg('keyboard.jpg', 300, 300)]);
    await sent('keyboard.jpg', 'shown');
    expect(await sent('cup.jpg', 'replaced')).toContain('A newer photo has taken its place.');
    const { buffer } = await jpeg('dropped.jpg', 320, 320);
    const dataTransfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob('${buffer.toString('base64')}'), (character) => character.charCodeAt(0));
      data.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }));
      return data;
    })()`);
    await page.dispatchEvent('[data-drop]', 'drop', { dataTransfer });
    await sent('dropped.jpg', 'shown');
  });

  it('that is no photo at all says why, and the one before it stays', async () => {
    await choose({
      name: 'fake.jpg',
      mimeType: 'image/jpeg',
      buffer: await noise(300, 300).png().toBuffer(),
    });
    expect(await sent('fake.jpg', 'rejected')).toContain('Refused: its content is not what its name says.');
    const whole = await jpeg('cut.jpg', 900, 900);
    await choose({ ...whole, buffer: whole.buffer.subarray(0, whole.buffer.length / 3) });
    expect(await sent('cut.jpg', 'rejected')).toContain('Refused: the picture is broken');
    await page.reload();
    expect(await sent('cut.jpg', 'rejected')).toContain('Refused: the picture is broken');
    await sent('dropped.jpg', 'shown');
  });

  it.each([
    ['a drawing', 'x.svg', 'image/svg+xml', '<svg/>', 'Not sent: the shop takes JPEG'],
    ['an empty file', 'empty.jpg', 'image/jpeg', '', 'Not sent: the file is empty.'],
  ])('is not sent at all where it is %s', async (_what, name, mimeType, content, words) => {
    await choose({ name, mimeType, buffer: Buffer.from(content) });
    const card = page.locator('.upload', { hasText: name });
    expect(await card.locator('.upload-words').innerText()).toContain(words);
    await press('Close');
    expect(await page.evaluate('document.activeElement.id')).toBe('photo-files');
  });

  it('that cannot be sent can be tried again', async () => {
    await page.route('**/uploads', (route) => route.abort());
    await choose(await jpeg('later.jpg', 300, 300));
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.unroute('**/uploads');
    await press('Try again');
    await sent('later.jpg', 'shown');
  });
});

describe('a product', () => {
  it('that two people change at once says so to the second, and keeps what both have written', async () => {
    const other = await openPage({ storageState: await page.context().storageState() });
    for (const at of [page, other]) await at.goto(`/seller${cup}`);
    await other.getByLabel('Name').fill('Slate beaker');
    await press('Save', other);
    await other.getByText('Your changes are saved.').waitFor();
    await page.getByLabel('Price').fill('13.00');
    await press('Save');
    await page.getByRole('heading', { name: 'Somebody else has changed it meanwhile' }).waitFor();
    expect(await page.locator('.conflict dl').innerText()).toMatch(/Name\s+Now: Slate beaker/);
    await press('Save mine over that');
    await heading('Slate beaker');
    expect(await page.getByLabel('Price').inputValue()).toBe('13.00');
  });

  it('is taken off and put back without scripts', async () => {
    const plain = await openPage({
      javaScriptEnabled: false,
      storageState: await page.context().storageState(),
    });
    await plain.goto(`/seller${cup}`);
    await press('Take it off', plain);
    await plain.getByText('It is off the shop').waitFor();
    expect((await plain.goto(cup))!.status()).toBe(404);
    await plain.goto('/seller?shelf=off');
    await plain.getByRole('link', { name: 'Slate beaker' }).click();
    await press('Put it back', plain);
    await plain.getByText('It is in the shop again.').waitFor();
    expect((await plain.goto(cup))!.status()).toBe(200);
  });

  it('gets a category that was made for it', async () => {
    await page.goto('/seller/categories');
    await page
      .locator('section', { hasText: 'Add a category' })
      .getByLabel('Name', { exact: true })
      .fill('Tea');
    await press('Add it');
    await page.getByText('The category is saved.').waitFor();
    await page.goto(`/seller${cup}`);
    await page.getByLabel('Category').selectOption({ label: 'Tea' });
    await press('Save');
    await page.goto('/categories/tea');
    await page.getByRole('link', { name: 'Slate beaker' }).waitFor();
  });

  it('is no business of a customer', async () => {
    const guest = await openPage({});
    await guest.goto(`/seller${cup}`);
    await heading('Sign in', guest);
  });
});

describe('its pages', () => {
  it('have met nothing that the browser complains of, beside the refusals and what was cut off', () => {
    const expected = complaints.filter((text) => /status of (4(04|09|22))|net::ERR_FAILED/.test(text));
    expect(complaints.filter((text) => !expected.includes(text))).toEqual([]);
  });

  // Those that look the same in a shop without photos are among the views (`views.ts`), which `every-page` has judged.
  it.each<[string, () => Promise<unknown>]>([
    ['the products', () => page.goto('/seller')],
    ['a stock that was changed', () => page.goto(`/seller${cup}/stock`)],
    [
      'photos, shown and refused,',
      async () => {
        await page.goto(`/seller${cup}/photos`);
        await choose({ name: 'x.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('x') });
        await page.locator('.upload-words', { hasText: 'Not sent' }).waitFor();
      },
    ],
  ])('show %s to everybody, in both colour schemes, on a phone and on a desktop', async (_what, open) => {
    await open();
    expect(await faultsOf(page)).toEqual([]);
  });
});
