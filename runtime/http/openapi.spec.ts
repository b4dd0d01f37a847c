import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { serveForSpec } from '../../test/serve.ts';
import { pageQuery, route } from './api.ts';
import { openApi, writeOpenApi } from './openapi.ts';

const answer = async () => ({ status: 200, body: {} });
const routes = [
  route(
    {
      method: 'GET',
      url: '/orders/:orderId/lines',
      access: 'owner',
      summary: 'Lines of an order',
      params: z.object({ orderId: z.string().max(64) }),
      query: pageQuery,
      answers: { 200: z.object({ at: z.iso.datetime() }) },
      problems: [410],
    },
    answer,
  ),
  route(
    {
      method: 'POST',
      url: '/internal/mail',
      access: { service: ['notification', 'order'] },
      summary: 'Mail',
      body: z.object({ kind: z.enum(['a', 'b']), note: z.string().default('') }),
      answers: { 200: z.object({}), 202: null },
      isIdempotent: true,
      ifMatch: 'required',
    },
    answer,
  ),
  route(
    { method: 'GET', url: '/', access: 'anyone', summary: 'Root', answers: { 200: z.object({}) } },
    answer,
  ),
];

type Document = { paths: Record<string, Record<string, Record<string, never>>> };
const operation = (path: string, method: string) =>
  (openApi('order', routes) as unknown as Document).paths[path]?.[method] as unknown as Record<
    string,
    unknown
  >;

describe('the document', () => {
  it('describes an operation as the server holds it', () => {
    expect(operation('/orders/{orderId}/lines', 'get')).toMatchObject({
      operationId: 'getOrdersByOrderIdLines',
      summary: 'Lines of an order',
      security: [{ user: [] }],
      parameters: [
        { name: 'orderId', in: 'path', required: true, schema: { type: 'string', maxLength: 64 } },
        { name: 'limit', in: 'query', required: false, schema: { default: 20, maximum: 100 } },
        { name: 'cursor', in: 'query', required: false },
      ],
    });
  });

  it('names every status that can come, with its body', () => {
    const { responses } = operation('/orders/{orderId}/lines', 'get');
    expect(Object.keys(responses as object)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '410',
      '429',
      'default',
    ]);
    expect(responses).toMatchObject({
      200: { content: { 'application/json': { schema: { properties: { at: { format: 'date-time' } } } } } },
      404: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    });
  });

  it('describes bodies, keys, versions and services', () => {
    expect(operation('/internal/mail', 'post')).toMatchObject({
      description: 'For the services notification, order.',
      security: [{ service: [] }],
      parameters: [{ name: 'Idempotency-Key' }, { name: 'If-Match' }],
      requestBody: {
        content: { 'application/json': { schema: { additionalProperties: false, required: ['kind'] } } },
      },
    });
    expect(Object.keys(operation('/internal/mail', 'post').responses as object)).toEqual(
      expect.arrayContaining(['202', '409', '412', '413', '415', '422', '428']),
    );
    expect(operation('/', 'get')).toMatchObject({ operationId: 'get', security: [] });
  });

  it('has each operation id once', () => {
    const { paths } = openApi('order', routes) as unknown as Document;
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map((one) => one.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is served, and is the one that is written to disk', async () => {
    const sample = routes.slice(2);
    const server = await serveForSpec({ routes: sample });
    const { body } = await server.request('GET', '/openapi.json');
    await server.close();
    const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
    await writeOpenApi(join(folder, 'openapi.json'), 'spec', sample);
    expect(JSON.parse(await readFile(join(folder, 'openapi.json'), 'utf8'))).toEqual(body);
    await rm(folder, { recursive: true });
  });
});
