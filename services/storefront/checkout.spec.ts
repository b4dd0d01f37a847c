import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { SANDBOX_METHODS } from './bff/sandbox-methods.ts';
import { type CannedAnswer, product, refusal, type SentRequest } from './test-services.ts';
import { type Answer, startTestSite, type TestSite, type Visitor } from './test-site.ts';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

const site = openForSpec(() => startTestSite());
let visitor: Visitor;
/** Of the order service: what it keeps under each key. */
let placed: Map<string, { readonly body: string; readonly answer: CannedAnswer }>;

beforeEach(async () => {
  visitor = await customer(site);
  site.services.requests.length = 0;
  placed = new Map();
  cartHolds(2, 9_800, 5);
  answer('GET /products/vase', { body: product('vase') });
  site.services.answers.set('POST /orders', (request) => orderService(request, acceptedOrder));
});

const answer = (call: string, given: CannedAnswer) => site.services.answers.set(call, given);

async function customer({ services, visitor: come }: TestSite): Promise<Visitor> {
  services.answers.set('POST /sessions', {
    body: { accessToken: 'access.1', refreshToken: 'refresh-1', expiresInS: 900 },
  });
  const signedIn = come();
  await signedIn.post('/account/sign-in', { email: 'ann@mail.example', password: 'words' });
  return signedIn;
}

function cartHolds(quantity: number, total: number, version: number, change: Record<string, unknown> = {}) {
  const line = { productId: 'vase', name: 'The vase', quantity, unitPrice: EUR(total / quantity) };
  answer('GET /cart', {
    body: {
      lines: [{ ...line, lineTotal: EUR(total), isAvailable: true, ...change }],
      totals: [EUR(total)],
      isOrderable: change.isAvailable !== false,
    },
    headers: { etag: `"${version}"` },
  });
}

const acceptedOrder = (key: string): CannedAnswer => ({
  status: 201,
  body: {
    orderId: `order-of-${key}`,
    status: 'placed',
    lines: [{ productId: 'vase', quantity: 2, unitPriceMinor: 4_900 }],
    total: EUR(9_800),
    history: [{ status: 'placed', at: '2026-11-29T09:00:00.000Z' }],
  },
});

/** As runtime/http/idempotency.ts: the first answer stays, refusals too, and another body under its key is refused. */
function orderService({ headers, body }: SentRequest, first: (key: string) => CannedAnswer): CannedAnswer {
  const key = String(headers['idempotency-key']);
  const known = placed.get(key) ?? { body: JSON.stringify(body), answer: first(key) };
  placed.set(key, known);
  if (known.body !== JSON.stringify(body))
    return refusal(new Problem(422, 'idempotency-key-reused', 'Take a new one.'));
  return known.answer;
}

/** The hidden fields of the form. */
const formOf = ({ body }: Answer): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name!,
      value!,
    ]),
  );
const open = async () => formOf(await visitor.get('/checkout'));
const send = (form: Record<string, string>, method = 'pm_ok') =>
  visitor.post('/checkout', { ...form, method });
const orders = () => [...placed.values()].filter(({ answer: { status } }) => status === 201);

describe('a guest', () => {
  it('is led from the cart to the sign-in and back to the checkout', async () => {
    const guest = site.visitor();
    guest.cookies.set('shop-cart', 'vase.1');
    expect((await guest.get('/cart')).body).toContain('href="/account/sign-in?next=checkout"');
    expect((await guest.get('/checkout')).headers.location).toBe('/account/sign-in?next=checkout');
    const signIn = await guest.get('/account/sign-in?next=checkout');
    answer('PUT /cart/lines/vase', { body: { lines: [], totals: [], isOrderable: false } });
    const { headers } = await guest.post('/account/sign-in', {
      ...formOf(signIn),
      email: 'ann@mail.example',
      password: 'words',
    });
    expect(headers.location).toBe('/checkout');
  });

  it.each(['https://evil.example', '//evil.example', '/checkout', 'constructor', 'checkout/../x'])(
    'is led nowhere else by %p',
    async (next) => {
      const url = `/account/sign-in?next=${encodeURIComponent(next)}`;
      expect((await site.visitor().get(url)).body).not.toContain('name="next"');
      const { headers } = await site
        .visitor()
        .post('/account/sign-in', { next, email: 'ann@mail.example', password: 'words' });
      expect(headers.location).toBe('/');
    },
  );

  it('cannot order', async () => {
    const guest = site.visitor();
    const form = { key: 'a'.repeat(32), lines: 'vase.1', currency: 'EUR', total: '1', method: 'pm_ok' };
    expect((await guest.post('/checkout', form)).headers.location).toBe('/account/sign-in?next=checkout');
    expect(site.services.sent('POST /orders')).toEqual([]);
  });

  it('whose session has ended while the checkout was open learns that nothing is ordered', async () => {
    const form = await open();
    for (const name of ['shop-access', 'shop-refresh']) visitor.cookies.delete(name);
    expect((await send(form)).headers.location).toBe('/account/sign-in?next=checkout');
    expect(orders()).toEqual([]);
    expect((await visitor.get('/account/sign-in?next=checkout')).body).toContain('Nothing is ordered');
  });
});

describe('the checkout', () => {
  it('shows what is ordered, its total, and every test card of the sandbox', async () => {
    const { status, body } = await visitor.get('/checkout');
    expect(status).toBe(200);
    expect(body).toContain('The vase');
    expect(body).toContain('€98.00');
    const offered = [...body.matchAll(/name="method" value="(\w+)"/g)].map(([, id]) => id);
    const readme = await readFile(join(import.meta.dirname, '../payment/README.md'), 'utf8');
    const table = readme.slice(readme.indexOf('| `pm_…` |'), readme.indexOf('| any other |'));
    const listed = new Set([...table.matchAll(/`(pm_\w+)`/g)].map(([, id]) => id));
    expect(new Set(offered)).toEqual(listed);
  });

  it('orders what it has shown, at the total that it has shown', async () => {
    const form = await open();
    const { status, headers } = await send(form, 'pm_late_ok');
    expect([status, headers.location]).toEqual([303, `/orders/order-of-${form.key}`]);
    const [sent] = site.services.sent('POST /orders');
    expect(sent!.headers).toMatchObject({ 'idempotency-key': form.key, authorization: 'Bearer access.1' });
    expect(sent!.body).toEqual({
      lines: [{ productId: 'vase', quantity: 2 }],
      currency: 'EUR',
      expectedTotalMinor: 9_800,
      paymentMethod: 'pm_late_ok',
    });
  });

  it('of an empty cart leads to what was ordered', async () => {
    answer('GET /cart', { body: { lines: [], totals: [], isOrderable: false }, headers: { etag: '"6"' } });
    const { body } = await visitor.get('/checkout');
    expect(body).toContain('Nothing to order');
    expect(body).toContain('href="/orders"');
    expect(body).not.toContain('action="/checkout"');
  });

  it('of a shop without a payment form offers no order and takes none', async () => {
    const bare = await startTestSite({ PAYMENT_FORM: '' });
    const ann = await customer(bare);
    bare.services.answers.set('GET /cart', site.services.answers.get('GET /cart')!);
    const page = await ann.get('/checkout');
    expect(page.body).toContain('cannot take payments');
    const sent = { key: 'a'.repeat(32), lines: 'vase.2', currency: 'EUR', total: '9800' };
    for (const method of ['pm_ok', `pm_${'1A'.repeat(12)}`, ''])
      expect((await ann.post('/checkout', { ...sent, method })).status).toBe(422);
    expect(bare.services.sent('POST /orders')).toEqual([]);
    await bare.close();
  });
});

describe('an order is placed once', () => {
  it('by a double click', async () => {
    const form = await open();
    const both = await Promise.all([send(form), send(form)]);
    expect(new Set(both.map(({ headers }) => headers.location)).size).toBe(1);
    expect(orders()).toHaveLength(1);
  });

  it('when the second click meets the first one’s work in progress', async () => {
    const form = await open();
    let count = 0;
    site.services.answers.set('POST /orders', (request) => {
      count += 1;
      return count < 3
        ? refusal(new Problem(409, 'request-in-progress', 'Ask again.'))
        : orderService(request, acceptedOrder);
    });
    expect((await send(form)).headers.location).toBe(`/orders/order-of-${form.key}`);
    expect(
      new Set(site.services.sent('POST /orders').map(({ headers }) => headers['idempotency-key'])),
    ).toEqual(new Set([form.key]));
  });

  it('when its page is opened again, in another tab, or gone back to, while the cart is the same', async () => {
    const first = await open();
    await send(first);
    const again = await open();
    expect(again).toEqual(first);
    expect((await send(again)).headers.location).toBe(`/orders/order-of-${first.key}`);
    expect(orders()).toHaveLength(1);
  });

  it('when another card is chosen for an order that is placed already', async () => {
    const form = await open();
    await send(form);
    expect((await send(form, 'pm_late_ok')).headers.location).toBe('/orders');
    expect(orders()).toHaveLength(1);
  });

  it('when the answer got lost, and the page that says so sends the same again', async () => {
    const form = await open();
    site.services.answers.set('POST /orders', (request) => {
      orderService(request, acceptedOrder);
      return { status: 502 };
    });
    const unsure = await send(form);
    expect(unsure.status).toBe(503);
    expect(unsure.body).toContain('We do not know yet');
    site.services.answers.set('POST /orders', (request) => orderService(request, acceptedOrder));
    expect((await visitor.post('/checkout', formOf(unsure))).headers.location).toBe(
      `/orders/order-of-${form.key}`,
    );
    expect(orders()).toHaveLength(1);
  });

  it('but a second time for the next version of the cart, with the same things in it', async () => {
    const first = await open();
    await send(first);
    cartHolds(2, 9_800, 7);
    const second = await open();
    expect(second.key).not.toBe(first.key);
    await send(second);
    expect(orders()).toHaveLength(2);
  });
});

describe('what has changed', () => {
  const priceChanged = refusal(new Problem(409, 'price-changed', 'Another total.', { total: EUR(11_000) }));

  it('in price is shown with the new total, which is the one that is ordered next, with another key', async () => {
    const form = await open();
    site.services.answers.set('POST /orders', (request) =>
      orderService(request, (key) => (key === form.key ? priceChanged : acceptedOrder(key))),
    );
    const refused = await send(form);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatch(/role="alert">Prices have changed/);
    expect(refused.body).toContain('€110.00');
    const next = formOf(refused);
    expect(next.total).toBe('11000');
    expect(next.key).not.toBe(form.key);
    expect((await send(next)).headers.location).toBe(`/orders/order-of-${next.key}`);
  });

  it('in price, shown after both of two clicks, leads both to one next order', async () => {
    const form = await open();
    site.services.answers.set('POST /orders', (request) => orderService(request, () => priceChanged));
    const both = await Promise.all([send(form), send(form)]);
    const keys = new Set(both.map((page) => formOf(page).key));
    expect(keys.size).toBe(1);
    expect((await open()).key).toBe([...keys][0]);
  });

  it('in stock is shown at its line, and nothing can be ordered until the cart is changed', async () => {
    answer('GET /products/vase', { body: product('vase', { availableCount: 1 }) });
    const { body } = await visitor.get('/checkout');
    expect(body).toContain('Only 1 left');
    expect(body).not.toContain('action="/checkout"');
  });

  it('since it was put into the cart is shown at its line', async () => {
    cartHolds(2, 9_800, 5, { priceChangedSince: EUR(4_000) });
    expect((await visitor.get('/checkout')).body).toMatch(/it was .*€40\.00/);
    cartHolds(2, 9_800, 5, { isAvailable: false });
    expect((await visitor.get('/checkout')).body).toContain('No longer sold');
  });

  it('is not made up where the product service is away', async () => {
    answer('GET /products/vase', { status: 503 });
    const { status, body } = await visitor.get('/checkout');
    expect(status).toBe(200);
    expect(body).toContain('action="/checkout"');
  });
});

describe('a form that no page of the shop has sent', () => {
  it.each<[string, Record<string, string>]>([
    ['no key', { key: '' }],
    ['a key of its own', { key: 'my-key' }],
    ['a key with a header in it', { key: `${'a'.repeat(31)}\r\nx: y` }],
    ['no lines', { lines: '' }],
    ['a quantity of nothing', { lines: 'vase.0' }],
    ['a quantity below nothing', { lines: 'vase.-1' }],
    ['a path for a product', { lines: '../admin.1' }],
    [
      'more lines than an order takes',
      { lines: Array.from({ length: 51 }, (_, at) => `p${at}.1`).join('~') },
    ],
    ['a currency that is none', { currency: 'XXX' }],
    ['a total that is no number', { total: '1e9' }],
    ['a total below nothing', { total: '-1' }],
    ['a total that no number holds exactly', { total: '9007199254740993' }],
    ['a card that is not offered', { method: 'pm_free' }],
    ['no card', { method: '' }],
    ['markup for a card', { method: '"><script>alert(1)</script>' }],
  ])('with %s is refused before the order service is called', async (_what, wrong) => {
    const { status, body } = await visitor.post('/checkout', {
      ...(await open()),
      method: 'pm_ok',
      ...wrong,
    });
    expect(status).toBe(422);
    expect(body).not.toContain('<script>alert');
    expect(body).toMatch(/class="(alert|fault)"/);
    expect(site.services.sent('POST /orders')).toEqual([]);
  });

  it('from another site is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const { status } = await visitor.post('/checkout', { ...(await open()), method: 'pm_ok' }, headers);
    expect(status).toBe(403);
    expect(site.services.sent('POST /orders')).toEqual([]);
  });

  it.each(['', 'x.5', 'a'.repeat(32), `${'g'.repeat(32)}.5`, '__proto__.5', '%00'])(
    'and a cookie that says %p make a key of the shop’s own',
    async (cookie) => {
      visitor.cookies.set('shop-checkout', cookie);
      const { key } = await open();
      expect(key).toMatch(/^[0-9a-f]{32}$/);
      expect(cookie).not.toContain(key);
    },
  );
});

it('has a name and an explanation for each card', () => {
  for (const { name, what } of SANDBOX_METHODS) expect([name, what]).not.toContain('');
});
