import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, watchedPages } from './browser.ts';
import { type ShopPages, startShopPages } from './shop-pages.ts';

jest.setTimeout(180_000);

const EMAIL = 'ann@mail.example';
const PASSWORD = 'seven quiet lamps';

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

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const cartCount = () => page.locator('.count').getAttribute('data-count');

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
    await page.getByLabel('New password').fill(`${PASSWORD} more`);
    await press('Set password');
    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password').fill(`${PASSWORD} more`);
    await press('Sign in');
    await page.getByRole('link', { name: 'Account' }).waitFor();
  });

  it('has met nothing that the browser complains of, beside the two refusals', () => {
    const refusals = complaints.filter((text) => /status of 40[01]/.test(text));
    expect(refusals).toHaveLength(2);
    expect(complaints.filter((text) => !refusals.includes(text))).toEqual([]);
  });
});
