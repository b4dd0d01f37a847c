import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { pageQuery, route } from './api.ts';

const customer = { kind: 'user', userId: 'u-1', role: 'customer' } as const;

const placeBody = z.object({
  lines: z.array(z.object({ productId: z.string().min(1), quantity: z.int().min(1).max(99) })).min(1),
  currency: z.enum(['EUR', 'JPY']).default('EUR'),
  delivery: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('post'), street: z.string() }),
      z.object({ kind: z.literal('pickup'), shop: z.int() }),
    ])
    .optional(),
});
const listQuery = pageQuery.extend({
  isOpen: z.boolean().optional(),
  status: z.array(z.enum(['placed', 'confirmed'])).optional(),
});

const routes = [
  route(
    {
      method: 'GET',
      url: '/orders/:orderId',
      access: 'owner',
      summary: 'One order',
      params: z.object({ orderId: z.string().max(20) }),
      answers: { 200: z.object({ orderId: z.string() }) },
    },
    async ({ params }) => ({ status: 200, body: params }),
  ),
  route(
    {
      method: 'GET',
      url: '/orders',
      access: 'owner',
      summary: 'Orders',
      query: listQuery,
      answers: { 200: z.unknown() },
    },
    async ({ query }) => ({ status: 200, body: query }),
  ),
  route(
    {
      method: 'POST',
      url: '/orders',
      access: 'signed-in',
      summary: 'Place',
      body: placeBody,
      answers: { 201: z.unknown() },
    },
    async ({ body }) => ({ status: 201, location: '/orders/o-1', body }),
  ),
  route(
    {
      method: 'POST',
      url: '/webhooks/sample',
      access: 'anyone',
      summary: 'Webhook',
      needsRawBody: true,
      answers: { 200: z.object({ raw: z.string().optional(), kind: z.string() }) },
    },
    async ({ rawBody, caller }) => ({ status: 200, body: { raw: rawBody, kind: caller.kind } }),
  ),
  route(
    { method: 'GET', url: '/page', access: 'anyone', summary: 'Page', answers: { 200: z.string() } },
    async () => ({ status: 200, contentType: 'text/html; charset=utf-8', body: '<p>hello</p>' }),
  ),
  route(
    {
      method: 'DELETE',
      url: '/page',
      access: 'anyone',
      summary: 'Page',
      answers: { 204: null },
      callsPerMinuteMax: 2,
    },
    async () => ({ status: 204 }),
  ),
];

let server: SpecServer;
beforeAll(async () => {
  server = await serveForSpec({ routes });
});
afterAll(() => server.close());

describe('a request', () => {
  const place = (body: unknown) => server.request('POST', '/orders', { as: customer, body });

  it('with a valid body reaches the handler, defaults filled in', async () => {
    const { status, body, headers } = await place({ lines: [{ productId: 'p', quantity: 2 }] });
    expect([status, headers.get('location')]).toEqual([201, '/orders/o-1']);
    expect(body).toEqual({ lines: [{ productId: 'p', quantity: 2 }], currency: 'EUR' });
  });

  it.each([
    ['a missing field', {}, 'lines', 'is required: add it'],
    [
      'an unknown field',
      { lines: [{ productId: 'p', quantity: 1 }], total: 1 },
      'total',
      'is not a field of this request: leave it out',
    ],
    [
      'a text for a number',
      { lines: [{ productId: 'p', quantity: '2' }] },
      'lines.0.quantity',
      'must be of type integer',
    ],
    [
      'a number beyond its limit',
      { lines: [{ productId: 'p', quantity: 100 }] },
      'lines.0.quantity',
      'must be at most 99',
    ],
    [
      'a value outside its list',
      { lines: [{ productId: 'p', quantity: 1 }], currency: 'hunter2' },
      'currency',
      'must be one of EUR, JPY',
    ],
    [
      'a field of the branch that is meant',
      { lines: [{ productId: 'p', quantity: 1 }], delivery: { kind: 'post' } },
      'delivery.street',
      'is required: add it',
    ],
    [
      'an unknown branch',
      { lines: [{ productId: 'p', quantity: 1 }], delivery: { kind: 'hunter2' } },
      'delivery.kind',
      'must be one of the values that /openapi.json names',
    ],
    ['no body', undefined, '', 'must be of type object'],
  ])('with %s gets the field and what to do, never the value', async (_what, sent, field, message) => {
    const { status, body, text, headers } = await place(sent);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({
      code: 'invalid-request',
      type: '/problems/invalid-request',
      title: 'Invalid request',
    });
    expect(body.faults).toEqual([{ in: 'body', field, message }]);
    expect(text).not.toContain('hunter2');
  });

  it('with several faults gets all of them', async () => {
    const { body } = await place({ lines: [{ productId: '', quantity: 0 }], x: 1 });
    expect(body.faults).toHaveLength(3);
  });

  it('has its query read as the types that the schema asks for', async () => {
    const { body } = await server.request('GET', '/orders?limit=5&isOpen=false&status=placed', {
      as: customer,
    });
    expect(body).toEqual({ limit: 5, isOpen: false, status: ['placed'] });
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=1e1',
    'limit=',
    'limit=1&limit=2',
    'isOpen=yes',
    'x=1',
    'status=paid',
  ])('with the query %s is refused', async (query) => {
    const { status, body } = await server.request('GET', `/orders?${query}`, { as: customer });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it('that is no JSON is refused by its type, and broken JSON by its form', async () => {
    const send = (type: string, body: string) =>
      server.request('POST', '/orders', { as: customer, body, headers: { 'content-type': type } });
    expect((await send('text/plain', 'x')).status).toBe(415);
    expect((await send('application/xml', '<x/>')).status).toBe(415);
    expect((await send('application/json', '{')).status).toBe(400);
    expect((await send('application/json', '{"__proto__":{"isAdmin":true}}')).status).toBe(400);
  });

  it('with a body above 64 KiB is refused', async () => {
    const { status } = await place({ lines: 'x'.repeat(65_536) });
    expect(status).toBe(413);
  });

  it('reaches a handler without body schema when its type is named and nothing is sent', async () => {
    const { status, body } = await server.request('POST', '/webhooks/sample', { body: '' });
    expect([status, body]).toEqual([200, { raw: '', kind: 'anonymous' }]);
  });

  it('keeps the bytes of its body for a signature', async () => {
    const { body } = await server.request('POST', '/webhooks/sample', { body: '{ "a" : 1 }' });
    expect(body.raw).toBe('{ "a" : 1 }');
  });
});

describe('a path', () => {
  it('that is not there is a 404 problem', async () => {
    const { status, headers } = await server.request('GET', '/nowhere');
    expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  });

  it('without the method says which it has', async () => {
    const { status, headers, body } = await server.request('DELETE', '/orders/o-1');
    expect([status, body.code, headers.get('allow')]).toEqual([
      405,
      'method-not-allowed',
      'GET, HEAD, OPTIONS',
    ]);
  });

  it('answers OPTIONS, and HEAD where it has GET', async () => {
    const options = await server.request('OPTIONS', '/page');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, DELETE, OPTIONS']);
    expect((await server.request('HEAD', '/page')).status).toBe(200);
    expect((await server.request('HEAD', '/orders/o-1')).status).toBe(401);
    expect((await server.request('HEAD', '/webhooks/sample')).status).toBe(405);
  });

  it('that cannot be decoded is a 400 problem', async () => {
    const { status, headers } = await server.request('GET', '/orders/%zz');
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  });
});

describe('the limit', () => {
  it('of a route stops one caller and not the other, and says when to come back', async () => {
    const statuses: number[] = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await server.request('DELETE', '/page')).status);
    expect(statuses).toEqual([204, 204, 429]);
    const { status, headers, body } = await server.request('DELETE', '/page');
    expect([status, body.code]).toEqual([429, 'too-many-requests']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await server.request('DELETE', '/page', { as: customer })).status).toBe(204);
  });
});

describe('metrics', () => {
  it('name the template and the status, and never the url', async () => {
    await server.request('GET', '/orders/o-hidden', { as: customer });
    await server.request('GET', '/nowhere/hidden');
    const text = await server.registry.metrics();
    expect(text).toMatch(
      /http_request_duration_seconds_count\{.*method="GET",route="\/orders\/:orderId",status="200"\} \d+/,
    );
    expect(text).toMatch(
      /http_request_duration_seconds_count\{.*method="GET",route="unmatched",status="404"\} \d+/,
    );
    expect(text).not.toContain('hidden');
    expect(text).toMatch(/http_requests_in_flight\{.*\} 0/);
  });
});
