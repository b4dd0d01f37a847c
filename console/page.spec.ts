import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { usePage } from './page.ts';
import { useSecurity } from './security.ts';

const app = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec') });
const get = (url: string, host = '127.0.0.1:4000') => app.inject({ url, headers: { host } });

beforeAll(async () => {
  useSecurity(app, { uploads: 'http://127.0.0.1:9000', renditions: 'http://127.0.0.1:9000' });
  await usePage(app);
});
afterAll(() => app.close());

describe('page', () => {
  it('allows no script but its own files, and says so on every answer', async () => {
    for (const url of ['/', '/livez', '/nothing-here']) {
      const policy = String((await get(url)).headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain('unsafe');
    }
  });

  it('has no inline script and no inline style', async () => {
    const { body } = await get('/');
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=/i);
  });

  it('refuses the name of another host', async () => {
    expect((await get('/', 'evil.example:4000')).statusCode).toBe(421);
    expect((await get('/', 'localhost.evil.example')).statusCode).toBe(421);
  });

  it.each(['/page/app.js', '/page/style.css', '/vendor/uplot/dist/uPlot.esm.js', '/page/icon.svg'])(
    'serves %s',
    async (url) => {
      expect((await get(url)).statusCode).toBe(200);
    },
  );

  it.each(['/page/series.spec.ts', '/page/..%2fmain.ts', '/page/../main.ts', '/vendor/uplot/package.json'])(
    'does not serve %s',
    async (url) => {
      expect((await get(url)).statusCode).toBe(404);
    },
  );
});
