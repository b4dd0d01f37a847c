import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type ServeOptions, type SpecServer, serveForSpec } from '../../test/serve.ts';
import { activeTraceparent } from '../trace.ts';
import { route } from './api.ts';

const who = z.object({ kind: z.string(), ip: z.string(), trace: z.string() });
const open = route(
  { method: 'GET', url: '/open', access: 'anyone', summary: 'X', answers: { 200: who } },
  async ({ caller, ip }) => ({
    status: 200,
    body: { kind: caller.kind, ip, trace: activeTraceparent() ?? 'none' },
  }),
);
const mine = route(
  {
    method: 'GET',
    url: '/mine',
    access: 'signed-in',
    summary: 'X',
    answers: { 200: z.object({ userId: z.string() }) },
  },
  async ({ caller }) => ({ status: 200, body: { userId: caller.userId } }),
);
const ours = route(
  {
    method: 'GET',
    url: '/ours',
    access: { service: ['cart'] },
    summary: 'X',
    answers: { 200: z.object({ name: z.string() }) },
  },
  async ({ caller }) => ({ status: 200, body: { name: caller.name } }),
);
let letGo = () => {};
const held = route(
  { method: 'GET', url: '/held', access: 'anyone', summary: 'X', answers: { 200: z.object({}) } },
  async () => {
    await new Promise<void>((resolve) => {
      letGo = resolve;
    });
    return { status: 200, body: {} };
  },
);

const customer = { kind: 'user', userId: 'u-1', role: 'customer' } as const;
const cart = { kind: 'service', name: 'cart' } as const;

let server: SpecServer;
afterEach(() => server.close());
const serve = async (options: Partial<ServeOptions> = {}) => {
  server = await serveForSpec({ routes: [open, mine, ours, held], ...options });
};
const get = (url: string, headers: Record<string, string> = {}) => server.request('GET', url, { headers });

describe('without a valid token', () => {
  it('a caller is challenged: without an error where none was sent, with one where it is bad', async () => {
    await serve();
    const none = await get('/mine');
    expect([none.status, none.body.code, none.headers.get('www-authenticate')]).toEqual([
      401,
      'sign-in-first',
      'Bearer',
    ]);
    const bad = await get('/mine', { authorization: 'Bearer a.b.c' });
    expect([bad.status, bad.body.code, bad.headers.get('www-authenticate')]).toEqual([
      401,
      'invalid-token',
      'Bearer error="invalid_token"',
    ]);
  });

  it.each(['Basic dTpw', 'Bearer', 'Bearer a b', 'a.b.c', 'Bearer ä'])(
    '%s is none',
    async (authorization) => {
      await serve();
      expect((await get('/mine', { authorization: encodeURI(authorization) })).status).toBe(401);
    },
  );

  it('a request to a public route is carried out without a caller', async () => {
    await serve();
    const { status, body } = await get('/open', { authorization: 'Bearer a.b.c' });
    expect([status, body.kind]).toEqual([200, 'anonymous']);
  });
});

describe('while the keys cannot be had', () => {
  it('a request that needs a token is asked to come back, and one to a public route is carried out', async () => {
    await serve();
    server.issuer.setDown(true);
    const refused = await server.request('GET', '/mine', { as: customer });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await server.request('GET', '/open', { as: customer })).status).toBe(200);
  });
});

describe('the limit', () => {
  const config = { RATE_LIMIT_PER_MINUTE: 2 };
  const statusesOf = async (calls: number, call: () => Promise<{ status: number }>) => {
    const statuses: number[] = [];
    for (let index = 0; index < calls; index += 1) statuses.push((await call()).status);
    return statuses;
  };

  it('counts each user alone, over all routes, and refused tokens by their address', async () => {
    await serve({ config });
    const bad = () => get('/mine', { authorization: 'Bearer a.b.c' });
    expect(await statusesOf(3, bad)).toEqual([401, 401, 429]);
    expect(await statusesOf(1, () => get('/open'))).toEqual([429]);
    expect(await statusesOf(3, () => server.request('GET', '/mine', { as: customer }))).toEqual([
      200, 200, 429,
    ]);
    expect((await server.request('GET', '/mine', { as: { ...customer, userId: 'u-2' } })).status).toBe(200);
  });

  it('does not hold for services, which call for many people', async () => {
    await serve({ config });
    expect(await statusesOf(4, () => server.request('GET', '/ours', { as: cart }))).toEqual([
      200, 200, 200, 200,
    ]);
  });

  it('believes a forwarded address from a trusted proxy only', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.7' };
    await serve();
    expect((await get('/open', forwarded)).body.ip).toBe('127.0.0.1');
    await server.close();
    await serve({ config: { TRUSTED_PROXIES: ['127.0.0.1'] } });
    expect((await get('/open', forwarded)).body.ip).toBe('203.0.113.7');
  });
});

describe('the trace', () => {
  it('of the request is continued', async () => {
    await serve();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect((await get('/open', { traceparent })).body.trace).toContain('0af7651916cd43dd8448eb211c80319c');
    expect((await get('/open')).body.trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

describe('a caller who leaves before the answer', () => {
  it('is counted as such, and no longer as being served', async () => {
    await serve();
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    socket.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n');
    await untilMetrics(/http_requests_in_flight\{.*\} 1/);
    socket.destroy();
    await untilMetrics(/duration_seconds_count\{.*route="\/held",status="499"\} 1/);
    letGo();
    await untilMetrics(/http_requests_in_flight\{.*\} 0/);
  });
});

/** The test's own time limit ends the wait. */
async function untilMetrics(form: RegExp): Promise<void> {
  while (!form.test(await server.registry.metrics())) await sleep(10);
}
