import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, watchedPages } from './browser.ts';
import { reloadUntil } from './scene.ts';
import { type ShopPages, startShopPages } from './shop-pages.ts';

jest.setTimeout(180_000);

const EMAIL = 'ben@mail.example';
const PASSWORD = 'seven quiet lamps';
const PRODUCT = '/products/olive-tea-tin';

let shop: ShopPages;
let browser: Browser;
let page: Page;
const { openPage, complaints } = watchedPages(
  () => browser,
  () => shop.url,
);

beforeAll(async () => {
  shop = await startShopPages();
  browser = await openBrowser();
  page = await openPage({});
  await signUp();
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

const press = (name: string, at = page) => at.getByRole('button', { name, exact: true }).click();
const heading = (name: string | RegExp, at = page) => at.getByRole('heading', { level: 1, name }).waitFor();

async function signUp(): Promise<void> {
  await page.goto('/account/sign-up');
  await page.getByLabel('E-mail').fill(EMAIL);
  await press('Send me the mail');
  await heading('Look into your mail');
  await page.goto(await shop.mailedLink(EMAIL));
  await page.getByLabel('New password').fill(PASSWORD);
  await press('Confirm');
  await heading('Sign in');
}

async function fillCart(at = page): Promise<void> {
  await at.goto(PRODUCT);
  await press('Add to cart', at);
  await heading('Your cart', at);
}

/** To the page of an order that is paid with this card. */
async function order(card: string, at = page): Promise<void> {
  await fillCart(at);
  await at.getByRole('link', { name: 'Check out' }).click();
  await heading('Checkout', at);
  await at.getByLabel(card).check();
  await press('Place the order', at);
  await at.waitForURL(/\/orders\/[\w-]+$/);
}

const orderCount = async () => {
  await page.goto('/orders');
  return page.locator('.order-row').count();
};

describe('a guest who buys', () => {
  it('is led from the cart through the sign-in to the checkout', async () => {
    await fillCart();
    await page.getByRole('link', { name: 'Sign in to order' }).click();
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill(PASSWORD);
    await press('Sign in');
    await heading('Checkout');
    expect(await page.locator('.sum').innerText()).toMatch(/€14\.50/);
  });

  it('sees the order wait for a slow bank and then confirmed, on the page that was loaded once', async () => {
    await page.getByLabel('Card of a slow bank').check();
    await press('Place the order');
    await heading('Waiting for the payment');
    await page.evaluate('window.isLoadedOnce = true');
    await heading('Your order is confirmed');
    expect(await page.evaluate('window.isLoadedOnce')).toBe(true);
    expect(await page.locator('[data-stream-words]').innerText()).toBe('Your order is confirmed');
    expect(await page.getByRole('button', { name: 'Cancel the order' }).count()).toBe(0);
    // The cart gives what was ordered away by an event.
    await reloadUntil(page, async () => (await page.locator('.count').getAttribute('data-count')) === '0');
  });
});

describe('an order', () => {
  it('whose payment is declined says so, and its products go into the cart again', async () => {
    await order('Card that is declined');
    await heading('The order is cancelled');
    await page.getByText('Your bank declined the payment.').waitFor();
    await press('Put it into the cart again');
    await heading('Your cart');
    await page.getByRole('link', { name: 'Olive tea tin' }).waitFor();
    await press('Remove Olive tea tin');
  });

  it('can be cancelled while the bank has not answered', async () => {
    await order('Card of a slow bank');
    await press('Cancel the order');
    await heading('The order is cancelled');
    await page.getByText('You cancelled it.').waitFor();
  });

  it('is placed once by two clicks, and can be followed by looking again, without scripts', async () => {
    const before = await orderCount();
    const plain = await openPage({
      javaScriptEnabled: false,
      storageState: await page.context().storageState(),
    });
    await fillCart(plain);
    await plain.getByRole('link', { name: 'Check out' }).click();
    await plain.getByRole('button', { name: 'Place the order' }).dblclick();
    await plain.waitForURL(/\/orders\/[\w-]+$/);
    await reloadUntil(
      plain,
      async () => (await plain.locator('h1').innerText()) === 'Your order is confirmed',
    );
    expect(await orderCount()).toBe(before + 1);
  });

  it('is among the customer’s orders, and for nobody else', async () => {
    await page.goto('/orders');
    await page.getByText('Cancelled').first().waitFor();
    await page.locator('.order-row').last().click();
    await heading('Your order is confirmed');
    const stranger = await openPage({});
    await stranger.goto(page.url());
    await heading('Sign in', stranger);
  });

  it('has met nothing that the browser complains of', () => {
    expect(complaints).toEqual([]);
  });
});
