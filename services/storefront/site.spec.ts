import { beforeEach, describe, expect, it } from '@jest/globals';
import { invalidRequest } from '#runtime/http/faults.ts';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { type CannedAnswer, product, refusal } from './test-services.ts';
import { SHOP, startTestSite, type TestSite, type Visitor } from './test-site.ts';

const site = openForSpec(() => startTestSite());
let visitor: Visitor;

beforeEach(() => {
  visitor = site.visitor();
  site.services.requests.length = 0;
});

const answer = (call: string, given: CannedAnswer) => site.services.answers.set(call, given);
const emptyCart = { lines: [], totals: [], isOrderable: false };
const tokens = (mark: string) => ({
  accessToken: `access.${mark}`,
  refreshToken: `refresh-${mark}`,
  expiresInS: 900,
});
const signIn = async () => {
  answer('POST /sessions', { body: tokens('1') });
  answer('GET /cart', { body: emptyCart });
  return visitor.post('/account/sign-in', { email: 'ann@mail.example', password: 'a few unrelated words' });
};

describe('a session', () => {
  it('is in cookies that no script and no other site gets, and nowhere on a page', async () => {
    const { status, cookies } = await signIn();
    expect(status).toBe(303);
    expect(cookies.filter((cookie) => /shop-(access|refresh)=/.test(cookie))).toEqual([
      'shop-access=access.1; Path=/; HttpOnly; SameSite=Lax; Max-Age=870',
      'shop-refresh=refresh-1; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000',
    ]);
    const { body } = await visitor.get('/');
    expect(body).toContain('href="/account"');
    expect(body).not.toMatch(/access\.1|refresh-1/);
    expect(site.services.sent('GET /cart').at(-1)!.headers.authorization).toBe('Bearer access.1');
  });

  it('has cookies of this host alone, by https alone, where browsers come by https', async () => {
    const secure = await startTestSite({ SHOP_URL: 'https://shop.test' });
    secure.services.answers.set('POST /sessions', { body: tokens('1') });
    const { cookies } = await secure
      .visitor()
      .post('/account/sign-in', { email: 'a@b.example', password: 'p' });
    expect(cookies).toContain(
      '__Host-shop-access=access.1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=870',
    );
    await secure.close();
  });

  it('is renewed once when several requests come together, since a second use would end it', async () => {
    await signIn();
    visitor.cookies.delete('shop-access');
    answer('POST /sessions/refresh', { body: tokens('2') });
    const pages = await Promise.all([visitor.get('/'), visitor.get('/cart'), visitor.get('/search')]);
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(site.services.sent('POST /sessions/refresh')).toHaveLength(1);
    expect(visitor.cookies.get('shop-refresh')).toBe('refresh-2');
  });

  it('that cannot be renewed while the user service is away costs no page that does not need it', async () => {
    await signIn();
    visitor.cookies.delete('shop-access');
    visitor.cookies.set('shop-refresh', 'refresh-later');
    answer('POST /sessions/refresh', { status: 503, body: {} });
    const { status, body } = await visitor.get('/');
    expect(status).toBe(200);
    expect(body).toContain('href="/account"');
    expect(visitor.cookies.get('shop-refresh')).toBe('refresh-later');
    expect((await visitor.get('/account')).status).toBe(503);
  });

  it('that the user service has ended becomes a guest’s visit', async () => {
    await signIn();
    visitor.cookies.delete('shop-access');
    visitor.cookies.set('shop-refresh', 'refresh-stolen');
    answer('POST /sessions/refresh', refusal(new Problem(401, 'session-over', 'Sign in again.')));
    const { status, body } = await visitor.get('/');
    expect(status).toBe(200);
    expect(body).toContain('href="/account/sign-in"');
    expect([...visitor.cookies.keys()]).toEqual([]);
  });

  it('whose token a service does not believe leads to the sign-in, with a word', async () => {
    await signIn();
    answer('GET /users/me', refusal(new Problem(401, 'token-invalid', 'The token is not valid.')));
    expect((await visitor.get('/account')).headers.location).toBe('/account/sign-in');
    expect(visitor.cookies.has('shop-access')).toBe(false);
    expect((await visitor.get('/account/sign-in')).body).toContain('Your session is over.');
  });

  it('ends here and at the user service', async () => {
    await signIn();
    answer('POST /sessions/sign-out', { status: 204 });
    await visitor.post('/account/sign-out', {});
    expect(site.services.sent('POST /sessions/sign-out')[0]!.body).toEqual({ refreshToken: 'refresh-1' });
    expect((await visitor.get('/')).body).toContain('You are signed out.');
  });

  it.each<[string, CannedAnswer]>([
    ['is away', { status: 503, body: {} }],
    ['has ended it already', refusal(new Problem(401, 'session-over', 'Sign in again.'))],
  ])('ends in its browser also when the user service %s', async (_why, refused) => {
    await signIn();
    answer('POST /sessions/sign-out', refused);
    const { status, headers } = await visitor.post('/account/sign-out', {});
    expect([status, headers.location]).toEqual([303, '/']);
    expect([...visitor.cookies.keys()]).toEqual(['shop-notice']);
    const { body } = await visitor.get('/');
    expect(body).toContain('You are signed out.');
    expect(body).toContain('href="/account/sign-in"');
  });
});

describe('a change', () => {
  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another site that a proxy hides', { 'sec-fetch-site': 'cross-site' }],
    ['a subdomain', { 'sec-fetch-site': 'same-site', origin: 'http://evil.shop.test' }],
    ['a page without an origin', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['another port', { origin: `${SHOP}:8080` }],
    ['the address bar', { 'sec-fetch-site': 'none', origin: SHOP }],
  ])('that %s asks for is refused before any service is called', async (_who, headers) => {
    const { status } = await visitor.post('/cart/lines', { productId: 'vase', quantity: '1' }, headers);
    expect(status).toBe(403);
    expect(site.services.sent('GET /products/vase')).toEqual([]);
    expect(visitor.cookies.size).toBe(0);
  });

  it('that says nothing of where it comes from is refused', async () => {
    const { statusCode } = await site.app.inject({
      method: 'POST',
      url: '/account/sign-out',
      headers: { host: 'shop.test' },
    });
    expect(statusCode).toBe(403);
  });

  it.each([
    [415, 'application/json', '{"productId":"vase","quantity":"1"}'],
    [415, 'text/plain', 'productId=vase&quantity=1'],
    [413, 'application/x-www-form-urlencoded', `productId=${'v'.repeat(20_000)}`],
  ])('gets %s for a body of %s that no form of ours sends', async (status, type, payload) => {
    const { statusCode } = await site.app.inject({
      method: 'POST',
      url: '/cart/lines',
      headers: { host: 'shop.test', origin: SHOP, 'content-type': type },
      payload,
    });
    expect(statusCode).toBe(status);
  });
});

describe('a refused form', () => {
  const wrongs: [string, string, Problem, string, string][] = [
    [
      'sign-up',
      'POST /users',
      new Problem(400, 'email-invalid', 'This is not an e-mail address: write it as name@example.org.'),
      'email',
      'This is not an e-mail address',
    ],
    [
      'sign-up',
      'POST /users',
      invalidRequest([{ in: 'body', field: 'name', message: 'must match ^[\\p{Z}]*' }]),
      'name',
      'Please write the name on one line',
    ],
    [
      'verify-email',
      'POST /users/verifications',
      new Problem(400, 'password-too-common', 'Many people use this password: take another.'),
      'password',
      'Many people use this password',
    ],
  ];
  it.each(wrongs)('%s shows the words of %s at the field', async (path, call, problem, field, words) => {
    answer(call, refusal(problem));
    const { status, body } = await visitor.post(`/account/${path}`, { email: 'x', token: 'the-token' });
    expect(status).toBe(400);
    expect(body).toMatch(
      new RegExp(`<input id="${field}"[^>]*aria-invalid="true"[^>]*aria-describedby="[^"]*${field}-fault`),
    );
    expect(body).toMatch(new RegExp(`id="${field}-fault">${words}`));
  });

  it.each<[string, Problem, string]>([
    [
      'wrong password',
      new Problem(401, 'sign-in-refused', 'no'),
      'E-mail and password do not belong together.',
    ],
    [
      'lock',
      new Problem(429, 'sign-in-locked', 'no', {}, { 'retry-after': '240' }),
      'Too many attempts: please wait 4 minutes.',
    ],
  ])('sign-in tells of a %s without saying which part was wrong', async (_what, problem, words) => {
    answer('POST /sessions', refusal(problem));
    const { body } = await visitor.post('/account/sign-in', { email: 'ann@mail.example', password: 'guess' });
    expect(body).toContain(words);
    expect(body).not.toContain('aria-invalid');
  });

  it('comes back with what was written but the password, and as text whatever it holds', async () => {
    answer('POST /sessions', refusal(new Problem(401, 'sign-in-refused', 'no')));
    const email = '"><script>alert(1)</script>';
    const { body } = await visitor.post('/account/sign-in', { email, password: 'my-secret-words' });
    expect(body).not.toContain('my-secret-words');
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&quot;>&lt;script>alert(1)');
  });

  it('keeps the token of the mail’s link, so that the next try works', async () => {
    answer(
      'POST /passwords/resets',
      refusal(new Problem(400, 'password-too-short', 'The password is too short.')),
    );
    const { body } = await visitor.post('/account/reset-password', { token: 'the-token', password: 'x' });
    expect(body).toContain('name="token" value="the-token"');
  });
});

describe('the cart of a guest', () => {
  const add = (productId: string, quantity = '1') => visitor.post('/cart/lines', { productId, quantity });
  beforeEach(() => {
    answer('GET /products/vase', { body: product('vase') });
    answer('GET /products/lamp', {
      body: product('lamp', { price: { amountMinor: 11_900, currency: 'EUR' } }),
    });
  });

  it('adds up, counts, and lets go', async () => {
    await add('vase', '2');
    await add('vase');
    await add('lamp');
    const { body } = await visitor.get('/cart', { 'accept-language': 'de-DE' });
    expect(body).toContain('266,00');
    expect(body).toContain('data-count="4"');
    await visitor.post('/cart/lines/set', { productId: 'vase', quantity: '0' });
    expect((await visitor.get('/cart')).body).not.toContain('The vase');
    expect(visitor.cookies.get('shop-cart')).toBe('lamp.1');
  });

  it.each(['0', '-1', '1.5', '1e3', '100', '', 'NaN', '١'])(
    'refuses %p pieces to add or leaves the cart as it is',
    async (quantity) => {
      await add('vase', quantity);
      expect(visitor.cookies.get('shop-cart') ?? '').toBe('');
    },
  );

  it.each(['%00', '../../internal', 'vase.0', '~~~', 'vase.1~vase.x', '__proto__.1', '"vase.1"'])(
    'takes no harm from a cookie that says %p',
    async (cookie) => {
      visitor.cookies.set('shop-cart', cookie);
      expect((await visitor.get('/cart')).status).toBe(200);
    },
  );

  it('takes no harm from a cookie that is too long', async () => {
    visitor.cookies.set('shop-cart', 'a'.repeat(5_000));
    expect((await visitor.get('/cart')).status).toBe(200);
  });

  it('takes no product beyond what a cookie holds, and says so', async () => {
    const full = Array.from({ length: 20 }, (_, at) => `p${at}.1`).join('~');
    visitor.cookies.set('shop-cart', full);
    const { status, body } = await add('vase');
    expect({ status, cart: visitor.cookies.get('shop-cart') }).toEqual({ status: 422, cart: full });
    expect(body).toContain('at most 20 different products');
    expect((await add('p7', '2')).status).toBe(303);
    expect(visitor.cookies.get('shop-cart')).toBe(full.replace('p7.1', 'p7.3'));
  });

  it('takes no product that there is not, and says so', async () => {
    const { status, body } = await add('gone');
    expect({ status, cart: visitor.cookies.get('shop-cart') }).toEqual({ status: 404, cart: undefined });
    expect(body).not.toContain('It is in your cart');
  });

  it('leaves out what no longer exists, says so once, and does not count it', async () => {
    visitor.cookies.set('shop-cart', 'gone.2~vase.1');
    const { body } = await visitor.get('/cart');
    expect(body).toContain('no longer sold and was taken out');
    expect((await visitor.get('/cart')).body).not.toContain('taken out');
    expect(body).toContain('The vase');
    expect(body).not.toContain('gone');
    expect(body).toContain('data-count="1"');
    expect(visitor.cookies.get('shop-cart')).toBe('vase.1');
  });

  it('goes into the customer’s cart at the sign-in, beside what is there', async () => {
    await add('vase', '2');
    answer('POST /sessions', { body: tokens('1') });
    const line = {
      productId: 'vase',
      name: 'The vase',
      quantity: 1,
      unitPrice: { amountMinor: 4_900, currency: 'EUR' },
      isAvailable: true,
    };
    answer('GET /cart', { body: { lines: [line], totals: [], isOrderable: true } });
    answer('PUT /cart/lines/vase', { body: emptyCart });
    const { headers } = await visitor.post('/account/sign-in', { email: 'a@b.example', password: 'p' });
    expect(headers.location).toBe('/cart');
    expect(site.services.sent('PUT /cart/lines/vase')[0]!.body).toEqual({ quantity: 3 });
    expect(visitor.cookies.has('shop-cart')).toBe(false);
  });

  it('that cannot be merged stays, and the customer is signed in all the same', async () => {
    await add('vase');
    answer('POST /sessions', { body: tokens('1') });
    answer('GET /cart', { status: 503, body: {} });
    const { status } = await visitor.post('/account/sign-in', { email: 'a@b.example', password: 'p' });
    expect(status).toBe(303);
    expect(visitor.cookies.get('shop-cart')).toBe('vase.1');
    expect((await visitor.get('/')).body).toContain('could not be added to your cart');
  });
});

describe('a page', () => {
  it('runs no inline script or style, and its policy would let none run', async () => {
    answer('GET /products/vase', { body: product('vase') });
    const urls = ['/', '/products/vase', '/cart', '/account/sign-in', '/account/verify-email', '/nowhere'];
    for (const url of urls) {
      const { body, headers } = await visitor.get(url);
      expect(headers['content-security-policy']).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('offers the real renditions of a photo, with its size, and loads none before its time', async () => {
    const image = (label: string, width: number) => ({
      label,
      url: `http://images.test/${label}.jpg`,
      width,
      height: (width * 3) / 4,
    });
    const images = [image('thumbnail', 160), image('small', 480), image('medium', 960)];
    answer('GET /products/vase', { body: product('vase', { images }) });
    const { body, headers } = await visitor.get('/products/vase');
    expect(body).toContain(
      'srcset="http://images.test/thumbnail.jpg 160w, http://images.test/small.jpg 480w, http://images.test/medium.jpg 960w"',
    );
    expect(body).toContain('width="960" height="720"');
    expect(headers['content-security-policy']).toContain("img-src 'self' data: http://images.test");
    answer('GET /products', {
      body: { items: Array.from({ length: 9 }, (_, at) => product(`p${at}`, { images })) },
    });
    expect((await visitor.get('/')).body.match(/loading="lazy"/g)).toHaveLength(5);
    answer('GET /products', { body: { items: [] } });
  });

  it.each([
    ['de-DE,de;q=0.9', '49,00'],
    ['en-US@posix', '€49.00'],
    ['*', '€49.00'],
    ['not a language, fr', '49,00'],
    ['', '€49.00'],
    [`${'x'.repeat(250)},de`, '€49.00'],
  ])('writes amounts for a browser that says %p', async (language, amount) => {
    answer('GET /products/vase', { body: product('vase') });
    const { status, body } = await visitor.get('/products/vase', { 'accept-language': language });
    expect(status).toBe(200);
    expect(body).toContain(amount);
  });

  it('searches for the beginning of what is too long to search for', async () => {
    // The 200th unit is the first half of a character.
    const words = 'x'.repeat(199);
    const { status, body } = await visitor.get(`/search?q=${encodeURIComponent(`${words}💡 lamp`)}`);
    expect(status).toBe(200);
    expect(body).toContain(`Results for “${words}”`);
    expect(site.services.sent('GET /products')[0]!.url).toContain(`q=${words}&`);
  });

  it('leads on to the products after these', async () => {
    answer('GET /products', { body: { items: [product('vase')], next: 'a+b/c' } });
    expect((await visitor.get('/search?q=tea%20tin')).body).toContain(
      '/search?q=tea+tin&amp;cursor=a%2Bb%2Fc',
    );
    answer('GET /products', { body: { items: [] } });
  });

  it.each([
    '/nowhere',
    '/categories/none',
    '/categories/..%2f..%2finternal',
    '/products/%00',
    '/products/gone',
    '/assets/../main.ts',
  ])('that is not there, %s, is a page that says so', async (url) => {
    const { status, body } = await visitor.get(url);
    expect(status).toBe(404);
    expect(body).toContain('Not found');
  });

  it('says that a service is away, without its name or address', async () => {
    answer('GET /products/vase', { status: 500, body: { detail: 'relation "product" does not exist' } });
    const { status, body } = await visitor.get('/products/vase');
    expect(status).toBe(503);
    expect(body).toContain('does not answer');
    expect(body).not.toMatch(/relation|127\.0\.0\.1/);
  });

  it('sends services the address of its visitor, and believes none that a browser makes up', async () => {
    await visitor.get('/', { 'x-forwarded-for': '203.0.113.9' });
    const told = new Set(site.services.requests.map(({ headers }) => headers['x-forwarded-for']));
    expect([...told]).toEqual(['127.0.0.1']);
    const behind = await startTestSite({ TRUSTED_PROXIES: '127.0.0.1' });
    await behind.visitor().get('/', { 'x-forwarded-for': '203.0.113.9' });
    expect(behind.services.requests.map(({ headers }) => headers['x-forwarded-for'])).toContain(
      '203.0.113.9',
    );
    await behind.close();
  });

  it('belongs to one trace with what it asks of the services', async () => {
    await visitor.get('/', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    for (const { headers } of site.services.requests)
      expect(headers.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('is refused, with a page, to a visitor who asks too often', async () => {
    const strict = await startTestSite({ RATE_LIMIT_PER_MINUTE: '2' });
    const eager = strict.visitor();
    const statuses = [];
    for (let at = 0; at < 3; at += 1) statuses.push(await eager.get('/'));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(statuses[2]!.body).toContain('A little slower');
    await strict.close();
  });
});

describe('the server', () => {
  const statusOf = async ({ app }: TestSite, url: string, host: string) =>
    (await app.inject({ url, headers: { host } })).statusCode;

  it('that listens on its own machine answers to the names of the shop and the machine alone', async () => {
    expect(await statusOf(site, '/', 'shop.test')).toBe(200);
    expect(await statusOf(site, '/', 'rebound.example')).toBe(421);
    expect(await statusOf(site, '/metrics', 'shop.test')).toBe(200);
  });

  it('that listens for others answers to any name, and shows them no metrics', async () => {
    const open = await startTestSite({ HOST: '0.0.0.0' });
    expect(await statusOf(open, '/readyz', '10.0.0.7:4010')).toBe(200);
    expect(await statusOf(open, '/metrics', '10.0.0.7:4010')).toBe(404);
    await open.close();
  });
});

describe('assets', () => {
  it('are named by their content, kept for a year, and compressed as the browser likes', async () => {
    const { body } = await visitor.get('/');
    const [, script] = /<script type="module" src="([^"]+)"/.exec(body)!;
    const plain = await visitor.get(script!);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await visitor.get(script!, { 'accept-encoding': 'gzip, br' })).headers['content-encoding']).toBe(
      'br',
    );
    expect((await visitor.get(script!, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe(
      'gzip',
    );
    expect(plain.headers['content-encoding']).toBeUndefined();
  });
});
