import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { storefrontConfig } from './config.ts';
import { answerCartOfVases, product, refusal, type SentRequest } from './test-services.ts';
import { type Answer, startTestSite, type Visitor } from './test-site.ts';

const KEY = 'pk_test_0123456789abcdef';
const STRIPE = { PAYMENT_FORM: 'stripe', STRIPE_PUBLISHABLE_KEY: KEY };
/** As long as Stripe's are. */
const CARD = `pm_${'1A'.repeat(12)}`;
const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

const site = openForSpec(() => startTestSite(STRIPE));
let visitor: Visitor;

beforeEach(async () => {
  const { answers, requests } = site.services;
  answerCartOfVases(site.services, '"5"');
  answers.set('POST /orders', placed);
  visitor = site.visitor();
  await visitor.post('/account/sign-in', { email: 'ann@mail.example', password: 'words' });
  requests.length = 0;
});

const placed = ({ headers }: SentRequest) => ({
  status: 201,
  body: {
    orderId: `order-of-${String(headers['idempotency-key'])}`,
    status: 'placed',
    lines: [{ productId: 'vase', quantity: 2, unitPriceMinor: 4_900 }],
    total: EUR(9_800),
    history: [{ status: 'placed', at: '2026-11-29T09:00:00.000Z' }],
  },
});
const formOf = ({ body }: Answer): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name!,
      value!,
    ]),
  );
const formWith = async (method: string): Promise<Record<string, string>> => ({
  ...formOf(await visitor.get('/checkout')),
  method,
});
const policyOf = ({ headers }: Answer) => String(headers['content-security-policy']);

describe('the checkout of a shop that Stripe pays', () => {
  it('has fields for a card, which Stripe’s script fills, and a button that waits for them', async () => {
    const { status, body } = await visitor.get('/checkout');
    expect(status).toBe(200);
    expect([...body.matchAll(/data-card-field="(\w+)"/g)].map(([, name]) => name)).toEqual([
      'cardNumber',
      'cardExpiry',
      'cardCvc',
    ]);
    expect(body).toContain(`data-publishable-key="${KEY}"`);
    expect(body).toMatch(/<button class="button" disabled>Place the order/);
    expect(body).toMatch(/src="\/assets\/card-\w+\.js"/);
    expect(body).not.toContain('Test cards');
  });

  it('says what it cannot do: without scripts, and where the bank wants a confirmation', async () => {
    const { body } = await visitor.get('/checkout');
    expect(body).toMatch(/<noscript><p class="fault">Cards can be entered only where scripts may run/);
    expect(body).toMatch(/3-D Secure\), it cannot be made here yet/);
  });

  it('has no field of its own that a card could be written into', async () => {
    const { body } = await visitor.get('/checkout');
    const form = body.slice(
      body.indexOf('action="/checkout"'),
      body.indexOf('</form>', body.indexOf('action="/checkout"')),
    );
    expect([...form.matchAll(/<(input|textarea|select)[^>]*>/g)].map(([tag]) => tag)).toEqual(
      ['key', 'lines', 'currency', 'total', 'method'].map((name) =>
        expect.stringContaining(`type="hidden" name="${name}"`),
      ),
    );
  });

  it('lets Stripe’s script, frames and API in, and still nothing inline', async () => {
    const page = await visitor.get('/checkout');
    const policy = policyOf(page);
    expect(policy).toContain("script-src 'self' https://js.stripe.com https://*.js.stripe.com;");
    expect(policy).toContain(
      'frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com;',
    );
    expect(policy).toContain("connect-src 'self' https://api.stripe.com;");
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(page.body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
  });

  it('is the only page that does', async () => {
    for (const url of ['/', '/products/vase', '/cart', '/account/sign-in', '/nowhere']) {
      const page = await visitor.get(url);
      expect(policyOf(page)).not.toMatch(/stripe|frame-src/);
      expect(page.body).not.toMatch(/stripe|\/assets\/card-/i);
    }
  });

  it('asks for no script of Stripe’s where nothing can be ordered', async () => {
    site.services.answers.set('GET /products/vase', { body: product('vase', { availableCount: 1 }) });
    const { body } = await visitor.get('/checkout');
    expect(body).toContain('Only 1 left');
    expect(body).not.toMatch(/\/assets\/card-|publishable/);
  });

  it('loads the release of Stripe’s script that goes with the API’s version of the payment service', async () => {
    const textOf = (file: string) => readFile(join(import.meta.dirname, file), 'utf8');
    const [, release] = /API_VERSION = '[\d-]+\.(\w+)'/.exec(await textOf('../payment/stripe.ts'))!;
    expect(await textOf('pages/card/stripe-browser.ts')).toContain(
      `STRIPE_JS_URL = 'https://js.stripe.com/${release}/stripe.js'`,
    );
  });
});

describe('an order that a card pays', () => {
  it('carries the id of the card, and the key of its cart', async () => {
    const form = formOf(await visitor.get('/checkout'));
    const { status, headers } = await visitor.post('/checkout', { ...form, method: CARD });
    expect([status, headers.location]).toEqual([303, `/orders/order-of-${form.key}`]);
    const [sent] = site.services.sent('POST /orders');
    expect(sent!.headers['idempotency-key']).toBe(form.key);
    expect(sent!.body).toMatchObject({ expectedTotalMinor: 9_800, paymentMethod: CARD });
  });

  it('is the same order when its form is sent again', async () => {
    const form = await formWith(CARD);
    const both = await Promise.all([visitor.post('/checkout', form), visitor.post('/checkout', form)]);
    expect(new Set(both.map(({ headers }) => headers.location)).size).toBe(1);
    expect(
      new Set(site.services.sent('POST /orders').map(({ headers }) => headers['idempotency-key'])),
    ).toEqual(new Set([form.key]));
  });

  it('is sent again with the same card by the page that does not know', async () => {
    const form = await formWith(CARD);
    site.services.answers.set('POST /orders', { status: 502 });
    const unsure = await visitor.post('/checkout', form);
    expect(unsure.body).toContain('We do not know yet');
    expect(policyOf(unsure)).not.toContain('stripe');
    expect(formOf(unsure)).toEqual(form);
  });

  it('that was refused asks for the card once more, as its id may be used once', async () => {
    const form = await formWith(CARD);
    const changed = new Problem(409, 'price-changed', 'Another total.', { total: EUR(11_000) });
    site.services.answers.set('POST /orders', refusal(changed));
    const refused = await visitor.post('/checkout', form);
    expect(refused.status).toBe(409);
    expect(policyOf(refused)).toContain('https://js.stripe.com');
    expect(formOf(refused)).toMatchObject({ total: '11000' });
    expect(refused.body).toContain('<input type="hidden" name="method" autocomplete="off"/>');
    expect(formOf(refused).key).not.toBe(form.key);
    expect(refused.body).not.toContain(CARD);
  });

  it.each([
    ['no card', ''],
    ['a test card of the sandbox', 'pm_ok'],
    ['the number of a card', '4242424242424242'],
    ['a token of another kind', `tok_${'1A'.repeat(12)}`],
    ['a secret key', `sk_live_${'1A'.repeat(12)}`],
    ['more than an order takes', `pm_${'1'.repeat(126)}`],
    ['a line break', `${CARD}\r\nx: y`],
    ['markup', '"><script>alert(1)</script>'],
  ])('is not asked for with %s, and what was sent is not shown again', async (_what, method) => {
    const form = formOf(await visitor.get('/checkout'));
    const { status, body } = await visitor.post('/checkout', { ...form, method });
    expect(status).toBe(422);
    expect(body).toMatch(/role="alert" data-card-fault[^>]*>Please enter your card\./);
    if (method) expect(body).not.toContain(method);
    expect(site.services.sent('POST /orders')).toEqual([]);
  });
});

describe('the settings', () => {
  const needed = {
    SHOP_URL: 'http://shop.test',
    ...Object.fromEntries(
      ['USER', 'PRODUCT', 'CART', 'ORDER', 'PAYMENT'].map((name) => [
        `${name}_SERVICE_URL`,
        'http://service.test',
      ]),
    ),
  };
  const read = (key: string) => loadConfig(storefrontConfig, { ...needed, STRIPE_PUBLISHABLE_KEY: key });

  it.each([KEY, 'pk_live_0123456789abcdef'])('take %s', (key) => {
    expect(read(key).STRIPE_PUBLISHABLE_KEY).toBe(key);
  });

  it('take the word of an environment that has no key for none', () => {
    expect(read('none').STRIPE_PUBLISHABLE_KEY).toBe(undefined);
  });

  it.each([
    'sk_live_0123456789abcdef',
    'rk_live_0123456789abcdef',
    'whsec_0123456789abcdef',
    'pk_live_',
    'pk_prod_0123456789abcdef',
    `${KEY} sk_live_0123456789abcdef`,
    `${KEY}"><script>`,
  ])('refuse %s for a publishable key, and do not repeat it', (key) => {
    const refused = (): unknown => {
      try {
        return read(key);
      } catch (error) {
        return String(error);
      }
    };
    expect(refused()).toMatch(/STRIPE_PUBLISHABLE_KEY: expected a publishable key/);
    expect(refused()).not.toContain('0123456789');
  });

  it.each(['', 'none'])('start no shop that Stripe pays and whose key is %p', async (key) => {
    await expect(startTestSite({ ...STRIPE, STRIPE_PUBLISHABLE_KEY: key })).rejects.toThrow(
      'PAYMENT_FORM=stripe needs STRIPE_PUBLISHABLE_KEY',
    );
  });

  it('keep Stripe out of a checkout of test cards, whatever key is there', async () => {
    const sandbox = await startTestSite({ STRIPE_PUBLISHABLE_KEY: KEY });
    const ann = sandbox.visitor();
    for (const [call, answer] of site.services.answers) sandbox.services.answers.set(call, answer);
    await ann.post('/account/sign-in', { email: 'ann@mail.example', password: 'words' });
    const page = await ann.get('/checkout');
    expect(page.body).toContain('Test cards');
    expect(`${page.body} ${policyOf(page)}`).not.toMatch(/stripe|pk_test/i);
    await sandbox.close();
  });
});
