// Somebody finds a product, makes an account, orders, and looks after the orders.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, watchedPages } from './browser.ts';
import { reloadUntil } from './scene.ts';
import { type ShopPages, startShopPages } from './shop-pages.ts';

jest.setTimeout(180_000);

const EMAIL = 'ann@mail.example';
const PASSWORD = 'seven quiet lamps';
const NEW_PASSWORD = `${PASSWORD} more`;
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
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
});

const press = (name: string, at = page) => at.getByRole('button', { name, exact: true }).click();
const heading = (name: string | RegExp, at = page) => at.getByRole('heading', { level: 1, name }).waitFor();
const cartCount = () => page.locator('.count').getAttribute('data-count');

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

describe('somebody new', () => {
  it('finds a product by a word and puts it into the cart without an account', async () => {
    await page.goto('/');
    await page.getByLabel('Search products').fill('olive tea');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Olive tea tin' }).click();
    await heading('Olive tea tin');
    await page.getByLabel('Quantity').fill('2');
    await press('Add to cart');
    await heading('Your cart');
    expect(await page.locator('.sum').innerText()).toMatch(/€29\.00/);
    expect(await cartCount()).toBe('2');
  });

  it('signs up, and sets a password with the link of the mail, which leaves the address bar', async () => {
    await page.getByRole('link', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('Name').fill('Ann');
    await page.getByLabel('E-mail').fill(EMAIL);
    await press('Send me the mail');
    await heading('Look into your mail');

    await page.goto(await shop.mailedLink(EMAIL));
    await heading('Confirm your e-mail');
    expect(page.url()).toBe(`${shop.url}/account/verify-email`);
    await page.getByLabel('New password').fill('password1234');
    await press('Confirm');
    expect(await page.locator('#password-fault').innerText()).toContain('Many people use this password');
    await page.getByLabel('New password').fill(PASSWORD);
    await press('Confirm');
    await page.getByText('Your e-mail is confirmed.').waitFor();
  });

  it('signs in, and finds in the cart what was chosen before', async () => {
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill('not the password');
    await press('Sign in');
    expect(await page.getByRole('alert').innerText()).toContain('do not belong together');
    await page.getByLabel('Password').fill(PASSWORD);
    await press('Sign in');
    await heading('Your cart');
    await page.getByRole('link', { name: 'Olive tea tin' }).waitFor();
    expect(await cartCount()).toBe('2');
    await page.getByLabel('Quantity of Olive tea tin').fill('3');
    await press('Update');
    expect(await cartCount()).toBe('3');
  });

  it('has tokens that no script of a page can read', async () => {
    expect(await page.evaluate('document.cookie')).toBe('');
    const cookies = await page.context().cookies();
    const tokens = cookies.filter(({ name }) => /access|refresh/.test(name));
    expect(tokens.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual([
      [true, 'Lax'],
      [true, 'Lax'],
    ]);
  });

  it('sees the account, signs out, and comes back by a new password', async () => {
    await page.getByRole('link', { name: 'Account' }).click();
    await heading('Hello, Ann');
    await press('Sign out');
    await page.getByText('You are signed out.').waitFor();
    expect(await cartCount()).toBe('0');
    await page.goto('/account/forgot-password');
    await page.getByLabel('E-mail').fill(EMAIL);
    const before = await shop.mailedLink(EMAIL);
    await press('Send me the mail');
    await heading('Look into your mail');
    let link = before;
    while (link === before) link = await shop.mailedLink(EMAIL);
    await page.goto(link);
    await heading('Set a new password');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await press('Set password');
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill(NEW_PASSWORD);
    await press('Sign in');
    await page.getByRole('link', { name: 'Account' }).waitFor();
  });
});

describe('a guest who buys', () => {
  it('is led from the cart through the sign-in to the checkout', async () => {
    await page.goto('/cart');
    await press('Remove Olive tea tin');
    await page.getByRole('link', { name: 'Account' }).click();
    await press('Sign out');
    await fillCart();
    await page.getByRole('link', { name: 'Sign in to order' }).click();
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill(NEW_PASSWORD);
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
    // The second click makes the browser drop the first answer, which a wait for an address would take for a failure.
    await plain.locator('h1[data-state]').waitFor();
    expect(plain.url()).toMatch(/\/orders\/[\w-]+$/);
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

  it('has met nothing that the browser complains of, beside the two refusals', () => {
    const refusals = complaints.filter((text) => /status of 40[01]/.test(text));
    expect(refusals).toHaveLength(2);
    expect(complaints.filter((text) => !refusals.includes(text))).toEqual([]);
  });
});
