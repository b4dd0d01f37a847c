import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { askAs, foreignHosts, ownHosts } from '../../test/host-header.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { isLoopback, knownHosts } from './hosts.ts';
import { createHttp } from './server.ts';

describe('a Host header', () => {
  it.each(ownHosts(4016))('%s means the server on this port', (host) => {
    expect(knownHosts()(host, 4016)).toBe(true);
  });

  it.each([...foreignHosts(4016), '', undefined])('%j does not', (host) => {
    expect(knownHosts()(host, 4016)).toBe(false);
  });

  it('needs no port where the port is that of HTTP, and may have any where it is not known', () => {
    expect(knownHosts()('localhost', 80)).toBe(true);
    expect(knownHosts()('localhost:80', 80)).toBe(true);
    expect(knownHosts()('localhost:5000', undefined)).toBe(true);
    expect(knownHosts()('evil.example:5000', undefined)).toBe(false);
  });

  it('may be one that the settings name, with any port or with one', () => {
    const hosts = knownHosts(['Shop.test', 'other.test:8080', '[2001:db8::1]']);
    for (const host of ['shop.test', 'SHOP.test:9', 'other.test:8080', '[2001:db8::1]:4016']) {
      expect([host, hosts(host, 4016)]).toEqual([host, true]);
    }
    for (const host of ['other.test', 'other.test:8081', 'a.shop.test', 'shop.test.', 'shop.test:x']) {
      expect([host, hosts(host, 4016)]).toEqual([host, false]);
    }
  });
});

it('knows which addresses only this machine reaches', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.evil', ''].some(isLoopback)).toBe(false);
});

describe('a server', () => {
  let app: FastifyInstance;
  afterEach(() => app.close());
  const listen = async (options: object) => {
    app = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec'), ...options });
    app.get('/secret', () => 'token');
    return app.listen({ host: '127.0.0.1', port: 0 });
  };

  it('of known hosts answers every path to them alone', async () => {
    const address = await listen({ hosts: knownHosts() });
    const { port } = new URL(address);
    for (const path of ['/secret', '/livez', '/metrics', '/nowhere']) {
      for (const host of foreignHosts(port)) {
        const { status, text } = await askAs(host, `${address}${path}`);
        // Node itself refuses what is no host at all.
        expect([host, path, [421, 400].includes(status)]).toEqual([host, path, true]);
        expect(text).not.toContain('token');
      }
    }
    const refused = await askAs('evil.example', `${address}/secret`);
    expect(JSON.parse(refused.text)).toMatchObject({
      status: 421,
      code: 'foreign-host',
      detail: expect.stringContaining('ALLOWED_HOSTS'),
    });
    for (const host of ownHosts(port)) expect((await askAs(host, `${address}/secret`)).text).toBe('token');
  });

  it('has its metrics on another port where a setting says so', async () => {
    const address = await listen({ hasMetrics: false });
    expect((await fetch(`${address}/metrics`)).status).toBe(404);
    expect((await fetch(`${address}/livez`)).status).toBe(200);
  });
});
