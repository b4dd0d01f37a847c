import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { freshDatabase } from '../../test/fresh.ts';
import { type SpecAnswer, type SpecServer, serveForSpec } from '../../test/serve.ts';
import { createLogger } from '../log.ts';
import { createPool, type Pool } from '../postgres/database.ts';
import { migrateService } from '../postgres/migrate.ts';
import { idFromKey, Problem, route } from './api.ts';

/** A word that SQL keeps for itself: the name must be quoted. */
const SCHEMA = 'order';
const customer = { kind: 'user', userId: 'u-1', role: 'customer' } as const;
const other = { kind: 'user', userId: 'u-2', role: 'customer' } as const;
const log = createLogger('spec', 'silent');

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let server: SpecServer;
/** What the handler does next, and how often it ran. */
let work: (text: string) => Promise<string>;
let runs = 0;

const routes = [
  route(
    {
      method: 'POST',
      url: '/notes',
      access: 'signed-in',
      summary: 'Writes a note',
      query: z.object({ draft: z.boolean().optional() }),
      body: z.object({ text: z.string(), tags: z.record(z.string(), z.int()).optional() }),
      answers: { 201: z.object({ noteId: z.string(), run: z.int() }) },
      isIdempotent: true,
    },
    async ({ body }) => {
      runs += 1;
      const noteId = await work(body.text);
      return { status: 201, version: 1, location: `/notes/${noteId}`, body: { noteId, run: runs } };
    },
  ),
  route(
    {
      method: 'DELETE',
      url: '/notes',
      access: 'signed-in',
      summary: 'Deletes all notes',
      answers: { 204: null },
      isIdempotent: true,
    },
    async () => ({ status: 204 }),
  ),
];

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
  const noMigrations = await mkdtemp(join(tmpdir(), 'no-migrations-'));
  await migrateService(pool, SCHEMA, noMigrations, log);
  await rm(noMigrations, { recursive: true });
  server = await serveForSpec({ routes, pool, schema: SCHEMA });
});
afterAll(async () => {
  await server.close();
  await pool.end();
  await database.drop();
});
beforeEach(() => {
  runs = 0;
  work = async () => 'n-1';
});

const post = (
  key: string | undefined,
  text = 'a',
  options: { as?: typeof customer | typeof other; url?: string } = {},
) =>
  server.request('POST', options.url ?? '/notes', {
    as: options.as ?? customer,
    body: { text },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
/** Until the handler is in the middle of its work. */
async function untilRunning(): Promise<void> {
  const hasRun = () => runs > 0;
  while (!hasRun()) await sleep(5);
}
const isReplayed = ({ headers }: SpecAnswer<unknown>) => headers.get('idempotency-replayed') === 'true';

describe('a request with a key', () => {
  it('that is repeated gets the first answer, headers included, and no second run', async () => {
    const key = randomUUID();
    const first = await post(key);
    const again = await post(key);
    expect([first.status, isReplayed(first), first.body]).toEqual([201, false, { noteId: 'n-1', run: 1 }]);
    expect([again.status, isReplayed(again), again.body]).toEqual([201, true, { noteId: 'n-1', run: 1 }]);
    for (const header of ['etag', 'location'])
      expect(again.headers.get(header)).toBe(first.headers.get(header));
    expect(again.headers.get('location')).toBe('/notes/n-1');
  });

  it('without a body in its answer is repeated as well', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await server.request('DELETE', '/notes', { as: customer, headers });
    const again = await server.request('DELETE', '/notes', { as: customer, headers });
    expect([again.status, isReplayed(again), again.text]).toEqual([204, true, '']);
  });

  it.each([undefined, '', 'short', 'x'.repeat(129), 'with space in it'])('%j is refused', async (key) => {
    const { status, body } = await post(key);
    expect([status, body.code, runs]).toEqual([400, 'idempotency-key-invalid', 0]);
  });

  it('of another body, query or path is refused, the order of fields aside', async () => {
    const key = randomUUID();
    const headers = { 'idempotency-key': key };
    const send = (body: string, url = '/notes') =>
      server.request('POST', url, { as: customer, body, headers });
    await send('{"text":"a","tags":{"x":1,"y":2}}');
    expect(isReplayed(await send('{ "tags": {"y":2,"x":1}, "text":"a" }'))).toBe(true);
    const others = [
      await send('{"text":"b"}'),
      await send('{"text":"a","tags":{"x":1,"y":2}}', '/notes?draft=true'),
      await server.request('DELETE', '/notes', { as: customer, headers }),
    ];
    for (const { status, body } of others)
      expect([status, body.code]).toEqual([422, 'idempotency-key-reused']);
    expect(runs).toBe(1);
  });

  it('does not get the answer of another caller’s equal key', async () => {
    const key = randomUUID();
    await post(key);
    const { status, body } = await post(key, 'other text', { as: other });
    expect([status, body.run]).toEqual([201, 2]);
  });

  it('that is invalid or not allowed leaves the key free', async () => {
    const key = randomUUID();
    const headers = { 'idempotency-key': key };
    expect((await server.request('POST', '/notes', { as: customer, body: {}, headers })).status).toBe(400);
    expect((await server.request('POST', '/notes', { body: { text: 'a' }, headers })).status).toBe(401);
    expect((await post(key)).status).toBe(201);
  });
});

describe('of many at once with one key', () => {
  it('one is carried out, and the others are asked to come back', async () => {
    const key = randomUUID();
    let finish = () => {};
    work = () =>
      new Promise((resolve) => {
        finish = () => resolve('n-2');
      });
    const first = post(key);
    await untilRunning();
    const others = await Promise.all(Array.from({ length: 9 }, () => post(key)));
    for (const { status, body, headers } of others) {
      expect([status, body.code, headers.get('retry-after')]).toEqual([409, 'request-in-progress', '1']);
    }
    finish();
    expect((await first).status).toBe(201);
    expect([isReplayed(await post(key)), runs]).toEqual([true, 1]);
  });

  it('that race from the start, exactly one runs', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key)));
    expect(runs).toBe(1);
    const ran = answers.filter((answer) => answer.status === 201 && !isReplayed(answer));
    expect(ran).toHaveLength(1);
  });
});

describe('a run that fails', () => {
  it('by a refusal is an answer, and is repeated as the same problem', async () => {
    const key = randomUUID();
    work = async () => {
      throw new Problem(409, 'note-exists', 'There is such a note.', { noteId: 'n-9' }, { 'x-sample': 'y' });
    };
    const first = await post(key);
    const again = await post(key);
    expect([first.status, runs, isReplayed(again)]).toEqual([409, 1, true]);
    expect(again.body).toEqual(first.body);
    expect(again.body).toMatchObject({ code: 'note-exists', noteId: 'n-9' });
    expect(again.headers.get('content-type')).toBe('application/problem+json');
    expect(again.headers.get('x-sample')).toBe('y');
  });

  it('by a fault of ours frees the key', async () => {
    const key = randomUUID();
    work = async () => {
      throw new Error('broken');
    };
    expect((await post(key)).status).toBe(500);
    work = async () => {
      throw new Problem(503, 'provider-away', 'Try again.');
    };
    expect((await post(key)).status).toBe(503);
    work = async () => 'n-3';
    expect((await post(key)).status).toBe(201);
  });
});

describe('a run that died', () => {
  const age = (seconds: number) =>
    pool.query(
      `UPDATE "${SCHEMA}".idempotency SET created_at = created_at - make_interval(secs => $1) WHERE status IS NULL`,
      [seconds],
    );

  it('holds its key for a minute; then one of the new requests takes over, and the dead one can no longer write', async () => {
    const key = randomUUID();
    let wake = () => {};
    work = () =>
      new Promise((resolve) => {
        wake = () => resolve('n-dead');
      });
    const dead = post(key);
    await untilRunning();
    await age(55);
    expect((await post(key)).status).toBe(409);
    await age(10);
    expect((await post(key, 'another text')).status).toBe(422);
    work = async () => 'n-alive';
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(key)));
    expect(runs).toBe(2);
    expect(answers.filter((answer) => answer.status === 201 && !isReplayed(answer))).toHaveLength(1);
    wake();
    await dead;
    expect((await post(key)).body.noteId).toBe('n-alive');
  });

  it('makes nothing twice when ids derive from caller and key', () => {
    const noteId = idFromKey('note', 'user:u-1', 'key-12345');
    expect(noteId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idFromKey('note', 'user:u-1', 'key-12345')).toBe(noteId);
    expect(idFromKey('order', 'user:u-1', 'key-12345')).not.toBe(noteId);
    expect(idFromKey('note', 'user:u-2', 'key-12345')).not.toBe(noteId);
  });
});

describe('the table', () => {
  it('keeps no query of a url', async () => {
    await post(randomUUID(), 'a', { url: '/notes?draft=true' });
    const { rows } = await pool.query<{ method_url: string }>(
      `SELECT DISTINCT method_url FROM "${SCHEMA}".idempotency`,
    );
    expect(rows.map((row) => row.method_url).join()).not.toContain('draft');
  });
});
