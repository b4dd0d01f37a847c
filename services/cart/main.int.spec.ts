// The process itself, with what all services share: which host names it answers to, and where its metrics are.
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../../local/launcher/ports.ts';
import { askAs } from '../../test/host-header.ts';
import { serviceStage } from '../../test/service-process.ts';

const stage = serviceStage('cart');

async function start(
  env: Record<string, string>,
): Promise<(path: string, host?: string, port?: number) => Promise<number>> {
  const service = await stage.start(env);
  return async (path, host, port = service.port) =>
    (await askAs(host ?? `127.0.0.1:${port}`, `http://127.0.0.1:${port}${path}`)).status;
}

describe('a service', () => {
  it('on this machine answers to its names alone, and has its metrics on its one port', async () => {
    const ask = await start({ ALLOWED_HOSTS: 'shop.test' });
    expect(await ask('/metrics')).toBe(200);
    expect([await ask('/livez'), await ask('/livez', 'shop.test'), await ask('/cart')]).toEqual([
      200, 200, 401,
    ]);
    for (const path of ['/livez', '/metrics', '/cart', '/openapi.json'])
      expect(await ask(path, 'evil.example')).toBe(421);
  }, 60_000);

  it('that others reach has its metrics on a port of their own, and answers to whatever name leads to it', async () => {
    const opsPort = await freePort();
    const ask = await start({ HOST: '0.0.0.0', OPS_PORT: String(opsPort) });
    expect([await ask('/metrics'), await ask('/metrics', undefined, opsPort)]).toEqual([404, 200]);
    expect([await ask('/readyz', '10.0.0.7'), await ask('/readyz', '10.0.0.7', opsPort)]).toEqual([200, 200]);
    expect([await ask('/cart', 'api.shop.example'), await ask('/cart', undefined, opsPort)]).toEqual([
      401, 404,
    ]);
  }, 60_000);
});
