import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { Problem, route } from './api.ts';

const customer = { kind: 'user', userId: 'u-1', role: 'customer' } as const;
const order = z.object({ orderId: z.string(), total: z.int(), note: z.string().nullable() });

const routes = [
  route(
    {
      method: 'GET',
      url: '/orders/:orderId',
      access: 'owner',
      summary: 'One order',
      params: z.object({ orderId: z.string().max(20) }),
      answers: { 200: order },
    },
    async ({ params, caller }) => {
      if (params.orderId === 'foreign') throw new Problem(404, 'order-unknown', 'There is no such order.');
      if (params.orderId === 'broken') throw new Error('relation "card_number" at 10.0.0.5');
      if (params.orderId === 'down') throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
      if (params.orderId === 'odd') return { status: 299, body: { secret: 1 } };
      const body = { orderId: params.orderId, total: 7, note: null, owner: caller.userId, secret: 'x' };
      return { status: 200, version: 3, body };
    },
  ),
  route(
    {
      method: 'PUT',
      url: '/orders/:orderId',
      access: 'admin',
      summary: 'Change',
      params: z.object({ orderId: z.string() }),
      answers: { 200: z.object({ ifMatch: z.array(z.int()).optional() }), 204: null },
      ifMatch: 'required',
    },
    async ({ ifMatch }) => ({ status: 200, body: { ifMatch } }),
  ),
  route(
    { method: 'GET', url: '/page', access: 'anyone', summary: 'Page', answers: { 200: z.string() } },
    async () => ({ status: 200, contentType: 'text/html; charset=utf-8', body: '<p>hello</p>' }),
  ),
];

let server: SpecServer;
beforeAll(async () => {
  server = await serveForSpec({ routes });
});
afterAll(() => server.close());

describe('an answer', () => {
  it('has no field that its schema does not name', async () => {
    const { body } = await server.request('GET', '/orders/o-1', { as: customer });
    expect(body).toEqual({ orderId: 'o-1', total: 7, note: null });
  });

  it('with a version has an ETag, and is 304 for who has it', async () => {
    const first = await server.request('GET', '/orders/o-1', { as: customer });
    expect(first.headers.get('etag')).toBe('"3"');
    const headers = { 'if-none-match': 'W/"2", W/"3"' };
    const again = await server.request('GET', '/orders/o-1', { as: customer, headers });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it.each([
    ['"1", "3"', 304],
    ['W/"3"', 304],
    ['*', 304],
    ['"a,b", "3"', 304],
    ['"1", "2"', 200],
    ['"*"', 200],
    ['"a, ", W/"4"', 200],
    ['W/*', 200],
    ['3', 200],
  ])('is asked for with If-None-Match: %s, and is %i', async (header, status) => {
    const headers = { 'if-none-match': header };
    expect((await server.request('GET', '/orders/o-1', { as: customer, headers })).status).toBe(status);
  });

  it('may be a page', async () => {
    const { text, headers } = await server.request('GET', '/page');
    expect([text, headers.get('content-type')]).toEqual(['<p>hello</p>', 'text/html; charset=utf-8']);
  });

  it('has the security headers and a request id, also when it is a refusal', async () => {
    for (const url of ['/page', '/nowhere', '/orders/o-1']) {
      const { headers } = await server.request('GET', url, { headers: { 'x-request-id': 'abcdefgh-1' } });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('strict-transport-security')).toContain('max-age=');
      expect(headers.get('x-request-id')).toBe('abcdefgh-1');
    }
  });

  it('to a token is stored by no cache', async () => {
    const { headers } = await server.request('GET', '/orders/o-1', { as: customer });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['foreign', 404, { code: 'order-unknown', detail: 'There is no such order.' }],
    ['broken', 500, { type: 'about:blank', title: 'Internal Server Error' }],
    ['odd', 500, { type: 'about:blank' }],
    ['down', 503, { type: 'about:blank' }],
  ])('of a failure (%s) is a problem that reveals nothing internal', async (orderId, status, problem) => {
    const answer = await server.request('GET', `/orders/${orderId}`, { as: customer });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(answer.body).toMatchObject(problem);
    expect(answer.text).not.toMatch(/card_number|secret|10\.0/);
  });
});

describe('If-Match', () => {
  const admin = { kind: 'user', userId: 'a', role: 'admin' } as const;
  it.each([
    ['"7"', 200, { ifMatch: [7] }],
    ['*', 200, {}],
    ['"7", "8"', 200, { ifMatch: [7, 8] }],
    ['"7","8"', 200, { ifMatch: [7, 8] }],
    [', "7" ,\t, "0",', 200, { ifMatch: [7, 0] }],
    ['W/"6", "7"', 200, { ifMatch: [7] }],
    ['"of-another-server", "7"', 200, { ifMatch: [7] }],
    ['"a,b", "7"', 200, { ifMatch: [7] }],
    ['"2147483647"', 200, { ifMatch: [2_147_483_647] }],
    ['"2147483648"', 412, { code: 'changed-meanwhile' }],
    ['"99999999999999999999"', 412, { code: 'changed-meanwhile' }],
    ['"07"', 412, { code: 'changed-meanwhile' }],
    ['"*"', 412, { code: 'changed-meanwhile' }],
    ['W/"7", W/"8"', 412, { code: 'changed-meanwhile' }],
    ['"7" "8"', 400, { code: 'if-match-invalid' }],
    ['*, "7"', 400, { code: 'if-match-invalid' }],
    ['w/"7"', 400, { code: 'if-match-invalid' }],
    ['"7', 400, { code: 'if-match-invalid' }],
    [', ,', 400, { code: 'if-match-invalid' }],
    [undefined, 428, { code: 'if-match-required' }],
    ['W/"7"', 412, { code: 'changed-meanwhile' }],
    ['"abc"', 412, { code: 'changed-meanwhile' }],
    ['7', 400, { code: 'if-match-invalid' }],
  ])('of %s gives %i', async (header, status, expected) => {
    const headers = header === undefined ? {} : { 'if-match': header };
    const { status: given, body } = await server.request('PUT', '/orders/o-1', { as: admin, headers });
    expect(given).toBe(status);
    expect(body).toMatchObject(expected);
  });

  it('is not read where a route does not say so', async () => {
    const { status } = await server.request('GET', '/page', { headers: { 'if-match': 'W/"7"' } });
    expect(status).toBe(200);
  });
});
