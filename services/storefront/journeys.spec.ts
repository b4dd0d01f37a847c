import { beforeEach, describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { startTestPlatform, totals } from './test-platform.ts';
import { startTestSite } from './test-site.ts';

const ORDER = '1b3fa5ff-05d5-8bb5-ae9a-f402b84a44a0';
const TRACE = '07411aafcc7c444d9e2a8b743ba6dab5';
const event = (topic: string, service: string, at: string, change: Record<string, unknown> = {}) => ({
  topic,
  service,
  at: `2026-11-29T08:14:${at}Z`,
  place: '0/7',
  eventId: `${topic}/1`,
  traceId: TRACE,
  ...change,
});
const span = (name: string, service: string, change: Record<string, unknown> = {}) => ({
  name,
  service,
  depth: 0,
  startMs: 0,
  lastedMs: 20,
  isFailed: false,
  isStatement: false,
  statements: 0,
  ...change,
});
const PLACED = event('order.placed', 'order', '30.100');
const journey = (change: Record<string, unknown> = {}) => ({
  orderId: ORDER,
  startedAt: '2026-11-29T08:14:30.000Z',
  lastedMs: 1_000,
  events: [PLACED, event('stock.reserved', 'product', '30.500')],
  spans: [
    span('POST /orders', 'order', { statements: 9 }),
    span('process order.placed', 'product', { depth: 1, startMs: 250, lastedMs: 500, topic: 'order.placed' }),
  ],
  traceIds: [TRACE],
  traces: 'shown',
  ...change,
});
const seen = (orderIds: readonly string[], isComplete = true) => ({
  body: {
    orders: orderIds.map((orderId) => ({ orderId, placedAt: PLACED.at, last: PLACED, events: 5 })),
    isComplete,
  },
});

const platform = openForSpec(() => startTestPlatform({ TRACES_URL: 'http://traces.test/traces' }));
beforeEach(() => {
  platform.console('/api/totals', { body: totals() });
  platform.console('/api/orders', seen([ORDER, 'o-2']));
  platform.console(`/api/orders/${ORDER}`, { body: journey() });
});
const get = (url: string) => platform.visitor('guest').get(url);
/** What a reader sees, without tags. */
const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the orders', () => {
  it('are listed with their last event, each with the way to its journey', async () => {
    const { status, body } = await get('/platform/orders');
    expect(status).toBe(200);
    expect(body).toContain(`href="/platform/orders/${ORDER}"`);
    expect(textOf(body)).toContain('Nov 29, 08:14:30');
  });

  it('are searched by the beginning of an id; the only one found is shown at once', async () => {
    platform.console('/api/orders', seen([ORDER]));
    const { status, headers } = await get('/platform/orders?id=%201b3fa5ff%20');
    expect([status, headers.location]).toEqual([303, `/platform/orders/${ORDER}`]);
    expect(platform.site.services.requests.at(-1)!.url).toBe('/api/orders?id=1b3fa5ff');
  });

  it('that are several are all shown, with what was searched for', async () => {
    const { status, body } = await get('/platform/orders?id=o');
    expect(status).toBe(200);
    expect(body).toContain('value="o"');
  });

  it.each(['%3Cscript%3E', 'a%20b', 'x'.repeat(65)])(
    'are never searched by what no id is: %s',
    async (id) => {
      platform.site.services.requests.length = 0;
      const { status, body } = await get(`/platform/orders?id=${id}`);
      expect(status).toBe(200);
      expect(textOf(body)).toContain('No such order');
      expect(body).not.toContain('<script>');
      expect(platform.site.services.requests).toEqual([]);
    },
  );

  it('say so where there are none yet, or while they are still read', async () => {
    platform.console('/api/orders', seen([]));
    expect(textOf((await get('/platform/orders')).body)).toContain('No orders yet');
    platform.console('/api/orders', seen([ORDER], false));
    expect(textOf((await get('/platform/orders')).body)).toContain('still being read');
  });

  it('say that the topics are away', async () => {
    const detail = 'The topics of orders cannot be read now.';
    platform.console('/api/orders', { status: 503, body: { code: 'store-away', detail } });
    const { status, body } = await get('/platform/orders');
    expect([status, textOf(body).includes(detail)]).toEqual([503, true]);
  });
});

describe('a journey', () => {
  const page = async (change: Record<string, unknown> = {}, query = '') => {
    platform.console(`/api/orders/${ORDER}`, { body: journey(change) });
    return get(`/platform/orders/${ORDER}${query}`);
  };

  it('has a lane for each service, with its work at its place in time', async () => {
    const { body } = await page();
    expect([...body.matchAll(/data-lane="(\w+)"/g)].map(([, service]) => service)).toEqual([
      'order',
      'product',
    ]);
    const product = body.slice(body.indexOf('data-lane="product"'));
    expect(
      /<rect class="lane-bar" data-kind="work" x="([\d.]+)"[^>]*? width="([\d.]+)"/.exec(product)!.slice(1),
    ).toEqual(['250', '500']);
  });

  it('shows topics, times and offsets, and draws nothing by inline styles', async () => {
    const { body } = await page({
      events: [event('payment.failed', 'payment', '30.900', { reason: 'declined' })],
    });
    expect(textOf(body)).toMatch(/900 ms payment\.failed declined payment 0\/7/);
    expect(body).not.toMatch(/ style=/);
    expect(body).toContain(`href="http://traces.test/traces/${TRACE}"`);
  });

  it('shows a lane also for a service of which the events alone are known', async () => {
    const { body } = await page({ spans: [], traces: 'off' });
    expect([...body.matchAll(/data-lane="(\w+)"/g)].map(([, service]) => service)).toEqual([
      'order',
      'product',
    ]);
    expect(textOf(body)).toContain('only the events are known');
  });

  it.each([
    ['away', 'does not answer now'],
    ['forgotten', 'does not know the traces'],
  ])('says why there are no spans: %s', async (traces, words) => {
    expect(textOf((await page({ spans: [], traces })).body)).toContain(words);
  });

  it('marks what has failed, in words too', async () => {
    const { body } = await page({ spans: [span('POST /orders', 'order', { isFailed: true })] });
    expect(body).toContain('data-kind="failed"');
    expect(textOf(body)).toContain('POST /orders failed');
  });

  it('has every statement when they are asked for, and counts them else', async () => {
    expect(textOf((await page()).body)).toContain('9 statements');
    await page({}, '?statements=yes');
    expect(platform.site.services.requests.at(-1)!.url).toBe(`/api/orders/${ORDER}?statements=yes`);
    await page({}, '?statements=%27');
    expect(platform.site.services.requests.at(-1)!.url).toBe(`/api/orders/${ORDER}?statements=no`);
  });

  it('of no length is drawn all the same', async () => {
    const { status, body } = await page({ lastedMs: 0, events: [PLACED], spans: [] });
    expect(status).toBe(200);
    expect(body).not.toContain('NaN');
  });

  it('that is in no topic is a page that is not there', async () => {
    const detail = 'No topic has such an order.';
    platform.console(`/api/orders/${ORDER}`, { status: 404, body: { code: 'order-unknown', detail } });
    const { status, body } = await get(`/platform/orders/${ORDER}`);
    expect([status, textOf(body).includes(detail)]).toEqual([404, true]);
    expect((await get('/platform/orders/%3Cscript%3E')).status).toBe(404);
  });
});

describe('the page of an order', () => {
  const linked = async (settings: Record<string, string>, role: 'customer' | 'admin') => {
    const shop = await startTestPlatform(settings);
    const history = [{ status: 'placed', at: PLACED.at }];
    const body = {
      orderId: ORDER,
      status: 'placed',
      lines: [],
      total: { amountMinor: 100, currency: 'EUR' },
      history,
    };
    shop.site.services.answers.set(`GET /orders/${ORDER}`, { body });
    const page = await shop.visitor(role).get(`/orders/${ORDER}`);
    await shop.close();
    expect(page.status).toBe(200);
    return page.body.includes(`href="/platform/orders/${ORDER}"`);
  };

  it('leads to its journey only for visitors who may watch the platform', async () => {
    expect(await linked({ PLATFORM_FOR: 'anyone' }, 'customer')).toBe(true);
    expect(await linked({ PLATFORM_FOR: 'admin' }, 'customer')).toBe(false);
    expect(await linked({ PLATFORM_FOR: 'admin' }, 'admin')).toBe(true);
  });

  it('does not where no console is', async () => {
    const site = await startTestSite();
    expect((await site.visitor().get('/platform/orders')).status).toBe(404);
    await site.close();
  });
});
