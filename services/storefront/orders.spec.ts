import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { type CannedAnswer, product, refusal } from './test-services.ts';
import { startTestSite, type TestSite, type Visitor } from './test-site.ts';

const site = openForSpec(() => startTestSite({ ORDER_POLL_MS: '20', ORDER_STREAM_MS_MAX: '5000' }));
let visitor: Visitor;

beforeEach(async () => {
  answer('POST /sessions', {
    body: { accessToken: 'access.1', refreshToken: 'refresh-1', expiresInS: 900 },
  });
  answer('GET /cart', { body: { lines: [], totals: [], isOrderable: false } });
  answer('GET /products/vase', { body: product('vase') });
  site.services.answers.delete('GET /payments/o1');
  visitor = site.visitor();
  await visitor.post('/account/sign-in', { email: 'ann@mail.example', password: 'words' });
  site.services.requests.length = 0;
});

const answer = (call: string, given: CannedAnswer | (() => CannedAnswer)) =>
  site.services.answers.set(call, given);

type Status = 'placed' | 'reserved' | 'confirmed' | 'cancelled';
/** An order that has gone through these. */
const order = (statuses: readonly Status[], reason?: string, orderId = 'o1') => ({
  orderId,
  status: statuses.at(-1),
  lines: [{ productId: 'vase', quantity: 2, unitPriceMinor: 4_900 }],
  total: { amountMinor: 9_800, currency: 'EUR' },
  history: statuses.map((status, at) => ({
    status,
    at: `2026-11-29T09:00:0${at}.000Z`,
    ...(status === 'cancelled' ? { reason } : {}),
  })),
});
const notMine = refusal(new Problem(404, 'order-not-found', 'There is no such order.'));

describe('an order', () => {
  it.each<[Status[], string | undefined, Record<string, unknown> | undefined, string[]]>([
    [['placed'], undefined, undefined, ['We have your order', 'Nothing is charged yet']],
    [['placed', 'reserved'], undefined, { status: 'charging' }, ['Waiting for the payment']],
    [['placed', 'reserved', 'confirmed'], undefined, { status: 'succeeded' }, ['Your order is confirmed']],
    [['placed', 'cancelled'], 'stock-rejected', undefined, ['sold out', 'Nothing was charged']],
    [
      ['placed', 'reserved', 'cancelled'],
      'payment-failed',
      { status: 'failed', failureReason: 'declined' },
      ['Your bank declined the payment', 'Nothing was charged'],
    ],
    [
      ['placed', 'reserved', 'cancelled'],
      'payment-failed',
      { status: 'failed', failureReason: 'insufficient-funds' },
      ['not enough money'],
    ],
    [['placed', 'cancelled'], 'expired', undefined, ['It took too long']],
    [['placed', 'cancelled'], 'by-customer', undefined, ['You cancelled it']],
    [
      ['placed', 'reserved', 'cancelled'],
      'by-customer',
      { status: 'refunding' },
      ['Your money is on its way back'],
    ],
    [['placed', 'reserved', 'cancelled'], 'expired', { status: 'refunded' }, ['Your money has gone back']],
  ])('that is %p (%p) is described in words', async (statuses, reason, payment, words) => {
    answer('GET /orders/o1', { body: order(statuses, reason) });
    if (payment) answer('GET /payments/o1', { body: payment });
    const { status, body } = await visitor.get('/orders/o1');
    expect(status).toBe(200);
    for (const sentence of words) expect(body).toContain(sentence);
    expect(body).toContain('The vase');
    expect(body.includes('action="/orders/o1/cancel"')).toBe(statuses.length < 3 && !reason);
    expect(body.includes('data-stream="')).toBe(!reason && !statuses.includes('confirmed'));
    expect(body.includes('action="/orders/o1/again"')).toBe(statuses.includes('cancelled'));
  });

  it('is shown without its payment where that service is away, and without names where the products are', async () => {
    answer('GET /orders/o1', { body: order(['placed', 'reserved']) });
    answer('GET /payments/o1', { status: 503 });
    answer('GET /products/vase', { status: 503 });
    const { status, body } = await visitor.get('/orders/o1');
    expect(status).toBe(200);
    expect(body).toContain('Waiting for the payment');
    expect(body).toContain('vase');
  });

  it('can be looked at again without a script', async () => {
    answer('GET /orders/o1', { body: order(['placed']) });
    expect((await visitor.get('/orders/o1')).body).toMatch(/<noscript>.*href="\/orders\/o1"/s);
  });
});

describe('an order of another customer', () => {
  beforeEach(() => {
    answer('GET /orders/foreign', notMine);
    answer('POST /orders/foreign/cancellation', notMine);
  });
  it.each(['/orders/foreign', '/orders/foreign/events'])('is not there: %s', async (url) => {
    expect((await visitor.get(url)).status).toBe(404);
  });
  it.each(['/orders/foreign/cancel', '/orders/foreign/again'])('cannot be changed: %s', async (url) => {
    expect((await visitor.post(url, {})).status).toBe(404);
    expect(site.services.requests.filter(({ call }) => call.startsWith('PUT'))).toEqual([]);
  });
  it('is not shown to a guest either, who is asked to sign in', async () => {
    const guest = site.visitor();
    expect((await guest.get('/orders/o1')).headers.location).toBe('/account/sign-in?next=orders');
    expect((await guest.post('/orders/o1/cancel', {})).headers.location).toBe('/account/sign-in?next=orders');
    expect((await guest.get('/orders/o1/events')).status).toBe(204);
    expect(site.services.requests.filter(({ call }) => call.includes('/orders'))).toEqual([]);
  });
  it.each(['..%2fadmin', '%00', 'o1%0d%0ax', 'a'.repeat(65), "o1'--"])(
    'whose id is %p never reaches a service',
    async (id) => {
      for (const path of [`/orders/${id}`, `/orders/${id}/events`])
        expect((await visitor.get(path)).status).toBe(404);
      expect((await visitor.post(`/orders/${id}/cancel`, {})).status).toBe(404);
      expect(site.services.requests.filter(({ call }) => /orders|admin/.test(call))).toEqual([]);
    },
  );
});

describe('a cancellation', () => {
  it('goes to the order service under one key, however often it is sent, and back to the order', async () => {
    answer('POST /orders/o1/cancellation', { body: order(['placed', 'cancelled'], 'by-customer') });
    const both = await Promise.all([
      visitor.post('/orders/o1/cancel', {}),
      visitor.post('/orders/o1/cancel', {}),
    ]);
    expect(both.map(({ headers }) => headers.location)).toEqual(['/orders/o1', '/orders/o1']);
    const keys = site.services
      .sent('POST /orders/o1/cancellation')
      .map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual(['cancel-o1', 'cancel-o1']);
  });

  it('that comes too late is shown on the order’s page', async () => {
    answer('POST /orders/o1/cancellation', refusal(new Problem(409, 'order-confirmed', 'Too late.')));
    answer('GET /orders/o1', { body: order(['placed', 'reserved', 'confirmed']) });
    await visitor.post('/orders/o1/cancel', {});
    expect((await visitor.get('/orders/o1')).body).toContain('can no longer be cancelled');
  });

  it('that another site asks for is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await visitor.post('/orders/o1/cancel', {}, headers)).status).toBe(403);
    expect(site.services.sent('POST /orders/o1/cancellation')).toEqual([]);
  });
});

describe('a cancelled order', () => {
  it('goes into the cart again, once, and without what is no longer sold', async () => {
    const gone = { productId: 'gone', quantity: 1, unitPriceMinor: 100 };
    const kept = { productId: 'lamp', quantity: 1, unitPriceMinor: 100 };
    const cancelled = order(['placed', 'cancelled'], 'stock-rejected');
    answer('GET /orders/o1', { body: { ...cancelled, lines: [...cancelled.lines, gone, kept] } });
    const line = { name: 'The lamp', unitPrice: cancelled.total, isAvailable: true };
    answer('GET /cart', {
      body: { lines: [{ ...line, productId: 'lamp', quantity: 1 }], totals: [], isOrderable: true },
    });
    answer('PUT /cart/lines/vase', { body: { lines: [], totals: [], isOrderable: false } });
    answer('PUT /cart/lines/gone', refusal(new Problem(422, 'product-not-sold', 'No longer sold.')));
    expect((await visitor.post('/orders/o1/again', {})).headers.location).toBe('/cart');
    expect(site.services.sent('PUT /cart/lines/vase').map(({ body }) => body)).toEqual([{ quantity: 2 }]);
    expect(site.services.sent('PUT /cart/lines/lamp')).toEqual([]);
  });
});

describe('the stream of an order', () => {
  const statesOf = (body: string) => [...body.matchAll(/data-state=\\"(\w+)\\"/g)].map(([, state]) => state);
  /** The order service's answers, one after the other; the last stays. */
  const history = (...steps: (() => CannedAnswer)[]) => {
    const left = [...steps];
    answer('GET /orders/o1', () => (left.length > 1 ? left.shift()! : left[0]!)());
  };
  const is =
    (...statuses: Status[]) =>
    () => ({ body: order(statuses) });

  it('sends each change once, and ends with the order', async () => {
    history(
      is('placed'),
      is('placed'),
      is('placed', 'reserved'),
      is('placed', 'reserved'),
      is('placed', 'reserved', 'confirmed'),
    );
    const { status, headers, body } = await visitor.get('/orders/o1/events');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    expect(statesOf(body)).toEqual(['placed', 'reserved', 'confirmed']);
    expect(body).toMatch(/event: end\ndata:\n\n$/);
  });

  it('begins with what the page has not shown yet, and after a reconnection with what was missed', async () => {
    history(is('placed'), is('placed', 'reserved', 'confirmed'));
    const { body } = await visitor.get('/orders/o1/events?seen=1-none');
    expect(statesOf(body)).toEqual(['confirmed']);
    history(is('placed', 'reserved', 'confirmed'));
    const later = await visitor.get('/orders/o1/events?seen=1-none', { 'last-event-id': '3-none' });
    expect(statesOf(later.body)).toEqual([]);
    expect(later.body).toContain('event: end');
  });

  it('outlasts a service that is away for a while', async () => {
    history(
      is('placed'),
      () => ({ status: 503 }),
      () => ({ status: 500 }),
      is('placed', 'reserved', 'confirmed'),
    );
    expect(statesOf((await visitor.get('/orders/o1/events')).body)).toEqual(['placed', 'confirmed']);
  });

  it('ends without an end when the session is over, so that the page connects again with a new one', async () => {
    history(is('placed'), () => refusal(new Problem(401, 'token-invalid', 'No.')));
    const { body } = await visitor.get('/orders/o1/events');
    expect(statesOf(body)).toEqual(['placed']);
    expect(body).not.toContain('event: end');
  });

  it('ends after its time, whatever the order does', async () => {
    const brief = await startTestSite({ ORDER_POLL_MS: '20', ORDER_STREAM_MS_MAX: '100' });
    brief.services.answers.set('GET /orders/o1', { body: order(['placed']) });
    const ann = brief.visitor();
    ann.cookies.set('shop-access', 'access.1');
    const { body } = await ann.get('/orders/o1/events');
    expect(statesOf(body)).toEqual(['placed']);
    expect(body).not.toContain('event: end');
    await brief.close();
  });

  it('is one event a change whatever people wrote, and takes no harm from a made-up mark', async () => {
    history(is('placed', 'reserved', 'confirmed'));
    const { body } = await visitor.get('/orders/o1/events?seen=%0aevent:%20end', { 'last-event-id': 'x' });
    expect(statesOf(body)).toEqual(['confirmed']);
    expect(body.match(/^event: /gm)).toHaveLength(2);
  });

  describe('on a connection of its own', () => {
    const STREAMS_OF_VISITOR = 8;
    let real: TestSite;
    let url: string;
    beforeEach(async () => {
      real = await startTestSite({ ORDER_POLL_MS: '20', ORDER_STREAM_MS_MAX: '600000' });
      real.services.answers.set('GET /orders/o1', { body: order(['placed']) });
      url = `${await real.app.listen({ host: '127.0.0.1', port: 0 })}/orders/o1/events`;
    });
    afterEach(() => real.close());
    /** Not fetch: it opens spare connections, which a server that stops waits for. */
    const connect = async (): Promise<IncomingMessage> => {
      const headers = { cookie: 'shop-access=access.1', host: 'shop.test' };
      const [stream] = (await once(get(url, { headers, agent: false }), 'response')) as [IncomingMessage];
      return stream;
    };

    it('is refused to a visitor who holds too many, and given again when one of those is gone', async () => {
      const streams: IncomingMessage[] = [];
      for (let count = 0; count < STREAMS_OF_VISITOR; count += 1) streams.push(await connect());
      expect(streams.map(({ statusCode }) => statusCode)).toEqual(streams.map(() => 200));
      expect((await connect()).resume().statusCode).toBe(204);
      streams[0]!.destroy();
      let next = await connect();
      while (next.statusCode === 204) next = await connect();
      expect(next.statusCode).toBe(200);
      for (const stream of [...streams, next]) stream.destroy();
    });

    it('ends when the process stops, though its order has not ended', async () => {
      const stream = await connect();
      const read = text(stream);
      await real.app.close();
      expect(statesOf(await read)).toEqual(['placed']);
      expect(await read).not.toContain('event: end');
    });
  });
});

describe('the list of orders', () => {
  it('has the newest first, their state in words, and leads to those before', async () => {
    answer('GET /orders', {
      body: {
        items: [order(['placed', 'reserved', 'confirmed']), order(['placed'], undefined, 'o2')],
        next: 'a+b',
      },
    });
    const { body } = await visitor.get('/orders', { 'accept-language': 'de-DE' });
    expect([...body.matchAll(/class="order-row" href="\/orders\/(\w+)"/g)].map(([, id]) => id)).toEqual([
      'o1',
      'o2',
    ]);
    expect(body).toContain('Confirmed');
    expect(body).toContain('98,00');
    expect(body).toContain('29.11.2026');
    expect(body).toContain('href="/orders?cursor=a%2Bb"');
    expect(body).not.toContain('Newest orders');
  });

  it('leads back to the newest from its later pages', async () => {
    answer('GET /orders', { body: { items: [order(['placed'])] } });
    const { body } = await visitor.get('/orders?cursor=abc');
    expect(body).toContain('Newest orders');
    expect(body).not.toContain('Earlier orders');
  });

  it('that is empty says so', async () => {
    answer('GET /orders', { body: { items: [] } });
    expect((await visitor.get('/orders')).body).toContain('No orders yet');
  });

  it('says that the order service is away, as a page', async () => {
    answer('GET /orders', { status: 503 });
    const { status, body } = await visitor.get('/orders');
    expect([status, body.includes('does not answer')]).toEqual([503, true]);
  });

  it('refuses a cursor that the service did not make, as a page', async () => {
    answer('GET /orders', refusal(new Problem(400, 'invalid-cursor', 'The cursor is not of this list.')));
    expect((await visitor.get('/orders?cursor=x')).status).toBe(400);
  });

  it.each(['/orders?cursor=a&cursor=b', `/orders?cursor=${'x'.repeat(600)}`])(
    'begins anew for a cursor that cannot be one: %p',
    async (url) => {
      answer('GET /orders', { body: { items: [] } });
      expect((await visitor.get(url)).body).toContain('No orders yet');
    },
  );
});
