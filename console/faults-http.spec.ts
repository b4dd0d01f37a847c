import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { startTokenIssuer, type TokenIssuer } from '../test/token-issuer.ts';
import { createAdminsOnly } from './admins.ts';
import { faultSwitchOf, useFaults } from './faults-http.ts';

const SECRET = 'secret-of-this-start-0123456789';
const FAULT = {
  name: 'worker-killed',
  title: 'Worker killed',
  about: '',
  seconds: 30,
  phase: 'broken',
  steps: [],
};
const log = createLogger('spec', 'silent');

let issuer: TokenIssuer;
/** Stands for the launcher. */
let launcher: Server;
let url: string;
/** What it was asked. */
let asked: string[] = [];
let answer: { status: number; body: unknown } = { status: 202, body: FAULT };
beforeAll(async () => {
  issuer = await startTokenIssuer();
  launcher = createServer(({ method, url: path, headers }: IncomingMessage, response) => {
    asked.push(`${method} ${path} ${headers.authorization}`);
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => launcher.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(launcher.address() as AddressInfo).port}`;
});
afterAll(async () => {
  launcher.close();
  await issuer.close();
});

let app: FastifyInstance;
const open = (settings: Record<string, string | undefined> = {}, tokens: object = issuer.settings) => {
  app = createHttp({ log, registry: createRegistry('spec') });
  const on = { FAULTS: 'on' as const, FAULTS_URL: url, FAULTS_TOKEN: SECRET, ...settings };
  useFaults(app, { faultSwitch: faultSwitchOf(on), adminsOnly: createAdminsOnly(tokens), log });
};
beforeEach(() => {
  asked = [];
  answer = { status: 202, body: FAULT };
});
afterEach(() => app.close());

const as = (role: 'admin' | 'customer') => issuer.tokenFor({ kind: 'user', userId: `${role}-1`, role });
async function start(token?: string, name = 'worker-killed') {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { statusCode, json } = await app.inject({ method: 'POST', url: `/api/faults/${name}`, headers });
  return { status: statusCode, body: json<Record<string, unknown>>() };
}

describe('an admin', () => {
  it('breaks what the launcher can break, with the secret that only the console has', async () => {
    open();
    expect(await start(await as('admin'))).toEqual({ status: 202, body: FAULT });
    expect(asked).toEqual([`POST /faults/worker-killed Bearer ${SECRET}`]);
  });

  it.each<[number, string, number]>([
    [404, 'fault-unknown', 404],
    [409, 'fault-running', 409],
    [401, 'switch-away', 503],
    [500, 'switch-away', 503],
    [200, 'switch-away', 503],
  ])('is answered when the launcher answers %d: %s', async (status, code, answered) => {
    open();
    answer = { status, body: {} };
    expect(await start(await as('admin'))).toMatchObject({ status: answered, body: { code } });
  });
});

describe('nothing is broken', () => {
  it('without FAULTS=on, by an admin either', async () => {
    open({ FAULTS: undefined });
    expect(await start(await as('admin'))).toMatchObject({ status: 404, body: { code: 'faults-off' } });
    expect((await app.inject('/api/faults')).statusCode).toBe(404);
    expect(asked).toEqual([]);
  });

  it('without a token, nor by a customer, nor with a token of another issuer', async () => {
    open();
    const other = await startTokenIssuer();
    const forged = await other.tokenFor({ kind: 'user', userId: 'admin-1', role: 'admin' });
    await other.close();
    expect((await start()).status).toBe(401);
    expect((await start('x.y.z')).status).toBe(401);
    expect((await start(forged)).status).toBe(401);
    expect((await start(await as('customer'))).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('where there is no user service', async () => {
    open({}, {});
    expect(await start(await as('admin'))).toMatchObject({ status: 503, body: { code: 'no-admins' } });
    expect(asked).toEqual([]);
  });

  it.each(['UPPER', 'a_b', 'x'.repeat(41), '..%2Ffaults'])('under a name that is none: %s', async (name) => {
    open();
    expect((await start(await as('admin'), name)).status).toBe(404);
    expect(asked).toEqual([]);
  });
});

describe('who looks', () => {
  it('sees every fault, and needs no token', async () => {
    open();
    answer = { status: 200, body: { faults: [FAULT] } };
    expect((await app.inject('/api/faults')).json()).toEqual({ faults: [FAULT] });
  });

  it('says that the launcher is away, and not where it is', async () => {
    open({ FAULTS_URL: 'http://127.0.0.1:1' });
    const { statusCode, body } = await app.inject('/api/faults');
    expect(statusCode).toBe(503);
    expect(body).not.toMatch(/127\.0\.0\.1|secret/);
  });
});

describe('the settings', () => {
  it.each(['FAULTS_URL', 'FAULTS_TOKEN'])('FAULTS=on without %s is no console', (name) => {
    open();
    const settings = { FAULTS: 'on' as const, FAULTS_URL: url, FAULTS_TOKEN: SECRET, [name]: undefined };
    expect(() => faultSwitchOf(settings)).toThrow('FAULTS=on needs FAULTS_URL and FAULTS_TOKEN');
  });
});
