import { beforeEach, describe, expect, it } from '@jest/globals';
import { invalidRequest } from '#runtime/http/faults.ts';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { type CannedAnswer, product, refusal, type SentRequest } from './test-services.ts';
import { type Answer, startTestSite, type Visitor } from './test-site.ts';

const site = openForSpec(() => startTestSite({ UPLOADS_ORIGIN: 'http://store.test:9000/' }));
let visitor: Visitor;

beforeEach(() => {
  site.services.requests.length = 0;
  answer('GET /cart', { body: { lines: [], totals: [], isOrderable: false } });
  signedInAs('admin');
  shows({});
});

const answer = (call: string, given: CannedAnswer | ((request: SentRequest) => CannedAnswer)) =>
  site.services.answers.set(call, given);
const sent = (call: string) => site.services.sent(call);
const queryOf = ({ url }: SentRequest) => Object.fromEntries(new URL(url, 'http://any').searchParams);
const VASE = '/seller/products/vase';

function signedInAs(role: 'admin' | 'customer' | 'guest'): void {
  visitor = site.visitor();
  if (role !== 'guest') visitor.cookies.set('shop-access', 'access.1');
  answer('GET /users/me', { body: { userId: 'u-1', email: 'ann@mail.example', role } });
}

/** The product service has this vase. */
const shows = (change: Record<string, unknown>) =>
  answer('GET /products/vase', { body: product('vase', { version: 7, ...change }) });

/** The fields of the page's form with this action. */
function formOf({ body }: Answer, action: string): Record<string, string> {
  const [form = ''] = new RegExp(`<form[^>]*action="${action}"[\\s\\S]*?</form>`).exec(body) ?? [];
  const inputs = [...form.matchAll(/<input [^>]*name="(\w+)"[^>]*>/g)].filter(
    ([tag]) => !/type="(radio|checkbox)"/.test(tag) || tag.includes('checked'),
  );
  const texts = [...form.matchAll(/<textarea [^>]*name="(\w+)"[^>]*>([^<]*)</g)];
  const selects = [...form.matchAll(/<select [^>]*name="(\w+)"[\s\S]*?<\/select>/g)];
  return Object.fromEntries([
    ...inputs.map(([tag, name]) => [name, /value="([^"]*)"/.exec(tag)?.[1] ?? '']),
    ...texts.map(([, name, value]) => [name, value]),
    ...selects.map(([tag, name]) => [name, /value="([^"]*)" selected/.exec(tag)?.[1] ?? '']),
  ]) as Record<string, string>;
}
const faultOf = ({ body }: Answer, field: string) =>
  new RegExp(`id="${field}-fault">([^<]*)`).exec(body)?.[1];
const changedMeanwhile = () => refusal(new Problem(412, 'changed-meanwhile', 'It has changed.'));

const PAGES = [
  '/seller',
  '/seller/products/new',
  VASE,
  `${VASE}/stock`,
  `${VASE}/photos`,
  '/seller/categories',
];
const CHANGES: [string, string][] = [
  ['/seller/products', 'POST /products'],
  [VASE, 'PATCH /products/vase'],
  [`${VASE}/shelf`, 'DELETE /products/vase'],
  [`${VASE}/stock`, 'PUT /products/vase/stock'],
  [`${VASE}/uploads`, 'POST /products/vase/uploads'],
  ['/seller/categories', 'PUT /categories/garden'],
  ['/seller/categories/living', 'PUT /categories/living'],
];
/** A form that each of the changes would take. */
const ANY_FORM = {
  key: 'a'.repeat(32),
  name: 'Garden',
  price: '1',
  currency: 'EUR',
  categoryId: 'living',
  version: '7',
  seen: Array.from({ length: 5 }, () => 'a'.repeat(16)).join('.'),
  shelf: 'off',
  way: 'add',
  pieces: '1',
  reason: 'counted',
  fileName: 'a.jpg',
  contentType: 'image/jpeg',
  bytes: '1',
};

describe('the seller’s pages', () => {
  it.each(PAGES)('lead a guest of %s to the sign-in and back', async (url) => {
    signedInAs('guest');
    const { status, headers } = await visitor.get(url);
    expect([status, headers.location]).toEqual([303, '/account/sign-in?next=seller']);
  });

  it.each(PAGES)('show a customer nothing of %s', async (url) => {
    signedInAs('customer');
    const { status, body } = await visitor.get(url);
    expect(status).toBe(403);
    expect(body).toContain('for those who sell here');
    expect(site.services.requests.filter(({ call }) => call.includes('/products'))).toEqual([]);
  });

  it.each(CHANGES)('do nothing for a customer or a guest who sends a form to %s', async (url, call) => {
    for (const role of ['customer', 'guest'] as const) {
      signedInAs(role);
      expect([303, 401, 403]).toContain((await visitor.post(url, ANY_FORM)).status);
    }
    expect(sent(call)).toEqual([]);
  });

  it.each(CHANGES)('do nothing for another site that sends a form to %s', async (url, call) => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await visitor.post(url, ANY_FORM, headers)).status).toBe(403);
    expect(sent(call)).toEqual([]);
  });

  it('are linked from the accounts of sellers only', async () => {
    expect((await visitor.get('/account')).body).toContain('href="/seller"');
    signedInAs('customer');
    expect((await visitor.get('/account')).body).not.toContain('/seller');
  });

  it('alone load the script and styles of the seller, and run none inline', async () => {
    answer('GET /products/vase/uploads', { body: { items: [] } });
    answer('GET /products/vase/stock', { body: { onHand: 3, reserved: 1, available: 2 } });
    answer('GET /products/vase/stock/entries', { body: { items: [] } });
    expect((await visitor.get('/')).body).not.toContain('/assets/seller-');
    for (const url of PAGES) {
      const { status, body } = await visitor.get(url);
      expect(status).toBe(200);
      expect(body.match(/\/assets\/seller-\w+\.(css|js)/g)).toHaveLength(2);
      expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
    }
  });
});

describe('the list of products', () => {
  it('shows what is in the shop, sold out or not, with a link to the next page', async () => {
    answer('GET /products', {
      body: {
        items: [product('vase', { version: 1 }), product('lamp', { version: 1, availableCount: 0 })],
        next: 'a+b',
      },
    });
    const { body } = await visitor.get('/seller?q=blue+lamp');
    expect(body).toContain('href="/seller/products/vase"');
    expect(body).toContain('3 pieces');
    expect(body).toContain('Sold out');
    expect(body).toContain('href="/seller?q=blue+lamp&amp;cursor=a%2Bb"');
    const [request] = sent('GET /products');
    expect(queryOf(request!)).toMatchObject({ isActive: 'true', q: 'blue lamp' });
    answer('GET /products', { body: { items: [] } });
  });

  it('shows what was taken off apart, which takes the seller’s own token', async () => {
    const { body } = await visitor.get('/seller?shelf=off');
    expect(body).toContain('Nothing was taken off');
    const [request] = sent('GET /products');
    expect(queryOf(request!)).toMatchObject({ isActive: 'false' });
    expect(request!.headers.authorization).toBe('Bearer access.1');
  });

  it('answers also for an unknown shelf, and for words that no database can keep', async () => {
    expect((await visitor.get('/seller?shelf=__proto__&q=%00')).status).toBe(200);
    expect(queryOf(sent('GET /products')[0]!)).not.toHaveProperty('q');
  });
});

describe('a new product', () => {
  const open = async () => formOf(await visitor.get('/seller/products/new'), '/seller/products');
  const filled = async (change: Record<string, string> = {}): Promise<Record<string, string>> => ({
    ...(await open()),
    name: ' The vase ',
    description: 'Thrown\r\nby hand.',
    categoryId: 'living',
    price: '49,5',
    ...change,
  });

  it('is added once for its form, and leads to its photos', async () => {
    answer('POST /products', { status: 201, body: product('vase', { version: 1 }) });
    const form = await filled();
    const first = await visitor.post('/seller/products', form);
    await visitor.post('/seller/products', form);
    expect([first.status, first.headers.location]).toEqual([303, `${VASE}/photos`]);
    const requests = sent('POST /products');
    expect(requests[0]!.body).toEqual({
      name: 'The vase',
      description: 'Thrown\nby hand.',
      categoryId: 'living',
      price: { amountMinor: 4_950, currency: 'EUR' },
      isActive: true,
    });
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([form.key, form.key]);
  });

  it('waits out of the shop where its writer wants that', async () => {
    answer('POST /products', { status: 201, body: product('vase', { version: 1 }) });
    const { isActive: _, ...form } = await filled();
    await visitor.post('/seller/products', form);
    expect(sent('POST /products')[0]!.body).toMatchObject({ isActive: false });
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['without a name', { name: '  ' }, 'name', 'Please write a name'],
    ['with a name too long', { name: 'x'.repeat(201) }, 'name', 'Please write a name'],
    ['with a name that no database keeps', { name: 'a\0b' }, 'name', 'Please write a name'],
    ['with a description too long', { description: 'x'.repeat(5_001) }, 'description', 'at most 5,000'],
    ['without a category', { categoryId: '' }, 'categoryId', 'Please choose a category'],
    [
      'with a category that there is not',
      { categoryId: 'toString' },
      'categoryId',
      'Please choose a category',
    ],
    ['with a price of two readings', { price: '1,234' }, 'price', 'such as 49.00'],
    ['with a price that is none', { price: 'cheap' }, 'price', 'such as 49.00'],
    ['with a price below nothing', { price: '-1' }, 'price', 'such as 49.00'],
    ['with cents of a currency without', { price: '1.5', currency: 'JPY' }, 'price', 'such as 4900'],
    ['with a price that no order adds up', { price: '90071992547409.91' }, 'price', 'more than an order'],
    ['with a currency that there is not', { currency: 'EURO' }, 'currency', 'Please choose a currency'],
  ])('%s is refused at the field, and keeps what was written', async (_what, change, field, words) => {
    const answered = await visitor.post('/seller/products', await filled({ ...change }));
    expect(answered.status).toBe(422);
    expect(faultOf(answered, field)).toContain(words);
    expect(answered.body).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`));
    if (field !== 'description') expect(answered.body).toContain('by hand.');
    expect(sent('POST /products')).toEqual([]);
  });

  it('that the service refuses comes back with its words, under a key that follows', async () => {
    answer('POST /products', refusal(new Problem(422, 'category-unknown', 'There is no such category.')));
    const form = await filled();
    const answered = await visitor.post('/seller/products', form);
    expect([answered.status, faultOf(answered, 'categoryId')]).toEqual([422, 'Please choose a category.']);
    const next = formOf(answered, '/seller/products');
    expect(next.key).toMatch(/^[0-9a-f]{32}$/);
    expect(next.key).not.toBe(form.key);
    answer('POST /products', refusal(invalidRequest([{ in: 'body', field: 'name', message: 'odd' }])));
    const odd = await visitor.post('/seller/products', form);
    expect(odd.status).toBe(400);
    expect(odd.body).toContain('role="alert"');
  });

  it('takes a description of the longest kind, and no form beyond that', async () => {
    answer('POST /products', { status: 201, body: product('vase', { version: 1 }) });
    const longest = await filled({ description: '瓶'.repeat(5_000) });
    expect((await visitor.post('/seller/products', longest)).status).toBe(303);
    const beyond = await filled({ description: '瓶'.repeat(9_000) });
    expect((await visitor.post('/seller/products', beyond)).status).toBe(413);
  });

  it('is text on its page, whatever was written', async () => {
    const { body } = await visitor.post(
      '/seller/products',
      await filled({ name: '"><script>alert(1)</script>', price: 'x' }),
    );
    expect(body).not.toContain('<script>alert');
  });
});

describe('an edited product', () => {
  const open = async () => formOf(await visitor.get(VASE), VASE);

  it('is saved on the version that was shown, and only what was changed is sent', async () => {
    answer('PATCH /products/vase', { body: product('vase', { version: 8 }) });
    const form = await open();
    const { status, headers } = await visitor.post(VASE, { ...form, price: '52.00' });
    expect([status, headers.location]).toEqual([303, VASE]);
    const [request] = sent('PATCH /products/vase');
    expect(request!.body).toEqual({ price: { amountMinor: 5_200, currency: 'EUR' } });
    expect(request!.headers['if-match']).toBe('"7"');
    expect((await visitor.get(VASE)).body).toContain('Your changes are saved.');
  });

  it('that was not changed asks for nothing', async () => {
    expect((await visitor.post(VASE, await open())).status).toBe(303);
    expect(sent('PATCH /products/vase')).toEqual([]);
  });

  it('that another seller has changed meanwhile says what was changed, and keeps both changes', async () => {
    const form = await open();
    answer('PATCH /products/vase', changedMeanwhile());
    shows({ version: 9, name: 'The blue vase', price: { amountMinor: 6_000, currency: 'EUR' } });
    const conflict = await visitor.post(VASE, { ...form, price: '52.00', description: 'Mine.' });
    expect(conflict.status).toBe(409);
    expect(conflict.body).toContain('Somebody else has changed it meanwhile');
    expect(conflict.body).toMatch(/Name<\/dt>.*Now:<\/strong> The blue vase/s);
    expect(conflict.body).toMatch(/Price<\/dt>.*Now:<\/strong> €60\.00.*Yours:<\/strong> €52\.00/s);
    expect(conflict.body).not.toContain('Description</dt>');
    // When it is sent again, the other's name stays, and the writer's price and description are saved over the latest version.
    const next = formOf(conflict, VASE);
    expect(next).toMatchObject({ name: 'The blue vase', price: '52.00', description: 'Mine.', version: '9' });
    answer('PATCH /products/vase', { body: product('vase', { version: 10 }) });
    await visitor.post(VASE, next);
    const last = sent('PATCH /products/vase').at(-1)!;
    expect(last.headers['if-match']).toBe('"9"');
    expect(last.body).toEqual({ description: 'Mine.', price: { amountMinor: 5_200, currency: 'EUR' } });
  });

  it('that was taken off meanwhile says so', async () => {
    const form = await open();
    answer('PATCH /products/vase', changedMeanwhile());
    shows({ version: 9, isActive: false });
    const { body } = await visitor.post(VASE, { ...form, name: 'Mine' });
    expect(body).toMatch(/In the shop<\/dt>.*no, it was taken off/s);
  });

  it('that says by now what was wished for is saved: a second click finds what the first has done', async () => {
    const form = await open();
    answer('PATCH /products/vase', changedMeanwhile());
    shows({ version: 8, name: 'Mine' });
    expect((await visitor.post(VASE, { ...form, name: 'Mine' })).status).toBe(303);
  });

  it.each([
    ['no version', { version: '' }],
    ['a version that is none', { version: '7"' }],
    ['no digests', { seen: '' }],
    ['too few digests', { seen: 'a'.repeat(16) }],
  ])('whose form has %s is asked for again', async (_what, change) => {
    const { status, body } = await visitor.post(VASE, { ...(await open()), name: 'Mine', ...change });
    expect(status).toBe(422);
    expect(body).toContain('That was not the form of this page');
    expect(sent('PATCH /products/vase')).toEqual([]);
  });

  it('with a fault keeps the version that its writer has seen', async () => {
    const form = await open();
    shows({ version: 9, name: 'The blue vase' });
    const answered = await visitor.post(VASE, { ...form, price: 'cheap' });
    expect([answered.status, formOf(answered, VASE).version]).toEqual([422, '7']);
  });

  it.each(['gone', '%00', '..%2f..%2finternal'])(
    'that is not there, %s, is a page that says so',
    async (id) => {
      for (const page of ['', '/stock', '/photos']) {
        const { status, body } = await visitor.get(`/seller/products/${id}${page}`);
        expect([status, body.includes('Not found')]).toEqual([404, true]);
      }
    },
  );
});

describe('a product', () => {
  const press = (form: Record<string, string>) => visitor.post(`${VASE}/shelf`, form);
  const said = async () => (await visitor.get(VASE)).body;

  it('is taken off and put back, each on the version that was shown', async () => {
    answer('DELETE /products/vase', { status: 204 });
    await press(formOf(await visitor.get(VASE), `${VASE}/shelf`));
    expect(sent('DELETE /products/vase')[0]!.headers['if-match']).toBe('"7"');
    shows({ version: 8, isActive: false });
    expect(await said()).toContain('It is off the shop');
    answer('PATCH /products/vase', { body: product('vase', { version: 9 }) });
    await press(formOf(await visitor.get(VASE), `${VASE}/shelf`));
    const [request] = sent('PATCH /products/vase');
    expect([request!.body, request!.headers['if-match']]).toEqual([{ isActive: true }, '"8"']);
  });

  it('that has changed meanwhile is not taken off unseen', async () => {
    answer('DELETE /products/vase', changedMeanwhile());
    await press({ version: '7', shelf: 'off' });
    expect(await said()).toContain('had changed before you asked');
  });

  it('that the first of two clicks has taken off is off', async () => {
    answer('DELETE /products/vase', changedMeanwhile());
    shows({ version: 8, isActive: false });
    await press({ version: '7', shelf: 'off' });
    expect(await said()).toContain('It is off the shop');
  });

  it.each<Record<string, string>>([{}, { version: 'x', shelf: 'off' }, { version: '7', shelf: 'sideways' }])(
    'stays where it is for a form that is none: %j',
    async (form) => {
      await press(form);
      expect(sent('DELETE /products/vase')).toEqual([]);
      expect(await said()).toContain('had changed before you asked');
    },
  );
});

describe('the stock', () => {
  const url = `${VASE}/stock`;
  const fill = async (change: Record<string, string>): Promise<Record<string, string>> => ({
    ...formOf(await visitor.get(url), url),
    pieces: '5',
    reason: 'delivered',
    ...change,
  });
  beforeEach(() => {
    answer('GET /products/vase/stock', { body: { onHand: 3, reserved: 1, available: 2 } });
    const entry = { entryId: 4, delta: -2, reason: 'sold', createdAt: '2026-11-29T08:00:00.000Z' };
    answer('GET /products/vase/stock/entries', { body: { items: [entry], next: 'n' } });
    answer('PUT /products/vase/stock', { body: { onHand: 8, reserved: 1, available: 7 } });
  });

  it('shows pieces, what is reserved, and the ledger with a link to the next page', async () => {
    const { body } = await visitor.get(url);
    expect(body).toMatch(
      /On the shelf<\/dt><dd>3<.*Set aside for orders<\/dt><dd>1<.*Can be ordered<\/dt><dd>2</s,
    );
    expect(body).toMatch(/−2<.*Sold/s);
    expect(body).toContain(`href="${url}?cursor=n"`);
  });

  it('gets pieces with a reason, once for its form', async () => {
    const form = await fill({});
    await visitor.post(url, form);
    expect((await visitor.post(url, form)).headers.location).toBe(url);
    const requests = sent('PUT /products/vase/stock');
    expect(requests.map(({ body }) => body)).toEqual(
      Array.from({ length: 2 }, () => ({ delta: 5, reason: 'delivered' })),
    );
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('gives pieces', async () => {
    await visitor.post(url, await fill({ way: 'take', reason: 'damaged' }));
    expect(sent('PUT /products/vase/stock')[0]!.body).toEqual({ delta: -5, reason: 'damaged' });
  });

  it.each<[Record<string, string>, string, string]>([
    [{ pieces: '0' }, 'pieces', 'a whole number'],
    [{ pieces: '-3' }, 'pieces', 'a whole number'],
    [{ pieces: '1.5' }, 'pieces', 'a whole number'],
    [{ pieces: '99999999' }, 'pieces', 'a whole number'],
    [{ pieces: '' }, 'pieces', 'a whole number'],
    [{ reason: '' }, 'reason', 'Please choose a reason'],
    [{ reason: 'sold' }, 'reason', 'Please choose a reason'],
  ])('is refused with %j at the field', async (change, field, words) => {
    const answered = await visitor.post(url, await fill(change));
    expect(answered.status).toBe(422);
    expect(faultOf(answered, field)).toContain(words);
    expect(sent('PUT /products/vase/stock')).toEqual([]);
  });

  it('is refused when it does not say whether pieces come or go', async () => {
    expect((await visitor.post(url, await fill({ way: 'sideways' }))).body).toContain(
      'Please choose whether pieces come or go.',
    );
  });

  it.each([
    [409, 'stock-below-reserved', 'pieces', 'Orders have more pieces set aside'],
    [422, 'stock-too-large', 'pieces', 'No shelf holds'],
  ])('that the service refuses with %s %s says why at the field', async (status, code, field, words) => {
    answer('PUT /products/vase/stock', refusal(new Problem(status, code, 'no')));
    const form = await fill({});
    const answered = await visitor.post(url, form);
    expect([answered.status, faultOf(answered, field)]).toEqual([status, expect.stringContaining(words)]);
    expect(formOf(answered, url).key).not.toBe(form.key);
  });

  it('that is worked on already is waited for', async () => {
    let calls = 0;
    answer('PUT /products/vase/stock', () => {
      calls += 1;
      if (calls < 3) return refusal(new Problem(409, 'request-in-progress', 'Wait.'));
      return { body: { onHand: 8, reserved: 1, available: 7 } };
    });
    expect((await visitor.post(url, await fill({}))).status).toBe(303);
    expect(calls).toBe(3);
  });
});

describe('a category', () => {
  const add = (form: Record<string, string>) => visitor.post('/seller/categories', form);
  const rename = (id: string, name: string) => visitor.post(`/seller/categories/${id}`, { name });
  const saves = (id: string) => answer(`PUT /categories/${id}`, { body: { categoryId: id, name: 'any' } });

  it.each([
    ['Garden & Balcony', '', 'garden-balcony'],
    ['Küche', '', 'kuche'],
    ['花瓶', 'vases', 'vases'],
  ])('%s is added under a word of addresses', async (name, categoryId, id) => {
    saves(id);
    expect((await add({ name, categoryId })).status).toBe(303);
    expect(sent(`PUT /categories/${id}`)[0]!.body).toEqual({ name });
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['without a name', { name: ' ' }, 'name', 'Please write a name'],
    ['with a name too long', { name: 'x'.repeat(201), categoryId: 'x' }, 'name', 'Please write a name'],
    ['of whose name no word can be made', { name: '花瓶' }, 'categoryId', 'Please write a word'],
    ['with a word that is none', { name: 'Vases', categoryId: '../x' }, 'categoryId', 'Please write a word'],
    ['whose word another has', { name: 'Living' }, 'categoryId', 'Living has this word already'],
  ])('%s is refused at the field', async (_what, form, field, words) => {
    const answered = await add(form);
    expect([answered.status, faultOf(answered, field)]).toEqual([422, expect.stringContaining(words)]);
    expect(site.services.requests.filter(({ call }) => call.startsWith('PUT'))).toEqual([]);
  });

  it('gets another name', async () => {
    saves('living');
    expect((await rename('living', ' Living room ')).headers.location).toBe('/seller/categories');
    expect(sent('PUT /categories/living')[0]!.body).toEqual({ name: 'Living room' });
  });

  it('keeps its name where the new one is none, and says so at its own field', async () => {
    const answered = await rename('living', ' ');
    expect([answered.status, faultOf(answered, 'name-living')]).toEqual([
      422,
      expect.stringContaining('Please write a name'),
    ]);
    expect(faultOf(answered, 'name')).toBeUndefined();
  });

  it.each(['none', '..%2fx', '%00'])('that does not exist, %s, is not made by a new name', async (id) => {
    expect((await rename(id, 'New')).status).toBe(404);
    expect(site.services.requests.filter(({ call }) => call.startsWith('PUT'))).toEqual([]);
  });
});
