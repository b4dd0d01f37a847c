import { beforeEach, describe, expect, it } from '@jest/globals';
import { rejectionReason } from '#contracts/images.ts';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { type CannedAnswer, product, refusal } from './test-services.ts';
import { startTestSite, type TestSite, type Visitor } from './test-site.ts';

const STORE = 'http://store.test:9000';
const PAGE = '/seller/products/vase/photos';
const UPLOADS = '/seller/products/vase/uploads';

const site = openForSpec(() => startTestSite({ UPLOADS_ORIGIN: `${STORE}/` }));
let visitor: Visitor;
beforeEach(() => {
  site.services.requests.length = 0;
  answer('GET /cart', { body: { lines: [], totals: [], isOrderable: false } });
  answer('GET /users/me', { body: { userId: 'u-1', email: 'ann@mail.example', role: 'admin' } });
  answer('GET /products/vase', { body: product('vase', { version: 7 }) });
  answer('GET /products/vase/uploads', { body: { items: [] } });
  visitor = seller(site);
});

const answer = (call: string, given: CannedAnswer) => site.services.answers.set(call, given);
function seller(at: TestSite): Visitor {
  const come = at.visitor();
  come.cookies.set('shop-access', 'access.1');
  return come;
}
const upload = (state: string, change: Record<string, unknown> = {}) => ({
  uploadId: `id-${state}`,
  fileName: `${state}.jpg`,
  bytes: 2_500_000,
  askedAt: new Date().toISOString(),
  state,
  ...change,
});
const policyOf = async (url: string) => String((await visitor.get(url)).headers['content-security-policy']);

describe('the page of photos', () => {
  it('names the limits before a photo is chosen', async () => {
    const { body } = await visitor.get(PAGE);
    const [, limits] = /id="upload-limits"[^>]*>([^<]*)</.exec(body)!;
    expect(limits).toBe(
      'JPEG, PNG, WebP, AVIF or GIF; at most 50 MiB and 100 megapixels. The newest photo is the one that the shop shows.',
    );
    expect(body).toMatch(/<input id="photo-files" type="file"[^>]*aria-describedby="upload-limits"/);
    expect(body).toContain('data-bytes-max="52428800"');
  });

  it('alone may talk to the store and show a file from memory', async () => {
    expect(await policyOf(PAGE)).toContain(`connect-src 'self' ${STORE};`);
    expect(await policyOf(PAGE)).toContain("img-src 'self' data: blob: http://images.test;");
    for (const url of ['/', '/seller', '/seller/products/vase', '/seller/products/vase/stock']) {
      const policy = await policyOf(url);
      expect(policy).not.toContain(STORE);
      expect(policy).not.toContain('blob:');
    }
  });

  it('takes no photo where no upload address is set', async () => {
    const closed = await startTestSite();
    closed.services.answers.set('GET /users/me', site.services.answers.get('GET /users/me')!);
    closed.services.answers.set('GET /products/vase', { body: product('vase', { version: 7 }) });
    closed.services.answers.set('GET /products/vase/uploads', { body: { items: [] } });
    const { body, headers } = await seller(closed).get(PAGE);
    expect(body).toContain('Photos cannot be sent here');
    expect(body).not.toContain('type="file"');
    expect(headers['content-security-policy']).toContain("connect-src 'self';");
    await closed.close();
  });

  it('shows the sizes that the shop has, and says when there are none', async () => {
    expect((await visitor.get(PAGE)).body).toContain('No photo yet');
    const image = { label: 'small', url: 'http://images.test/small.jpg', width: 1_480, height: 360 };
    answer('GET /products/vase', { body: product('vase', { version: 7, images: [image] }) });
    const { body } = await visitor.get(PAGE);
    expect(body).toMatch(/<a href="http:\/\/images\.test\/small\.jpg">small<\/a>.*1,480 × 360/s);
  });

  it.each([
    ['waiting', {}, 'waiting', 'its sizes are being made'],
    ['waiting', { askedAt: '2026-11-01T00:00:00.000Z' }, 'late', 'It has not arrived'],
    ['shown', {}, 'shown', 'The shop shows this photo.'],
    ['replaced', {}, 'replaced', 'A newer photo has taken its place.'],
  ])('says of an upload that is %s %j', async (state, change, shown, words) => {
    answer('GET /products/vase/uploads', { body: { items: [upload(state, change)], next: 'n' } });
    const { body } = await visitor.get(PAGE);
    expect(body).toMatch(new RegExp(`data-state="${shown}".*${state}\\.jpg.*2\\.4 MiB.*${words}`, 's'));
    expect(body).toContain(`href="${PAGE}?cursor=n"`);
  });

  it.each(rejectionReason.options)('says in words why a photo was refused for %s', async (reason) => {
    const rejection = { reason, detail: 'what was found, <b>in detail</b>' };
    answer('GET /products/vase/uploads', { body: { items: [upload('rejected', { rejection })] } });
    const { body } = await visitor.get(PAGE);
    expect(body).toMatch(/data-state="rejected".*sent-words">Refused: /s);
    expect(body).toContain('what was found, &lt;b>in detail');
    expect(body).not.toContain(`>${reason}<`);
  });

  it('gives its changing part alone to its script', async () => {
    answer('GET /products/vase/uploads', { body: { items: [upload('shown')] } });
    const { body, headers } = await visitor.get(`${PAGE}/state`, { accept: 'application/json' });
    expect(body).toContain('data-state="shown"');
    expect(body).not.toContain('<html');
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('a photo on its way', () => {
  const file = { fileName: 'vase.jpg', contentType: 'image/jpeg', bytes: '1000' };
  const signed = {
    uploadId: 'u-1',
    url: `${STORE}/photos/u-1?sig=1`,
    headers: { 'content-type': 'image/jpeg' },
  };
  const send = (form: Record<string, string> = file) =>
    visitor.post(UPLOADS, form, { accept: 'application/json' });
  const asked = () => site.services.sent('POST /products/vase/uploads');

  it('gets a signed address for exactly that file', async () => {
    answer('POST /products/vase/uploads', { status: 201, body: signed });
    const { status, body, headers } = await send();
    expect([status, JSON.parse(body)]).toEqual([201, signed]);
    expect(headers['cache-control']).toBe('no-store');
    expect(asked()[0]!.body).toEqual({ fileName: 'vase.jpg', contentType: 'image/jpeg', bytes: 1_000 });
    expect(asked()[0]!.headers.authorization).toBe('Bearer access.1');
  });

  it.each([
    ['vase.AVIF', 'image/avif'],
    ['vase', ''],
    ['vase.constructor', ''],
  ])('whose browser knows no type of %s has that of its ending: %p', async (fileName, contentType) => {
    answer('POST /products/vase/uploads', { status: 201, body: signed });
    await send({ ...file, fileName, contentType: '' });
    expect(asked()[0]!.body).toMatchObject({ contentType });
  });

  it.each<[Record<string, string>]>([
    [{}],
    [{ ...file, bytes: '-1' }],
    [{ ...file, bytes: '1e3' }],
    [{ ...file, fileName: '' }],
    [{ ...file, fileName: 'x'.repeat(256) }],
  ])('is refused before the service hears of %j', async (form) => {
    const { status, body } = await send(form);
    expect([status, JSON.parse(body)]).toEqual([422, { words: 'That does not name a file.' }]);
    expect(asked()).toEqual([]);
  });

  it('that the service does not take is refused in its words', async () => {
    answer(
      'POST /products/vase/uploads',
      refusal(new Problem(413, 'too-many-bytes', 'A photo may have 50 MiB.')),
    );
    const { status, body } = await send();
    expect([status, JSON.parse(body)]).toEqual([413, { words: 'A photo may have 50 MiB.' }]);
  });

  it('is a refusal for a script when the session is over, since a script cannot sign in', async () => {
    const guest = site.visitor();
    for (const come of [guest, visitor]) {
      answer('GET /users/me', refusal(new Problem(401, 'token-invalid', 'no')));
      const { status, body } = await come.post(UPLOADS, file, { accept: 'application/json' });
      expect([status, JSON.parse(body)]).toEqual([401, { words: expect.stringContaining('sign in') }]);
    }
  });

  it('goes nowhere else than the page may talk to', async () => {
    const elsewhere = { ...signed, url: 'http://elsewhere.test/photos/u-1' };
    answer('POST /products/vase/uploads', { status: 201, body: elsewhere });
    const { status, body } = await send();
    expect(status).toBe(503);
    expect(body).not.toContain('elsewhere');
  });
});

describe('the sample admin', () => {
  const ADMIN = { SAMPLE_ADMIN_EMAIL: 'admin@shop.example', SAMPLE_ADMIN_PASSWORD: 'words-of-a-laptop' };
  const SHOP_URL = 'http://127.0.0.1:4010';

  it('is offered by the sign-in page of a laptop, in words and as one button', async () => {
    const laptop = await startTestSite({ ...ADMIN, SHOP_URL });
    const { body } = await laptop.visitor().get('/account/sign-in?next=checkout');
    expect(body).toMatch(/<dd class="code">admin@shop\.example<.*<dd class="code">words-of-a-laptop</s);
    const button = body.slice(body.indexOf('id="sample-admin"'));
    expect(button).toMatch(/name="email" value="admin@shop\.example".*name="next" value="checkout"/s);
    await laptop.close();
  });

  it('is on no sign-in page that does not name one', async () => {
    expect((await site.visitor().get('/account/sign-in')).body).not.toContain('sample-admin');
  });

  it.each([
    ['browsers come by another name', { SHOP_URL: 'https://shop.example' }],
    ['browsers come by a name that looks like this machine', { SHOP_URL: 'http://127.0.0.1.evil.example' }],
    ['other machines reach it', { SHOP_URL, HOST: '0.0.0.0' }],
  ])('keeps a storefront from starting where %s', async (_where, settings) => {
    for (const named of [ADMIN, { SAMPLE_ADMIN_PASSWORD: 'x' }])
      await expect(startTestSite({ ...named, ...settings })).rejects.toMatchObject({
        code: 'sample-admin-deployed',
      });
  });
});
