import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { startTokenIssuer, type TokenIssuer } from '../test/token-issuer.ts';
import { createAdminsOnly } from './admins.ts';
import { useDeadLetters } from './dead-letters-http.ts';
import { useReconciliations } from './reconciliations.ts';

const log = createLogger('spec', 'silent');
const begun: string[] = [];
const report = {
  topic: 'order.placed',
  startedAt: '2026-11-29T08:14:30.000Z',
  replayed: 0,
  left: 0,
  hasFailed: false,
};
const begin = (name: string) => {
  begun.push(name);
  return { ended: Promise.resolve() };
};

let issuer: TokenIssuer;
let app: FastifyInstance;
let unset: FastifyInstance;
function serve(settings: Parameters<typeof createAdminsOnly>[0]): FastifyInstance {
  const http = createHttp({ log, registry: createRegistry('spec') });
  const adminsOnly = createAdminsOnly(settings);
  const look = () => Promise.reject(new Error('the broker is away'));
  useDeadLetters(http, {
    look,
    replays: { latest: () => report, start: ({ name }) => begin(name) },
    adminsOnly,
  });
  useReconciliations(http, { read: async () => [], start: begin, stop: async () => {} }, adminsOnly);
  return http;
}
beforeAll(async () => {
  issuer = await startTokenIssuer();
  app = serve(issuer.settings);
  unset = serve({});
});
afterAll(async () => {
  await app.close();
  await unset.close();
  await issuer.close();
});

const post = (
  to: FastifyInstance,
  url: string,
  token?: string,
  payload: object = { topic: 'order.placed' },
) => to.inject({ method: 'POST', url, payload, headers: token ? { authorization: `Bearer ${token}` } : {} });
const tokenOf = (role: 'admin' | 'customer') => issuer.tokenFor({ kind: 'user', userId: 'u-1', role });
const CHANGES = ['/api/dead-letters/replay', '/api/reconciliations/orders/runs'];

describe.each(CHANGES)('a change by %s', (url) => {
  it('is an admin’s', async () => {
    begun.length = 0;
    expect((await post(app, url, await tokenOf('admin'))).statusCode).toBe(202);
    expect(begun).toHaveLength(1);
  });

  it.each<[string, number, () => Promise<string | undefined>]>([
    ['nobody', 401, async () => undefined],
    ['a customer', 403, () => tokenOf('customer')],
    ['a service', 401, () => issuer.tokenFor({ kind: 'service', name: 'order' })],
    [
      'a token of another issuer',
      401,
      () => issuer.forge({ iss: 'else', aud: 'shop', sub: 'u-1', role: 'admin' }),
    ],
    ['something that is no token', 401, async () => 'admin'],
  ])('is refused to %s', async (_who, status, token) => {
    begun.length = 0;
    expect((await post(app, url, await token())).statusCode).toBe(status);
    expect(begun).toEqual([]);
  });

  it('is refused to everybody where no issuer of tokens is named', async () => {
    expect((await post(unset, url, await tokenOf('admin'))).statusCode).toBe(503);
  });
});

describe('what is no such thing', () => {
  it.each([
    ['/api/dead-letters/replay', { topic: 'analytics.results' }, 400],
    ['/api/dead-letters/replay', {}, 400],
    ['/api/dead-letters/replay', { topic: 'order.placed', partition: 1 }, 400],
    ['/api/reconciliations/everything/runs', {}, 404],
  ])('is not begun: %s %p', async (url, payload, status) => {
    begun.length = 0;
    expect((await post(app, url, await tokenOf('admin'), payload)).statusCode).toBe(status);
    expect(begun).toEqual([]);
  });
});

it('shows a replay that has ended since the letters were read as one that runs', async () => {
  const asOf = '2026-11-29T08:15:00.000Z';
  const shown = async (endedAt: string) => {
    const http = createHttp({ log, registry: createRegistry('spec') });
    const look = async () => ({ asOf, topics: [], letters: [] });
    const replays = { latest: () => ({ ...report, endedAt }), start: () => begin('any') };
    useDeadLetters(http, { look, replays, adminsOnly: async () => {} });
    const { replay } = (await http.inject({ url: '/api/dead-letters' })).json();
    await http.close();
    return replay as Record<string, unknown>;
  };
  expect(await shown('2026-11-29T08:14:59.999Z')).toHaveProperty('endedAt');
  expect(await shown('2026-11-29T08:15:00.000Z')).not.toHaveProperty('endedAt');
});

it('says with words that dead letters cannot be read now', async () => {
  const answer = await app.inject({ url: '/api/dead-letters' });
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'broker-away']);
});
