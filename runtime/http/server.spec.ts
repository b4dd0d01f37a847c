import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createLogger } from '../log.ts';
import { Counter, createRegistry } from '../metrics.ts';
import { createHttp, type HttpOptions } from './server.ts';
import { traceRequests } from './trace.ts';

let app: FastifyInstance;
afterEach(() => app.close());

/** A server on a real port: what is asserted has passed through sockets. */
async function listen(options: Partial<HttpOptions> = {}, routes: (app: FastifyInstance) => void = () => {}) {
  app = createHttp({ log: createLogger('sample', 'silent'), registry: createRegistry('sample'), ...options });
  routes(app);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return async (path: string, init?: RequestInit) => {
    const response = await fetch(`${address}${path}`, init);
    const text = await response.text();
    return { status: response.status, type: response.headers.get('content-type') ?? '', text };
  };
}

describe('the operations endpoints', () => {
  it('say that the process lives', async () => {
    const get = await listen();
    expect(await get('/livez')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  });

  it('say that it is ready when every check passes', async () => {
    const get = await listen({ readiness: { database: () => true, kafka: async () => true } });
    const { status, text } = await get('/readyz');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { status: 'ok', checks: { database: 'ok', kafka: 'ok' } },
    ]);
  });

  it('name the check that fails or throws, without its reason', async () => {
    const readiness = {
      database: () => {
        throw new Error('password of admin is wrong');
      },
      kafka: () => false,
      disk: () => true,
    };
    const get = await listen({ readiness });
    const { status, text } = await get('/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(text).checks).toEqual({ database: 'failing', kafka: 'failing', disk: 'ok' });
    expect(text).not.toContain('admin');
  });

  it('say unready, and still alive, once the process is stopping', async () => {
    const get = await listen({ isStopping: () => true });
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/livez')).status).toBe(200);
  });

  it('serve the metrics of this registry and those of Node', async () => {
    const registry = createRegistry('sample');
    new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(3);
    const get = await listen({ registry });
    const { text, type } = await get('/metrics');
    expect(type).toContain('text/plain');
    expect(text).toContain('orders_total{process="sample"} 3');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('show a trouble that does not concern requests, and stay ready', async () => {
    let trouble: string | undefined = 'orders/0 has been held for 61 s';
    const get = await listen({ readiness: { database: () => true }, troubles: { consumer: () => trouble } });
    const told = await get('/readyz');
    expect(told.status).toBe(200);
    expect(JSON.parse(told.text)).toEqual({
      status: 'degraded',
      checks: { database: 'ok' },
      troubles: { consumer: trouble },
    });
    trouble = undefined;
    expect(JSON.parse((await get('/readyz')).text)).toEqual({ status: 'ok', checks: { database: 'ok' } });
  });
});

describe('a failing request', () => {
  const problem = async (answer: Promise<{ status: number; type: string; text: string }>) => {
    const { status, type, text } = await answer;
    expect(type).toContain('application/problem+json');
    return { status, text, body: JSON.parse(text) as Record<string, unknown> };
  };

  it('that is our fault reveals nothing internal', async () => {
    const get = await listen({}, (routes) =>
      routes.get('/broken', () => {
        throw new Error('relation "card_number" does not exist at 10.0.0.5');
      }),
    );
    const { body, text } = await problem(get('/broken'));
    expect(body).toEqual({ type: 'about:blank', status: 500, title: 'Internal Server Error' });
    expect(text).not.toContain('card_number');
  });

  it('of ours is found in the log by the id in the answer', async () => {
    const log = createLogger('sample', 'silent');
    const logged = jest.spyOn(log, 'error');
    const get = await listen({ log }, (routes) =>
      routes.get('/broken/:orderId', () => {
        throw new Error('broken');
      }),
    );
    await get('/broken/o-1', { headers: { 'x-request-id': 'abcdefgh-1' } });
    const facts = expect.objectContaining({ requestId: 'abcdefgh-1', route: '/broken/:orderId' });
    expect(logged.mock.calls).toEqual([[facts, 'request failed']]);
  });

  it('of ours is found in the log by the trace that it belongs to', async () => {
    const log = createLogger('sample', 'silent');
    const logged = jest.spyOn(log, 'error');
    const get = await listen({ log }, (routes) => {
      traceRequests(routes);
      routes.get('/broken', () => {
        throw new Error('broken');
      });
    });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await get('/broken', { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
    expect(logged.mock.calls).toEqual([[expect.objectContaining({ traceId }), 'request failed']]);
  });

  it('that is the fault of a server behind us reveals nothing internal either', async () => {
    const get = await listen({}, (routes) =>
      routes.get('/behind', () => {
        throw Object.assign(new Error('10.0.0.5 refused'), { statusCode: 502 });
      }),
    );
    const { body } = await problem(get('/behind'));
    expect(body).toEqual({ type: 'about:blank', status: 502, title: 'Bad Gateway' });
  });

  it("that is the caller's fault says what is wrong", async () => {
    const schema = {
      querystring: { type: 'object', required: ['page'], properties: { page: { type: 'integer' } } },
    };
    const get = await listen({}, (routes) => routes.get('/list', { schema }, () => 'x'));
    const { body } = await problem(get('/list?page=first'));
    expect(body).toMatchObject({
      status: 400,
      code: 'invalid-request',
      faults: [{ in: 'query', field: 'page', message: 'must be of type integer' }],
    });
  });

  it('for an unknown path is a 404 problem', async () => {
    const get = await listen();
    const { body } = await problem(get('/nowhere'));
    expect(body).toEqual({ type: 'about:blank', status: 404, title: 'Not Found' });
  });

  it('with a body above the limit is refused', async () => {
    const get = await listen({ bodyBytesMax: 100 }, (routes) => routes.post('/in', () => 'x'));
    const init = {
      method: 'POST',
      body: JSON.stringify('x'.repeat(200)),
      headers: { 'content-type': 'application/json' },
    };
    const { status } = await problem(get('/in', init));
    expect(status).toBe(413);
  });

  it("with broken JSON is the caller's fault", async () => {
    const get = await listen({}, (routes) => routes.post('/in', () => 'x'));
    const init = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect((await problem(get('/in', init))).status).toBe(400);
  });
});
