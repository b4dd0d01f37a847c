// A shop in which all of its pages have something to show: who visits it, what they have ordered, and storefronts that are in trouble.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort } from '../../local/launcher/ports.ts';
import { sampleProducts } from '../../services/product/samples.ts';

/** What a scene needs of a running shop. */
export interface Shop {
  readonly url: string;
  /** Of the newest mail to an address, once there is one. */
  mailedLink(email: string): Promise<string>;
  /** One more storefront over the same services, with these settings changed; it ends with the shop. Resolves to its address. */
  startStorefront(settings: Readonly<Record<string, string>>): Promise<string>;
}

/**
 * guest: has done nothing yet. shopper: a guest with a cart. customer: has signed in, has orders and a cart. latecomer: signed in,
 * what is in the cart was sold out since. newcomer: signed in, with nothing. admin: the sample admin of the laptop.
 */
export type Visitor = 'guest' | 'shopper' | 'customer' | 'latecomer' | 'newcomer' | 'admin';

export interface Scene {
  readonly shop: Shop;
  /** One page each, in a browser context of its own: documents alone have the right cookies (docs/gotchas.md), so nobody waits for streams. */
  readonly pages: Readonly<Record<Visitor, Page>>;
  /** Path of a product. */
  readonly soldOut: string;
  /** Of a mail, not used yet. */
  readonly resetLink: string;
  /** Paths of the customer's orders. */
  readonly orders: Readonly<Record<'confirmed' | 'declined' | 'waiting', string>>;
  /** Storefronts that cannot reach the product service, that cannot reach the order service, that take one request a minute. */
  readonly troubled: Readonly<Record<'withoutProducts' | 'withoutOrders' | 'hurried', string>>;
  /** A storefront that takes real cards. */
  readonly withCards: string;
}

const PASSWORD = 'seven quiet lamps';
/** There are few of it: one order empties the shelf. */
const SCARCE = sampleProducts.toSorted((one, other) => one.pieceCount - other.pieceCount)[0]!;
const COMMON = sampleProducts.filter(({ pieceCount }) => pieceCount >= 40).map(({ productId }) => productId);
const RELOAD_MS = 500;
/** A slow bank must be slower than who looks at the order that waits for it. */
export const PATIENCE = { SANDBOX_LATE_MS: '600000' };

/** Everything by the pages themselves, as people do it. */
export async function prepareScene(
  shop: Shop,
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Scene> {
  const pages = await openPages(browser, { locale: 'en-GB', baseURL: shop.url, ...options });
  const { guest, shopper, customer, latecomer, newcomer, admin } = pages;
  const emailOf = (name: string): string => `${name}-${randomUUID().slice(0, 8)}@mail.example`;
  const cleo = emailOf('cleo');
  await Promise.all([
    signUp(shop, customer, emailOf('ann')),
    signUp(shop, latecomer, emailOf('ben')),
    signUp(shop, newcomer, cleo),
    signInAsAdmin(admin),
  ]);
  await addToCart(latecomer, SCARCE.productId, 1);
  await addToCart(latecomer, COMMON[0]!, 1);
  const orders = await placeOrders(customer);
  for (const page of [shopper, customer]) {
    await addToCart(page, COMMON[0]!, 2);
    await addToCart(page, COMMON[4]!, 1);
  }
  return {
    shop,
    pages,
    soldOut: `/products/${SCARCE.productId}`,
    resetLink: await askReset(shop, guest, cleo),
    orders,
    troubled: await startTroubled(shop),
    withCards: await shop.startStorefront({
      PAYMENT_FORM: 'stripe',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_0123456789abcdef',
    }),
  };
}

async function openPages(browser: Browser, options: BrowserContextOptions): Promise<Scene['pages']> {
  const openPage = async (): Promise<Page> => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(30_000);
    return context.newPage();
  };
  return {
    guest: await openPage(),
    shopper: await openPage(),
    customer: await openPage(),
    latecomer: await openPage(),
    newcomer: await openPage(),
    admin: await openPage(),
  };
}

/** One for each way that it can end, or wait. The first empties a shelf. */
async function placeOrders(customer: Page): Promise<Scene['orders']> {
  const confirmed = await order(customer, 'Card that works', [[SCARCE.productId, SCARCE.pieceCount]]);
  await reached(customer, 'confirmed');
  const declined = await order(customer, 'Card that is declined', [[COMMON[1]!, 1]]);
  await reached(customer, 'cancelled');
  const waiting = await order(customer, 'Card of a slow bank', [
    [COMMON[2]!, 2],
    [COMMON[3]!, 1],
  ]);
  await reached(customer, 'reserved');
  return { confirmed, declined, waiting };
}

async function startTroubled(shop: Shop): Promise<Scene['troubled']> {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  return {
    withoutProducts: await shop.startStorefront({ PRODUCT_SERVICE_URL: nobody }),
    withoutOrders: await shop.startStorefront({ ORDER_SERVICE_URL: nobody }),
    hurried: await shop.startStorefront({ RATE_LIMIT_PER_MINUTE: '1' }),
  };
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

async function signUp(shop: Shop, page: Page, email: string): Promise<void> {
  await page.goto('/account/sign-up');
  await page.getByLabel('Name').fill(`${email.charAt(0).toUpperCase()}${email.slice(1, email.indexOf('-'))}`);
  await page.getByLabel('E-mail').fill(email);
  await press(page, 'Send me the mail');
  await heading(page, 'Look into your mail');
  await page.goto(await shop.mailedLink(email));
  await page.getByLabel('New password').fill(PASSWORD);
  await press(page, 'Confirm');
  await heading(page, 'Sign in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await press(page, 'Sign in');
  await page.getByRole('link', { name: 'Account' }).waitFor();
}

/** By the button that a laptop's sign-in page has. */
async function signInAsAdmin(page: Page): Promise<void> {
  await page.goto('/account/sign-in');
  await press(page, 'Sign in as this admin');
  await heading(page, 'Products');
}

async function askReset(shop: Shop, page: Page, email: string): Promise<string> {
  const before = await shop.mailedLink(email);
  await page.goto('/account/forgot-password');
  await page.getByLabel('E-mail').fill(email);
  await press(page, 'Send me the mail');
  let link = before;
  while (link === before) link = await shop.mailedLink(email);
  return link;
}

async function addToCart(page: Page, productId: string, quantity: number): Promise<void> {
  await page.goto(`/products/${productId}`);
  await page.getByLabel('Quantity').fill(String(quantity));
  await press(page, 'Add to cart');
  await heading(page, 'Your cart');
}

/** That its page follows an order by itself is the subject of others. */
const reached = (page: Page, status: string): Promise<void> =>
  reloadUntil(page, async () => (await page.locator(`h1[data-state="${status}"]`).count()) > 0);

/** Path of the new order; the cart is empty again after it. */
async function order(
  page: Page,
  card: string,
  lines: readonly (readonly [productId: string, quantity: number])[],
): Promise<string> {
  for (const [productId, quantity] of lines) await addToCart(page, productId, quantity);
  await page.goto('/checkout');
  await page.getByLabel(card).check();
  await press(page, 'Place the order');
  await page.waitForURL(/\/orders\/[\w-]+$/);
  const { pathname } = new URL(page.url());
  // The cart gives what was ordered away by an event.
  await reloadUntil(page, async () => (await page.locator('.count').getAttribute('data-count')) === '0');
  return pathname;
}

/** As patient people do it: who is too quick is refused by the limits of the services, and by that of streams. */
export async function reloadUntil(page: Page, check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) {
    await sleep(RELOAD_MS);
    await page.reload();
  }
}
