import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { route } from './api.ts';

const text = z.string().max(10_000);
const routes = [
  route(
    {
      method: 'POST',
      url: '/notes/:noteId',
      access: 'anyone',
      summary: 'Takes texts',
      params: z.object({ noteId: text }),
      query: z.object({ q: text.optional(), tags: z.array(text).max(5).optional() }),
      body: z.object({
        title: text.optional(),
        parts: z
          .array(z.object({ words: z.array(text).max(3) }))
          .max(2)
          .optional(),
        byName: z.record(text, text).optional(),
      }),
      answers: { 200: z.object({ title: z.string().optional(), q: z.string().optional() }) },
    },
    async ({ body, query }) => ({ status: 200, body: { title: body.title, q: query.q } }),
  ),
  route(
    { method: 'POST', url: '/bells', access: 'anyone', summary: 'Takes no body', answers: { 204: null } },
    async () => ({ status: 204 }),
  ),
  route(
    {
      method: 'DELETE',
      url: '/bells',
      access: 'anyone',
      summary: 'Takes no body either',
      answers: { 204: null },
    },
    async () => ({ status: 204 }),
  ),
  route(
    {
      method: 'POST',
      url: '/news',
      access: 'anyone',
      summary: 'Takes signed bytes',
      answers: { 200: z.string() },
      needsRawBody: true,
    },
    async ({ rawBody = '' }) => ({ status: 200, body: String(rawBody.length), contentType: 'text/plain' }),
  ),
];

let server: SpecServer;
beforeAll(async () => {
  server = await serveForSpec({ routes });
});
afterAll(() => server.close());

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly faults?: readonly { readonly in: string; readonly field: string; readonly message: string }[];
}

async function send(body: string | Uint8Array, headers: Record<string, string> = {}, path = '/notes/n') {
  const response = await fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const answer = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(answer) : {}) as Problem,
  };
}
const fieldsOf = ({ body }: { body: Problem }) =>
  (body.faults ?? []).map((fault) => `${fault.in} ${fault.field}`);

describe('a body in a coding', () => {
  const json = JSON.stringify({ title: 'a' });
  it.each([
    'gzip',
    'GZIP',
    'x-gzip',
    'deflate',
    'br',
    'zstd',
    'compress',
    'gzip, deflate',
    'identity, gzip',
    'aes128gcm',
  ])(
    '%s is answered with 415, the name of the header, what to do, and what would be taken',
    async (coding) => {
      for (const bytes of [gzipSync(json), json]) {
        const answer = await send(bytes, { 'content-encoding': coding });
        expect([answer.status, answer.body.code]).toEqual([415, 'content-encoding-unsupported']);
        expect(answer.body.detail).toMatch(/Content-Encoding.*send the body as it is/);
        expect(answer.headers.get('accept-encoding')).toBe('identity');
      }
    },
  );

  it.each(['identity', 'Identity', '', 'identity , identity'])(
    '%j that changes nothing is taken',
    async (coding) => {
      expect((await send(json, { 'content-encoding': coding })).status).toBe(200);
    },
  );

  it('is refused before a route that takes bytes sees them', async () => {
    expect((await send(gzipSync(json), { 'content-encoding': 'gzip' }, '/news')).status).toBe(415);
  });
});

describe('a body in a charset', () => {
  const json = JSON.stringify({ title: 'a' });
  it.each(['utf-16', 'UTF-16LE', 'iso-8859-1', 'utf-7', '"utf-32"', 'none', 'utf-8; charset=latin1'])(
    '%s is answered with 415 and the name of the header',
    async (charset) => {
      const answer = await send(json, { 'content-type': `application/json; charset=${charset}` });
      expect([answer.status, answer.body.code]).toEqual([415, 'charset-unsupported']);
      expect(answer.body.detail).toMatch(/Content-Type.*UTF-8/);
    },
  );

  it.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8', 'us-ascii'])('%s is taken', async (charset) => {
    expect((await send(json, { 'content-type': `application/json; charset=${charset}` })).status).toBe(200);
  });

  it('that it is not in, or half a character of it, is refused', async () => {
    const latin1 = Buffer.from('{"title":"\u00e9"}', 'latin1');
    // How half a surrogate pair would look, were it allowed in UTF-8 (RFC 3629 §3).
    const half = Buffer.from('7b227469746c65223a22eda080227d', 'hex');
    for (const bytes of [latin1, half, Buffer.from([0x22, 0xff, 0xfe, 0x22])]) {
      const answer = await send(bytes);
      expect([answer.status, answer.body.code]).toEqual([400, 'body-encoding-invalid']);
    }
  });
});

describe('a text that no store could keep as it is', () => {
  it.each([
    ['body title', '{"title":"a\\ud800"}'],
    ['body title', '{"title":"\\uDC00 and more"}'],
    ['body title', '{"title":"\\udc00\\ud800"}'],
    ['body title', '{"title":"a\\u0000b"}'],
    ['body parts.0.words.1', '{"parts":[{"words":["a","\\udfff"]}]}'],
    ['body byName.a', '{"byName":{"a":"\\uDBFF"}}'],
    ['body byName.\ufffd', '{"byName":{"\\ud800":"a"}}'],
    ['body nobody', '{"nobody":"\\ud800"}'],
    ['body ', '"\\ud800"'],
  ])('is refused with its field, %s: %s', async (field, json) => {
    const answer = await send(json);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(fieldsOf(answer)).toEqual([field]);
  });

  it('is not confused with whole characters, escaped or not, or with text that looks like an escape', async () => {
    for (const title of ['\u{1f600}', '\ud83d\ude00 \ufffd', '\\ud800', '\\u0000']) {
      const answer = await send(JSON.stringify({ title }).replaceAll('\u{1f600}', '\\ud83d\\ude00'));
      expect([answer.status, answer.body]).toEqual([200, { title }]);
    }
  });

  it.each([
    ['query q', '/notes/n?q=%ED%A0%80'],
    ['query q', '/notes/n?q=%ff'],
    ['query q', '/notes/n?q=a%'],
    ['query q', '/notes/n?q=a%00b'],
    ['query tags', '/notes/n?tags=a&tags=%C0%80'],
    ['query %ff', '/notes/n?%ff=a'],
    ['path noteId', '/notes/%00'],
  ])('is refused in a query or a path, %s: %s', async (field, path) => {
    const answer = await send('{}', {}, path);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual([field]);
  });

  it('is refused in a path that is no UTF-8', async () => {
    for (const step of ['%ED%A0%80', '%ff', '%c0%af']) {
      expect((await send('{}', {}, `/notes/${step}`)).status).toBe(400);
    }
  });
});

describe('a field that is not in the schema', () => {
  it.each([
    ['{"title":"a","tilte":"b"}', ['body tilte']],
    ['{"parts":[{"words":[],"extra":1}]}', ['body parts.0.extra']],
    ['{"__proto__":1}', []],
    ['{"constructor":1,"toString":2}', ['body constructor', 'body toString']],
  ])('is refused and named: %s', async (json, fields) => {
    const answer = await send(json);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });

  it('is refused in a query', async () => {
    const answer = await send('{}', {}, '/notes/n?q=a&limit=2');
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['query limit']]);
  });

  it.each(['POST', 'DELETE'] as const)(
    'is refused where no body is asked for at all, by %s',
    async (method) => {
      const { status, body } = await server.request<Problem>(method, '/bells', {
        body: { amountMinor: 999, constructor: 1 },
      });
      expect([status, body.code]).toEqual([400, 'invalid-request']);
      expect(fieldsOf({ body })).toEqual(['body amountMinor', 'body constructor']);
      expect(body.faults?.[0]?.message).toMatch(/leave it out/);
    },
  );

  it.each(['[]', '[1]', '"ring"', '1', 'false'])('%s is no empty body either', async (json) => {
    const answer = await send(json, {}, '/bells');
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['body ']]);
  });

  it.each(['', '{}', 'null'])('is not in %j', async (json) => {
    expect((await send(json, {}, '/bells')).status).toBe(204);
  });

  it("is the sender's own affair where the bytes are signed", async () => {
    const json = JSON.stringify(Array.from({ length: 5_000 }, () => '\ud800'));
    expect((await send(json, {}, '/news')).status).toBe(200);
  });
});

describe('a body with more than any route takes', () => {
  const many = (count: number, value: unknown) => Array.from({ length: count }, () => value);
  it.each<[string, unknown, string]>([
    ['in a list', { parts: many(30_000, 1) }, 'body parts'],
    ['in a list within', { parts: [{ words: many(10_000, 'a') }] }, 'body parts.0.words'],
    ['in many lists', { parts: many(50, { words: many(50, 'a') }) }, 'body parts.18.words'],
    ['of unknown fields', Object.fromEntries(many(4_000, 0).map((_, n) => [`f${n}`, n])), 'body '],
    ['of names', { byName: Object.fromEntries(many(4_000, 0).map((_, n) => [`f${n}`, 'a'])) }, 'body byName'],
  ])(
    '%s is reported once, with the field that is too long, and not once for each of its faults',
    async (_what, body, field) => {
      const answer = await send(JSON.stringify(body));
      expect([answer.status, answer.body.code, fieldsOf(answer)]).toEqual([400, 'invalid-request', [field]]);
      expect(answer.body.faults![0]!.message).toMatch(/more than 1000 values/);
    },
  );

  it.each([
    ['lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ])('is refused where %s lie in each other without end', async (_what, json) => {
    const answer = await send(json);
    expect([answer.status, answer.body.faults?.length]).toEqual([400, 1]);
    expect(answer.body.faults![0]!.message).toMatch(/nested too deep/);
  });

  it('is refused as a query of very many fields too', async () => {
    const answer = await send('{}', {}, `/notes/n?${'a=1&'.repeat(2_000)}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['query ']]);
  });

  it('is not one that is only long', async () => {
    const title = 'a'.repeat(9_999);
    expect(await send(JSON.stringify({ title }))).toMatchObject({ status: 200, body: { title } });
  });
});
