import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { useSecurity } from './security.ts';

const app = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec') });
const get = (url: string, host = '127.0.0.1:4000') => app.inject({ url, headers: { host } });

beforeAll(() => useSecurity(app));
const inCluster = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec') });
beforeAll(() => useSecurity(inCluster, 'any'));
afterAll(() => Promise.all([app.close(), inCluster.close()]));

describe('an answer of the console', () => {
  it('allows a browser to run and load nothing, and says so also where there is nothing', async () => {
    for (const url of ['/livez', '/nothing-here']) {
      const { headers } = await get(url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(String(headers['content-security-policy'])).toMatch(
        /^default-src 'none';(?!.*(unsafe|self|http))/,
      );
    }
  });

  it('is no page: there is nothing at its address itself', async () => {
    expect((await get('/')).statusCode).toBe(404);
  });

  it('is refused under another host name', async () => {
    expect((await get('/livez', 'evil.example:4000')).statusCode).toBe(421);
    expect((await get('/livez', 'localhost.evil.example')).statusCode).toBe(421);
  });

  it('is given under any name in a cluster, with the same headers', async () => {
    const headers = { host: 'console.shop.svc.cluster.local:4000' };
    const answer = await inCluster.inject({ url: '/livez', headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});
