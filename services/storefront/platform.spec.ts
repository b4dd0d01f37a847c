import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestPlatform, streamed, type TestPlatform, totals } from './test-platform.ts';
import { startTestSite } from './test-site.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({
    TRACES_URL: 'http://traces.test/traces',
    PROMETHEUS_URL: 'http://metrics.test',
    MAILBOX_URL: 'http://mail.test/mailbox',
  });
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.site.services.requests.length = 0;
  platform.console('/api/totals', { body: totals() });
});

const PAGES = ['/platform', '/platform/windows'];
const STREAMS = ['/platform/events', '/platform/windows/events'];
/** Of one tile, without the other words of its page. */
const tile = (html: string, name: string): string =>
  new RegExp(`data-tile="${name}".*?tile-value">([^<]*)<`, 's').exec(html.replaceAll('\\"', '"'))?.[1] ?? '';

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
  let admins: TestPlatform;
  beforeAll(async () => {
    admins = await startTestPlatform({ PLATFORM_FOR: 'admin' });
  });
  afterAll(() => admins.close());

  it.each([...PAGES, ...STREAMS])(
    '%s is for them alone: guests sign in first, others are refused',
    async (url) => {
      admins.site.services.requests.length = 0;
      const guest = await admins.visitor('guest').get(url);
      expect([guest.status, guest.headers.location]).toEqual([303, '/account/sign-in?next=platform']);
      const customer = await admins.visitor('customer').get(url);
      expect([customer.status, customer.body.includes('who run the shop')]).toEqual([403, true]);
      expect(admins.site.services.requests.filter(({ call }) => call.includes('/api/'))).toEqual([]);
      expect((await admins.visitor('admin').get(url)).status).toBe(200);
    },
  );

  it('take nobody for an admin by a token that the user service does not know', async () => {
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
    expect(Object.keys(parts)).toEqual(['tiles', 'chart', 'rows']);
    expect(rowsOf(parts.rows!)).toHaveLength(3);
    expect(parts.chart).toContain('08:13: small');
    expect(platform.site.services.requests.at(-1)!.url).toContain('/api/live?minutes=60');
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
    const parts = [...body.matchAll(/event: parts\ndata: (.*)/g)].map(([, data]) => JSON.parse(data!).tiles);
    expect(parts.map((html) => tile(html, 'Events'))).toEqual(['1,204', '5,000']);
    expect(statesOf(body)).toEqual(['Live']);
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
    expect(await read()).toContain('event: parts');
    expect(platform.site.services.sent('GET /api/live')).toHaveLength(1);
  });
});
