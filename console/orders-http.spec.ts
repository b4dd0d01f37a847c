import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import type { OrderEvent, OrdersSeen } from './answers.ts';
import type { OrderEvents } from './order-events.ts';
import { type OrdersParts, useOrders } from './orders-http.ts';

const log = createLogger('spec', 'silent');
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const EVENT: OrderEvent = {
  topic: 'order.placed',
  service: 'order',
  at: '2026-11-29T08:00:00.000Z',
  place: '0/1',
  eventId: 'o-1/placed',
  traceId: TRACE,
};
const SPAN = {
  spanId: 'a',
  parentId: '',
  service: 'order',
  name: 'POST /orders',
  startMs: Date.parse(EVENT.at) - 20,
  endMs: Date.parse(EVENT.at),
  isFailed: false,
  attributes: {},
};

/** Stands for the collector. */
let collector: FastifyInstance;
let tracesUrl: string;
let trace: { status: number; body: unknown };
let asked: string[] = [];
beforeAll(async () => {
  collector = createHttp({ log, registry: createRegistry('spec') });
  collector.get('/traces/:id', (request, reply) => {
    asked.push(`${request.url} ${request.headers.accept}`);
    return reply.code(trace.status).send(trace.body);
  });
  tracesUrl = `${await collector.listen({ host: '127.0.0.1', port: 0 })}/traces`;
});
afterAll(() => collector.close());

let app: FastifyInstance;
beforeEach(() => {
  asked = [];
  trace = { status: 200, body: { traceId: TRACE, spans: [SPAN] } };
});
afterEach(() => app.close());

const SEEN: OrdersSeen = {
  orders: [{ orderId: 'o-1', placedAt: EVENT.at, last: EVENT, events: 1 }],
  isComplete: true,
};
function open(events: Partial<OrderEvents> = {}, change: Partial<OrdersParts> = {}): void {
  const known: OrderEvents = {
    list: async () => SEEN,
    of: async () => [EVENT],
    isReading: () => true,
    stop: async () => {},
    ...events,
  };
  app = createHttp({ log, registry: createRegistry('spec') });
  useOrders(app, { events: known, tracesUrl, log, ...change });
}
async function get(url: string) {
  const { statusCode: status, json } = await app.inject(url);
  return { status, body: json<Record<string, unknown>>() };
}

describe('the orders', () => {
  it('are listed as they were seen, all or by the beginning of an id', async () => {
    const beginnings: (string | undefined)[] = [];
    open({
      list: async (beginning) => {
        beginnings.push(beginning);
        return SEEN;
      },
    });
    expect(await get('/api/orders')).toEqual({ status: 200, body: SEEN });
    await get('/api/orders?id=o-');
    expect(beginnings).toEqual([undefined, 'o-']);
  });

  it('are away while none could be read, and none while there are none', async () => {
    open({ list: async () => ({ orders: [], isComplete: false }) });
    expect(await get('/api/orders')).toMatchObject({ status: 503, body: { code: 'store-away' } });
    await app.close();
    open({ list: async () => ({ orders: [], isComplete: true }) });
    expect((await get('/api/orders')).status).toBe(200);
  });

  it.each(['', '%27', 'x'.repeat(65), 'a&id=b'])('are not searched by %p', async (id) => {
    open();
    expect((await get(`/api/orders?id=${id}`)).status).toBe(400);
  });
});

describe('a journey', () => {
  it('has the spans of its traces, asked for as JSON', async () => {
    open();
    const { status, body } = await get('/api/orders/o-1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      traces: 'shown',
      lastedMs: 20,
      traceIds: [TRACE],
      spans: [{ name: 'POST /orders' }],
    });
    expect(asked).toEqual([`/traces/${TRACE} application/json`]);
  });

  it.each<[string, typeof trace, string]>([
    ['knows them no more', { status: 404, body: {} }, 'forgotten'],
    ['fails', { status: 500, body: {} }, 'away'],
    ['says something else than agreed', { status: 200, body: { spans: [{ name: 7 }] } }, 'away'],
  ])('is shown without spans when the collector %s', async (_how, answer, traces) => {
    trace = answer;
    open();
    expect(await get('/api/orders/o-1')).toMatchObject({
      status: 200,
      body: { traces, spans: [], events: [EVENT] },
    });
  });

  it('is shown without spans where there is no collector, or none that answers', async () => {
    open({}, { tracesUrl: undefined });
    expect((await get('/api/orders/o-1')).body).toMatchObject({ traces: 'off', spans: [] });
    await app.close();
    open({}, { tracesUrl: 'http://127.0.0.1:1/traces' });
    expect((await get('/api/orders/o-1')).body).toMatchObject({ traces: 'away', spans: [] });
  });

  it('asks for a bounded number of traces', async () => {
    const events = Array.from({ length: 30 }, (_, at) => ({
      ...EVENT,
      traceId: String(at).padStart(32, '0'),
    }));
    open({ of: async () => events });
    await get('/api/orders/o-1');
    expect(asked).toHaveLength(10);
  });

  it('of an unknown order is 404; while the topics are away it is unknown', async () => {
    open({ of: async () => [] });
    expect(await get('/api/orders/o-2')).toMatchObject({ status: 404, body: { code: 'order-unknown' } });
    expect((await get('/api/orders/%2e%2e')).status).toBe(404);
    await app.close();
    open({ of: async () => [], isReading: () => false });
    expect(await get('/api/orders/o-2')).toMatchObject({ status: 503, body: { code: 'store-away' } });
  });
});
