// Routes that are bad on purpose: what the fuzz is there to find, it must find in them.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import { openApi } from '#runtime/http/openapi.ts';
import type { Document, Operation } from '../contracts/openapi-rules.ts';
import { serveForSpec } from '../serve.ts';
import { type Findings, runCampaign } from './campaign.ts';
import { tokensOf } from './tokens.ts';

type Act = (text: string) => Promise<{ status: number; body?: unknown; contentType?: string }>;

/** A route that takes a text, and does with it what a test says. */
const bad = (name: string, act: Act, access: 'anyone' | 'admin' = 'anyone'): Route =>
  route(
    {
      method: 'POST',
      url: `/${name}`,
      access,
      summary: 'Bad on purpose',
      body: z.object({ text: z.string().max(name === 'slow' ? 65_536 : 100) }),
      answers: { 200: z.object({ count: z.unknown() }), 404: z.string() },
    },
    ({ body }) => act(body.text),
  );

const fine = { status: 200, body: { count: 1 } };

const ROUTES: readonly Route[] = [
  bad('fine', async () => fine),
  bad('throws', async (text) => {
    if (/[^\n -~]/.test(text)) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
    return fine;
  }),
  bad('tells-sql', async () => {
    throw new Problem(422, 'refused', 'duplicate key violates unique constraint of relation "orders"');
  }),
  bad('tells-stack', async () => {
    throw new Problem(422, 'refused', String(new Error('no').stack));
  }),
  bad('repeats', async (text) => {
    throw new Problem(422, 'refused', `not good: ${text}`);
  }),
  bad('undeclared', async () => {
    throw new Problem(418, 'teapot', 'Short and stout.');
  }),
  bad('no-problem', async () => ({ status: 404, body: 'not here', contentType: 'text/plain' })),
  bad('unlike', async (text) => (text.length > 3 ? { status: 200, body: { count: 'many' } } : fine)),
  bad('slow', async (text) => {
    // As a regular expression would that backtracks; long texts are always tried.
    if (/^a{9999}/.test(text) && text.endsWith('\n')) await sleep(1_500);
    return fine;
  }),
  bad('open', async () => fine),
  bad('crowded', async () => {
    runningCount += 1;
    await sleep(20);
    if (runningCount-- > 20) throw new Error('changed by others too often');
    return fine;
  }),
  route(
    {
      method: 'POST',
      url: '/parses',
      access: 'anyone',
      summary: 'Hands a query to a parser, and a cursor to a calendar',
      query: z.object({
        q: z.string().max(200).optional(),
        cursor: z.string().max(512).optional(),
        limit: z.int().optional(),
      }),
      answers: { 200: z.object({ count: z.unknown(), next: z.string().optional() }), 404: z.string() },
    },
    async ({ query: { q = '', cursor } }) => {
      if (q.startsWith('-'.repeat(33))) throw new Error('stack too small');
      const { at } = z
        .object({ at: z.iso.datetime().catch('') })
        .parse(JSON.parse(cursor ? Buffer.from(cursor, 'base64url').toString() : '{}'));
      if (at.startsWith('0000')) throw new TypeError('no such year');
      return {
        status: 200,
        body: { count: 1, next: Buffer.from('{"at":"2026-01-01T00:00:00Z"}').toString('base64url') },
      };
    },
  ),
];
let runningCount = 0;

/** The document says what should be: a count that is an integer, and a token where the server asks for none. */
function promised(): Document {
  const document = openApi('bad', ROUTES) as unknown as Document;
  const promise = ([path, { post }]: [string, Readonly<Record<string, Operation>>]) => {
    const problem = post!.responses!.default!;
    const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] };
    const done = { description: 'Done', content: { 'application/json': { schema } } };
    const responses = { ...post!.responses, 200: done, 404: problem, 422: problem };
    return [path, { post: { ...post, responses, ...(path === '/open' && { security: [{ user: [] }] }) } }];
  };
  return { ...document, paths: Object.fromEntries(Object.entries(document.paths).map(promise)) };
}

describe('the fuzz of routes that are bad on purpose', () => {
  let findings: Findings;
  beforeAll(async () => {
    const server = await serveForSpec({ routes: ROUTES });
    const sources = { known: ['known'], ...(await tokensOf(server.issuer, 'fuzz-1')) };
    const campaign = { document: promised(), address: server.address, sources, slowMs: 400 };
    findings = await runCampaign({ ...campaign, seed: 1, requestsPerOperation: 80 });
    await server.close();
  });

  it.each<[string, string, string]>([
    ['an error of ours', '/throws', '500: a fault of ours'],
    ['SQL in an answer', '/tells-sql', '422: tells of our insides'],
    ['a stack in an answer', '/tells-stack', '422: tells of our insides'],
    ['a value that comes back', '/repeats', '422: repeats a value of the request'],
    ['a status that the document does not have', '/undeclared', '418 teapot: is not declared'],
    ['a refusal that is no problem', '/no-problem', '404: is no problem but text/plain'],
    ['an answer unlike its schema', '/unlike', '200: unlike its schema'],
    ['an answer that takes long', '/slow', 'is slow'],
    ['a crowd that it cannot bear', '/crowded', '500: a fault of ours'],
    ['what a parser of texts or cursors cannot bear', '/parses', '500: a fault of ours'],
    ['a door that a bad token opens', '/open', 'let a bad token in'],
  ])('finds %s', (_what, path, fault) => {
    const found = Object.keys(findings.faults).filter((one) => one.startsWith(`POST ${path}: ${fault}`));
    expect(found).toHaveLength(1);
  });

  it('finds nothing in a route that is good', () => {
    expect(Object.keys(findings.faults).filter((one) => one.startsWith('POST /fine'))).toEqual([]);
  });
});
