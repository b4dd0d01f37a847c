import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { STORES, startTestPlatform, streamed, totals } from './test-platform.ts';
import { startTestSite } from './test-site.ts';

const platform = openForSpec(() =>
  startTestPlatform({
    TRACES_URL: 'http://traces.test/traces',
    PROMETHEUS_URL: 'http://metrics.test',
    MAILBOX_URL: 'http://mail.test/mailbox',
  }),
);
beforeEach(() => {
  platform.site.services.requests.length = 0;
  platform.console('/api/totals', { body: totals() });
});

const PAGES = ['/platform', '/platform/windows', '/platform/stores', '/platform/stores/gcs'];
const STREAMS = ['/platform/events', '/platform/windows/events'];
/** Of one tile, without the other words of its page. */
const tile = (html: string, name: string): string =>
  new RegExp(`data-tile="${name}".*?tile-value">([^<]*)<`, 's').exec(html.replaceAll('\\"', '"'))?.[1] ?? '';

describe('where the console can only look, the platform pages', () => {
  it('offer an admin no photos, no replay and no comparison, and take none', async () => {
    const looking = await startTestPlatform({
      PLATFORM_CHANGES: 'off',
      UPLOADS_ORIGIN: 'http://uploads.test',
    });
    const admin = looking.visitor('admin');
    for (const url of ['/platform', '/platform/dead-letters', '/platform/reconciliations']) {
      const { status, body } = await admin.get(url);
      expect([url, status]).toEqual([url, 200]);
      expect(body).not.toMatch(/action="\/platform|data-photos|type="file"/);
    }
    expect((await admin.get('/platform')).headers['content-security-policy']).not.toContain('uploads.test');
    for (const url of [
      '/platform/dead-letters/replay',
      '/platform/reconciliations/orders',
      '/platform/uploads',
    ])
      expect([url, (await admin.post(url, {})).status]).toEqual([url, 404]);
    await looking.close();
  });
});

describe('the platform pages', () => {
  it('do not exist, nor a link to them, where no console is named', async () => {
    const without = await startTestSite();
    const { body } = await without.visitor().get('/');
    expect(body).not.toContain('/platform');
    for (const url of [...PAGES, ...STREAMS]) expect((await without.visitor().get(url)).status).toBe(404);
    await without.close();
  });

  it('are linked from the shop, and link to the tools that settings name and to no other', async () => {
    const guest = platform.visitor('guest');
    const shop = await guest.get('/');
    expect(shop.body).toContain('href="/platform"');
    expect(shop.body).not.toContain('traces.test');
    const { body } = await guest.get('/platform');
    for (const url of ['http://traces.test/traces', 'http://metrics.test', 'http://mail.test/mailbox'])
      expect(body).toContain(`href="${url}"`);
    expect(body).not.toContain('Flink');
  });

  it('alone load the script and styles of the platform', async () => {
    const guest = platform.visitor('guest');
    const assets = (body: string) => [...body.matchAll(/\/assets\/([a-z]+)-/g)].map(([, name]) => name);
    expect(assets((await guest.get('/')).body)).toEqual(['shop', 'app']);
    expect(assets((await guest.get('/platform')).body)).toEqual(['shop', 'platform', 'app', 'platform']);
  });

  it('are open to anyone where they are for anyone, also while the user service is away', async () => {
    for (const role of ['guest', 'customer', 'admin'] as const)
      expect((await platform.visitor(role).get('/platform')).status).toBe(200);
    const stranger = platform.visitor('guest');
    stranger.cookies.set('shop-access', 'access.unknown');
    expect((await stranger.get('/platform')).status).toBe(200);
  });
});

describe('platform pages for admins', () => {
  const admins = openForSpec(() => startTestPlatform({ PLATFORM_FOR: 'admin' }));

  it.each([...PAGES, ...STREAMS])(
    '%s is for them alone: guests sign in first, others are refused',
    async (url) => {
      const guest = await admins.visitor('guest').get(url);
      expect([guest.status, guest.headers.location]).toEqual([303, '/account/sign-in?next=platform']);
      const customer = await admins.visitor('customer').get(url);
      expect([customer.status, customer.body.includes('who run the shop')]).toEqual([403, true]);
      expect(admins.site.services.requests.filter(({ call }) => call.includes('/api/'))).toEqual([]);
    },
  );

  it.each([...PAGES, ...STREAMS])('%s is there for them', async (url) => {
    expect((await admins.visitor('admin').get(url)).status).toBe(200);
  });

  it('accept no admin by a token that the user service does not know', async () => {
    const forger = admins.visitor('guest');
    forger.cookies.set('shop-access', 'eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.');
    expect((await forger.get('/platform')).headers.location).toBe('/account/sign-in?next=platform');
  });

  it('are linked from their account, and from no page of anybody else', async () => {
    expect((await admins.visitor('admin').get('/account')).body).toContain('href="/platform"');
    expect((await admins.visitor('customer').get('/account')).body).not.toContain('href="/platform"');
    expect((await admins.visitor('guest').get('/')).body).not.toContain('href="/platform"');
  });
});

describe('the sums', () => {
  it('are shown in the visitor’s manner of writing numbers, exactly', async () => {
    const { body } = await platform.visitor('guest').get('/platform', { 'accept-language': 'de-DE' });
    expect(tile(body, 'Events')).toBe('1.204');
    expect(tile(body, 'Bytes counted')).toBe('9,01 PB');
    expect(body).toContain('9.007.199.254.740.993 in the last 30 minutes');
    expect([tile(body, 'Photos'), tile(body, 'Dead letters'), tile(body, 'Lag')]).toEqual(['301', '2', '7']);
  });

  it('are shown also to a browser that names a language which there is not', async () => {
    const { status, body } = await platform.visitor('guest').get('/platform', {
      'accept-language': 'en-US@posix,xx-@,*;q=0.1',
    });
    expect([status, tile(body, 'Events')]).toEqual([200, '1,204']);
  });

  it('are dashes, with the reason, while the database is away', async () => {
    const away = { code: 'store-away', detail: 'The analytics database does not answer.' };
    platform.console('/api/totals', { status: 503, body: away });
    const { status, body } = await platform.visitor('guest').get('/platform');
    expect([status, tile(body, 'Events')]).toEqual([200, '–']);
    expect(body).toContain('Waiting for Cloud SQL');
  });

  it.each([
    ['fails', { status: 500 }],
    ['answers something else than agreed', { body: { minutes: 30 } }],
  ])('are dashes, with the reason, when the console %s', async (_how, answer) => {
    platform.console('/api/totals', answer);
    const { status, body } = await platform.visitor('guest').get('/platform');
    expect([status, tile(body, 'Events')]).toEqual([200, '–']);
    expect(body).toContain('Waiting for the console');
  });
});

describe('the windows', () => {
  const window = (change: Record<string, unknown> = {}) => ({
    windowStart: '2026-11-29T08:12:00.000Z',
    sizeLabel: 'small',
    events: 2,
    bytes: '1500',
    lateEvents: 0,
    lateBytes: '0',
    revision: 1,
    isPublished: true,
    ...change,
  });
  const WINDOWS = [
    window(),
    window({ windowStart: '2026-11-29T08:13:00.000Z', lateEvents: 3, revision: 2, isPublished: false }),
    window({
      windowStart: '2026-11-29T08:14:00.000Z',
      sizeLabel: 'large',
      bytes: '9007199254740993',
      revision: 0,
    }),
  ];
  const rowsOf = (html: string) =>
    [...html.matchAll(/<tr data-minute=.*?<\/tr>/gs)].map(([row]) =>
      [...row.matchAll(/<t[hd].*?>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!.replaceAll(/<[^>]*>/g, '|')),
    );
  const look = async (query = '', headers: Record<string, string> = {}) => {
    platform.console('/api/totals', { body: totals({ windows: WINDOWS }) });
    return (await platform.visitor('guest').get(`/platform/windows${query}`, headers)).body;
  };

  it('are rows, the newest first, with what is late, revised and still open', async () => {
    expect(rowsOf(await look())).toEqual([
      ['08:14', '0', '0', '0', '9,007,199,254,740,993', '0', '0', '|open|'],
      ['08:13', '0', '1,500', '0', '0', '0', '0', '|3 late||revision 2||revision due|'],
      ['08:12', '0', '1,500', '0', '0', '0', '0', 'published'],
    ]);
  });

  it('are bars, one place for every minute, with the same words for who does not see them', async () => {
    const body = await look();
    const read = [...body.matchAll(/data-read="([^"]*)"/g)].map(([, words]) => words);
    expect(read).toHaveLength(30);
    expect(read.slice(-3)).toEqual([
      '08:12: small 1.50 kB',
      '08:13: small 1.50 kB, 3 late, revision 2, revision due',
      '08:14: large 9.01 PB, open',
    ]);
    expect(read[0]).toBe('07:45: no events');
    expect(body).not.toMatch(/\sstyle=/);
  });

  it('are read for the range that is asked for, without the labels that are left out', async () => {
    const body = await look('?minutes=60&without=large');
    expect(platform.site.services.requests.at(-1)!.url).toContain('/api/totals?minutes=60');
    expect(body).not.toMatch(/<rect class="label-3"/);
    expect(body).toMatch(/<rect class="label-1"/);
    expect(body).toContain('href="/platform/windows?minutes=60&amp;without=large%2Csmall"');
    expect(body).toContain('data-live="/platform/windows/events?minutes=60&amp;without=large"');
  });

  it.each([
    '?minutes=0',
    '?minutes=181',
    '?minutes=x',
    '?minutes=1&minutes=2',
    '?without=%3Cscript%3E',
    '?without=a&without=b',
  ])('are shown as by default for %s', async (query) => {
    const body = await look(query);
    expect(rowsOf(body)).toHaveLength(3);
    expect(body).not.toContain('<script>');
  });

  it('say that there are none, and that they are not known', async () => {
    const guest = platform.visitor('guest');
    expect((await guest.get('/platform/windows')).body).toContain('Nothing was counted in this range.');
    platform.console('/api/totals', { status: 503, body: { detail: 'Away.' } });
    const { status, body } = await guest.get('/platform/windows');
    expect([status, body.includes('Waiting for Cloud SQL'), body.includes('<tr data-minute')]).toEqual([
      200,
      true,
      false,
    ]);
  });

  it('come by the stream as the parts of the page', async () => {
    platform.console('/api/live', { stream: [streamed('totals', totals({ windows: WINDOWS }))] });
    const { body } = await platform.visitor('guest').get('/platform/windows/events?minutes=60');
    const parts = JSON.parse(/event: parts\ndata: (.*)/.exec(body)![1]!) as Record<string, string>;
    expect(Object.keys(parts)).toEqual(['tiles', 'chart', 'table']);
    expect(rowsOf(parts.table!)).toHaveLength(3);
    expect(parts.chart).toContain('08:13: small');
    expect(platform.site.services.requests.at(-1)!.url).toContain('/api/live?minutes=60');
  });
});

describe('a store', () => {
  const TABLE = {
    store: 'gcs',
    title: 'Cloud Storage',
    about: 'A bucket.',
    views: ['one', 'two words'],
    view: 'two words',
    columns: [{ name: 'object' }, { name: 'bytes', isNumber: true }],
    rows: [
      ['<script>alert(1)</script>', '12345678901234567890'],
      ['later', null],
    ],
    next: '25',
  };
  beforeEach(() => platform.console('/api/stores/gcs', { body: TABLE }));
  const look = (path: string) => platform.visitor('guest').get(`/platform/stores${path}`);

  it('is a table, in which what others wrote is text and every number is exact', async () => {
    const { status, body } = await look('/gcs');
    expect(status).toBe(200);
    expect(body).toContain('&lt;script>alert(1)&lt;/script>');
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('>12,345,678,901,234,567,890<');
    expect(body).toContain('>–<');
  });

  it('leads to its next page in the same view, and from there back to the first', async () => {
    expect((await look('/gcs')).body).toContain('href="/platform/stores/gcs?view=two+words&amp;after=25"');
    const { body } = await look('/gcs?view=two+words&after=25');
    expect(platform.site.services.requests.at(-1)!.url).toBe('/api/stores/gcs?view=two+words&after=25');
    expect(body).toMatch(/href="\/platform\/stores\/gcs\?view=two\+words">First page/);
  });

  it('is the first one where none is named', async () => {
    platform.console('/api/stores/cloud-sql', { body: { ...TABLE, about: 'A database.' } });
    expect((await look('')).body).toContain('A database.');
  });

  it('that holds nothing says so', async () => {
    platform.console('/api/stores/gcs', { body: { ...TABLE, rows: [], next: undefined } });
    expect((await look('/gcs')).body).toContain('Nothing is here yet');
  });

  it.each(['/other', '/..%2ftotals', `/${'a'.repeat(500)}`])(
    'that there is not is not asked for: %s',
    async (path) => {
      expect((await look(path)).status).toBe(404);
      expect(platform.site.services.requests.filter(({ url }) => url.includes('/api/stores/'))).toEqual([]);
    },
  );

  it('refuses a page that it does not know, in words, beside the other stores', async () => {
    platform.console('/api/stores/gcs', {
      status: 400,
      body: { code: 'bad-request', detail: 'after must be <a> number.' },
    });
    const { status, body } = await look('/gcs?after=x');
    expect(status).toBe(400);
    expect(body).toContain('after must be &lt;a> number.');
    expect(body).toContain('href="/platform/stores/cloud-sql"');
  });

  it('that is away says so, beside the other stores; and so does the console', async () => {
    platform.console('/api/stores/gcs', {
      status: 503,
      body: { detail: 'Cloud Storage does not answer now.' },
    });
    const away = await look('/gcs');
    expect([away.status, away.body.includes('Cloud Storage does not answer now.')]).toEqual([503, true]);
    platform.console('/api/stores', { status: 500 });
    const nothing = await look('/gcs');
    expect([nothing.status, nothing.body.includes('The console does not answer.')]).toEqual([503, true]);
    platform.console('/api/stores', { body: STORES });
  });
});

describe('photos', () => {
  const FORM = { fileName: 'tea tin.jpg', contentType: 'image/jpeg', bytes: '1000' };
  const SIGNED = {
    productId: 'tea-tin',
    uploadId: 'u-1',
    method: 'PUT',
    url: 'http://uploads.test/photos/uploads/tea-tin/u-1.jpg?X-Amz-Signature=1',
    headers: { 'content-type': 'image/jpeg' },
  };
  const photos = openForSpec(() => startTestPlatform({ UPLOADS_ORIGIN: 'http://uploads.test' }));
  beforeEach(() => {
    photos.site.services.answers.set('POST /api/uploads', { status: 201, body: SIGNED });
    photos.site.services.requests.length = 0;
  });

  it('may be sent to their store by this page, and by no other', async () => {
    const guest = photos.visitor('guest');
    const policyOf = async (url: string) => String((await guest.get(url)).headers['content-security-policy']);
    expect(await policyOf('/platform')).toContain("connect-src 'self' http://uploads.test;");
    for (const url of ['/', '/platform/windows', '/platform/stores'])
      expect(await policyOf(url)).toContain("connect-src 'self';");
  });

  it('are not taken where no store of theirs is named', async () => {
    const guest = platform.visitor('guest');
    expect((await guest.get('/platform')).body).not.toContain('data-photos');
    expect((await guest.post('/platform/uploads', FORM)).status).toBe(404);
  });

  it('get a signed URL from the console', async () => {
    const { status, body } = await photos.visitor('guest').post('/platform/uploads', FORM);
    expect([status, JSON.parse(body)]).toEqual([201, SIGNED]);
    expect(photos.site.services.sent('POST /api/uploads').map((request) => request.body)).toEqual([
      { fileName: 'tea tin.jpg', contentType: 'image/jpeg', bytes: 1_000 },
    ]);
  });

  it('that the console refuses are refused in its words', async () => {
    const refusal = { code: 'type-not-allowed', detail: 'We take JPEG, not .svg files.' };
    photos.site.services.answers.set('POST /api/uploads', { status: 415, body: refusal });
    const { status, body } = await photos.visitor('guest').post('/platform/uploads', FORM);
    expect([status, JSON.parse(body).detail]).toEqual([415, refusal.detail]);
  });

  it.each<[string, Record<string, string>]>([
    ['without a name', { ...FORM, fileName: '' }],
    ['of a size that is no number', { ...FORM, bytes: '1e9' }],
    ['of nothing', {}],
  ])('%s are not asked for', async (_what, sent) => {
    expect((await photos.visitor('guest').post('/platform/uploads', sent)).status).toBe(400);
    expect(photos.site.services.sent('POST /api/uploads')).toEqual([]);
  });

  it('are asked for by the shop’s own pages alone', async () => {
    const { status } = await photos
      .visitor('guest')
      .post('/platform/uploads', FORM, { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' });
    expect([status, photos.site.services.sent('POST /api/uploads')]).toEqual([403, []]);
  });

  it('are watched until their renditions are there', async () => {
    const state = { state: 'waiting', renditions: [] };
    photos.console('/api/uploads/tea-tin/u-1', { body: state });
    const { status, body } = await photos.visitor('guest').get('/platform/uploads/tea-tin/u-1');
    expect([status, JSON.parse(body)]).toEqual([200, state]);
    for (const path of ['/..%2f/u-1', '/tea-tin/%00', `/tea-tin/${'u'.repeat(65)}`])
      expect((await photos.visitor('guest').get(`/platform/uploads${path}`)).status).toBe(404);
  });
});

describe('the stream of a platform page', () => {
  const statesOf = (body: string) =>
    [...body.matchAll(/event: state\ndata: (.*)/g)].map(([, data]) => JSON.parse(data!).title);
  const read = async () => (await platform.visitor('guest').get('/platform/events')).body;

  it('brings the parts that have changed, as HTML, and says that they are live', async () => {
    const sums = { ...totals().sums, events: 5_000 };
    platform.console('/api/live', {
      stream: [streamed('totals', totals()), ':\n\n', streamed('totals', totals({ sums }))],
    });
    const body = await read();
    const parts = [...body.matchAll(/event: parts\ndata: (.*)/g)].flatMap(
      ([, data]) => JSON.parse(data!).tiles ?? [],
    );
    expect(parts.map((html) => tile(html, 'Events'))).toEqual(['1,204', '5,000']);
    expect(statesOf(body)).toEqual(['Live']);
  });

  it('brings a part that has not changed only once', async () => {
    const later = totals({ sums: { ...totals().sums, lag: 0 } });
    platform.console('/api/live', { stream: [streamed('totals', totals()), streamed('totals', later)] });
    const { body } = await platform.visitor('guest').get('/platform/windows/events');
    const parts = [...body.matchAll(/event: parts\ndata: (.*)/g)].map(([, data]) =>
      Object.keys(JSON.parse(data!)),
    );
    expect(parts).toEqual([['tiles', 'chart', 'table'], ['tiles']]);
  });

  it('says that the database is away, and that it is back', async () => {
    platform.console('/api/live', { stream: [streamed('unavailable', {}), streamed('totals', totals())] });
    expect(statesOf(await read())).toEqual(['Waiting for Cloud SQL', 'Live']);
  });

  it.each([
    ['does not answer', { status: 503, body: { code: 'too-many-watchers' } }],
    ['answers something else than agreed', { stream: [streamed('totals', { minutes: 'x' })] }],
  ])('says once that the console %s, and asks again', async (_how, answer) => {
    platform.console('/api/live', answer);
    expect(statesOf(await read())).toEqual(['Waiting for the console']);
    expect(platform.site.services.sent('GET /api/live').length).toBeGreaterThan(1);
  });

  it('ends after its time, and lets the console go', async () => {
    platform.console('/api/live', { stream: [streamed('totals', totals())] });
    const reading = read();
    while (platform.site.services.openStreams() === 0) await sleep(5);
    expect(await reading).toContain('event: parts');
    while (platform.site.services.openStreams() > 0) await sleep(5);
  });
});
