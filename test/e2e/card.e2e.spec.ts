// The form for real cards in a browser: the storefront, services whose answers this file sets, and a stand-in for Stripe.
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page, Route } from 'playwright-core';
import { freePort } from '../../local/launcher/ports.ts';
import { answerCartOfVases, type SentRequest } from '../../services/storefront/test-services.ts';
import { startTestSite, type TestSite } from '../../services/storefront/test-site.ts';
import { faultsOf } from './accessibility.ts';
import { openBrowser, watchedPages } from './browser.ts';
import {
  CARD,
  PAYMENT_METHOD,
  refuseCard,
  standInForStripe,
  tabThroughCard,
  typeCard,
} from './stripe-stand-in.ts';

jest.setTimeout(120_000);

const KEY = 'pk_test_0123456789abcdef';
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

let url: string;
let site: TestSite;
let browser: Browser;
let cartVersion = 0;
const { openPage, complaints } = watchedPages(
  () => browser,
  () => url,
);

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  site = await startTestSite({ SHOP_URL: url, PAYMENT_FORM: 'stripe', STRIPE_PUBLISHABLE_KEY: KEY });
  await site.app.listen({ host: '127.0.0.1', port });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(() => {
  const { answers, requests } = site.services;
  answerCartOfVases(site.services, `"${++cartVersion}"`);
  answers.set('POST /orders', acceptOrder);
  requests.length = 0;
  complaints.length = 0;
});

/** It is paid at once, so that its page follows nothing. */
function acceptOrder({ headers }: SentRequest) {
  const orderId = `order-of-${String(headers['idempotency-key'])}`;
  const at = '2026-11-29T09:00:00.000Z';
  const body = {
    orderId,
    status: 'confirmed',
    lines: [{ productId: 'vase', quantity: 2, unitPriceMinor: 4_900 }],
    total: EUR(9_800),
    history: ['placed', 'reserved', 'confirmed'].map((status) => ({ status, at })),
  };
  site.services.answers.set(`GET /orders/${orderId}`, { body });
  return { status: 201, body };
}

async function signedIn(options: Parameters<typeof openPage>[0] = {}): Promise<Page> {
  const page = await openPage(options);
  await page.goto('/account/sign-in');
  await page.getByLabel('E-mail').fill('ann@mail.example');
  await page.getByLabel('Password').fill('seven quiet lamps');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('link', { name: 'Account' }).waitFor();
  return page;
}
const readyPage = async (page: Page): Promise<Page> => {
  await page.goto('/checkout');
  await page.getByText('You can enter your card now.').waitFor();
  return page;
};
const place = (page: Page) => page.getByRole('button', { name: 'Place the order' });
const ordered = (page: Page) => page.getByRole('heading', { name: 'Your order is confirmed' }).waitFor();
const sentMethods = () =>
  site.services.sent('POST /orders').map(({ body }) => (body as { paymentMethod: string }).paymentMethod);
const abort = (route: Route) => route.abort();
const LOST = 'The fields for your card could not be loaded.';

describe('a card', () => {
  it('is written into frames of Stripe’s, and its id alone reaches the shop', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    const toShop: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(url)) toShop.push(`${request.url()} ${request.postData() ?? ''}`);
    });
    await readyPage(page);
    await typeCard(page);
    await place(page).click();
    await ordered(page);
    expect(sentMethods()).toEqual([PAYMENT_METHOD]);
    const sent = new URLSearchParams(toShop.find((one) => one.includes('method='))!.split(' ')[1]);
    expect([...sent.keys()]).toEqual(['key', 'lines', 'currency', 'total', 'method']);
    expect(toShop.join(' ')).not.toMatch(new RegExp(`${CARD.number}|${CARD.expiry}`));
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('can be entered and sent with the keyboard alone', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    await readyPage(page);
    await page.getByRole('link', { name: 'Change the cart' }).focus();
    await tabThroughCard(page);
    await page.keyboard.press('Enter');
    await ordered(page);
    expect(sentMethods()).toEqual([PAYMENT_METHOD]);
    await page.close();
  });

  it('that is wrong is told beside its field, and orders nothing until it is right', async () => {
    const page = await signedIn();
    const stripe = await standInForStripe(page);
    await readyPage(page);
    await typeCard(page, { number: '0000' });
    expect(await page.locator('[data-fault-of="cardNumber"]').innerText()).toBe('Number is not valid.');
    await place(page).click();
    await page.getByRole('alert').getByText('Your card is incomplete.').waitFor();
    expect([stripe.asked, sentMethods()]).toEqual([[], []]);
    await typeCard(page);
    expect(await page.locator('[data-fault-of="cardNumber"]').innerText()).toBe('');
    await place(page).click();
    await ordered(page);
    await page.close();
  });

  it('is handed to Stripe once, and ordered once, by any number of clicks', async () => {
    const page = await signedIn();
    const stripe = await standInForStripe(page);
    await readyPage(page);
    await typeCard(page);
    let release = (): void => {};
    const clicked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { answer } = stripe;
    stripe.answer = async (route) => {
      await clicked;
      await answer(route);
    };
    await place(page).dblclick();
    await place(page).click();
    expect(await place(page).getAttribute('aria-busy')).toBe('true');
    release();
    await ordered(page);
    expect(stripe.asked).toHaveLength(1);
    expect(sentMethods()).toHaveLength(1);
    await page.close();
  });

  it('that Stripe cannot take now may be sent again, and Stripe’s own words are not shown', async () => {
    const page = await signedIn();
    const stripe = await standInForStripe(page);
    const { answer } = stripe;
    await readyPage(page);
    await typeCard(page);
    stripe.answer = refuseCard;
    await place(page).click();
    await page.getByRole('alert').getByText('could not be handed to Stripe').waitFor();
    expect(await page.locator('main').innerText()).not.toContain('not for customers');
    expect(await place(page).getAttribute('aria-busy')).toBe(null);
    stripe.answer = answer;
    await place(page).click();
    await ordered(page);
    expect(sentMethods()).toEqual([PAYMENT_METHOD]);
    await page.close();
  });

  it('has the colours of the page in its fields, also after they have changed', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    await readyPage(page);
    const colorOf = (at: { evaluate(script: string): Promise<unknown> }, selector: string) =>
      at.evaluate(`getComputedStyle(document.querySelector('${selector}')).color`);
    const frame = page.frames().find((one) => one.url().includes('#cardNumber'))!;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const wanted = await colorOf(page, 'main');
      await frame.waitForFunction(
        `getComputedStyle(document.querySelector('input')).color === ${JSON.stringify(wanted)}`,
      );
    }
    expect(await colorOf(frame, 'input')).not.toBe('rgb(29, 33, 38)');
    // In another scheme than its page has, a frame would be white under pale letters.
    const scheme = "getComputedStyle(document.querySelector('#cardNumber iframe')).colorScheme";
    expect(await page.evaluate(scheme)).toBe('light');
    await page.close();
  });
});

describe('where no card can be entered', () => {
  it('the page says that Stripe’s script did not load, and loads it again', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    await page.route('https://js.stripe.com/**', abort);
    await page.goto('/checkout');
    await page.getByRole('alert').getByText(LOST).waitFor();
    expect(await place(page).isDisabled()).toBe(true);
    await page.unroute('https://js.stripe.com/**', abort);
    await page.getByRole('link', { name: 'Load the fields again' }).click();
    await page.getByText('You can enter your card now.').waitFor();
    expect(await page.getByText(LOST).count()).toBe(0);
    await typeCard(page);
    await place(page).click();
    await ordered(page);
    await page.close();
  });

  it('the page says so when nothing comes for long, and takes the fields that come after all', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    let release = (): void => {};
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('https://js.stripe.com/**', async (route) => {
      await late;
      await route.fallback();
    });
    await page.clock.install();
    await page.goto('/checkout', { waitUntil: 'commit' });
    await page.locator('script[src^="https://js.stripe.com"]').waitFor({ state: 'attached' });
    await page.clock.fastForward(15_000);
    await page.getByText(LOST).waitFor();
    release();
    await page.getByText('You can enter your card now.').waitFor();
    expect(await page.getByText(LOST).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Load the fields again' }).count()).toBe(0);
    await page.close();
  });

  it('the page says that it needs scripts, and shows no empty fields', async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    await page.goto('/checkout');
    const words = page.locator('noscript .fault');
    await words.waitFor();
    expect(await words.innerText()).toContain('Cards can be entered only where scripts may run.');
    expect(await page.locator('.card-field:visible').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Place the order' }).count()).toBe(0);
    await page.close();
  });

  it('the policy is the reason: with that of the other pages nothing of Stripe’s loads', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    await page.route('**/checkout', async (route) => {
      const [answer, home] = await Promise.all([route.fetch(), fetch(url)]);
      const policy = home.headers.get('content-security-policy')!;
      await route.fulfill({
        response: answer,
        headers: { ...answer.headers(), 'content-security-policy': policy },
      });
    });
    await page.goto('/checkout');
    await page.getByRole('alert').getByText(LOST).waitFor();
    expect(complaints.join(' ')).toMatch(/js\.stripe\.com.*violates.*Content Security Policy/s);
    await page.close();
  });
});

describe('the form for cards', () => {
  it('is for everybody, in both colour schemes, on a phone and on a desktop, also with its faults', async () => {
    const page = await signedIn();
    await standInForStripe(page);
    const found: string[] = [];
    const judge = async (state: string): Promise<void> => {
      found.push(...(await faultsOf(page)).map((fault) => `${state}, ${fault}`));
    };
    await readyPage(page);
    await judge('ready');
    await typeCard(page, { number: '0000' });
    await place(page).click();
    await page.getByText('Your card is incomplete.').waitFor();
    await judge('wrong');
    await page.route('https://js.stripe.com/**', abort);
    await page.reload();
    await page.getByText(LOST).waitFor();
    await judge('lost');
    expect(found).toEqual([]);
    await page.close();
  });
});
