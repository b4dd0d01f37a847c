import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { inTrace } from '../trace.ts';
import { callService, tokenFromFile } from './service-token.ts';

const tokenOf = (name: string, lifeS = 600) =>
  new UnsecuredJWT({ sub: name }).setExpirationTime(Math.floor(Date.now() / 1_000) + lifeS).encode();

describe('the token of a file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'token-'));
    file = join(folder, 'token');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read again when the kubelet has renewed it', async () => {
    const source = tokenFromFile(file);
    const [first, second] = [tokenOf('one'), tokenOf('two')];
    await writeFile(file, `${first}\n`);
    expect(await source()).toBe(first);
    expect(await source()).toBe(first);
    await writeFile(file, second);
    await utimes(file, new Date(), new Date(Date.now() + 5_000));
    expect(await source()).toBe(second);
  });

  it('near its end is read again even when the file seems the same', async () => {
    const source = tokenFromFile(file);
    const at = new Date();
    await writeFile(file, tokenOf('one', 30));
    await utimes(file, at, at);
    await source();
    const second = tokenOf('two');
    await writeFile(file, second);
    await utimes(file, at, at);
    expect(await source()).toBe(second);
  });

  it('that is not there, or is none, is named by its file and never quoted', async () => {
    await expect(tokenFromFile(file)()).rejects.toMatchObject({ code: 'service-token-unavailable' });
    await writeFile(file, 'secret-but-no-token');
    await expect(tokenFromFile(file)()).rejects.toThrow(expect.not.stringContaining('secret-but'));
  });
});

describe('a call', () => {
  let server: Server;
  let url: string;
  let seen: IncomingMessage[];
  let answers: ((response: ServerResponse) => void)[];
  beforeEach(async () => {
    seen = [];
    answers = [];
    server = createServer((request, response) => {
      seen.push(request);
      request.resume();
      (answers.shift() ?? json(200, { ok: true }))(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/users/u-1/contact`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const json = (status: number, body: unknown) => (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const cut = (response: ServerResponse) => response.destroy();
  const token = async () => 'our-token';

  it('has our token and the trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await inTrace(traceparent, () => callService(url, { token }))).toEqual({
      status: 200,
      body: { ok: true },
    });
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer our-token' });
    // A new span in the same trace.
    expect(seen[0]?.headers.traceparent).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    );
  });

  it('hands back a refusal as it is', async () => {
    answers = [json(404, { code: 'user-unknown' })];
    expect(await callService(url, { token })).toEqual({ status: 404, body: { code: 'user-unknown' } });
  });

  it('that only reads is tried again when no server is ready or the connection breaks', async () => {
    answers = [json(503, {}), cut];
    expect((await callService(url, { token })).status).toBe(200);
    expect(seen).toHaveLength(3);
  });

  it('that writes is tried once, unless it has a key', async () => {
    answers = [cut, cut];
    await expect(callService(url, { token, method: 'POST', body: {} })).rejects.toMatchObject({
      code: 'service-unavailable',
    });
    expect(seen).toHaveLength(1);
    const answer = await callService(url, { token, method: 'POST', body: {}, idempotencyKey: 'key-1' });
    expect([answer.status, seen[2]?.headers['idempotency-key']]).toEqual([200, 'key-1']);
  });

  it('that gets no answer in time ends, and says neither path nor token', async () => {
    answers = [() => {}, () => {}, () => {}];
    const failure = callService(url, { token, timeoutMs: 50 });
    await expect(failure).rejects.toMatchObject({
      code: 'service-unavailable',
      facts: { reason: 'TimeoutError' },
    });
    await expect(failure).rejects.toThrow(expect.not.stringMatching(/u-1|our-token/));
    expect(seen).toHaveLength(3);
  });

  it('follows no redirect with our token', async () => {
    answers = [1, 2, 3].map(() => (response) => response.writeHead(302, { location: '/elsewhere' }).end());
    await expect(callService(url, { token })).rejects.toMatchObject({ code: 'service-unavailable' });
    expect(seen.every((request) => request.url === '/users/u-1/contact')).toBe(true);
  });
});
