import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { imageRenditions } from '#contracts/processes.ts';
import { orderService } from '#contracts/shop-processes.ts';
import { createHttp, type HttpOptions } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { askHealth, processAddresses } from './health.ts';

/** How a real server of ours with these checks is seen. */
async function seen(options: Partial<HttpOptions>) {
  const app = createHttp({
    log: createLogger('spec', 'silent'),
    registry: createRegistry('spec'),
    ...options,
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    return await askHealth(orderService, address);
  } finally {
    await app.close();
  }
}

describe('the health of a process', () => {
  it.each<[string, Partial<HttpOptions>, string, string[]]>([
    ['all its checks pass', { readiness: { postgres: () => true } }, 'ready', []],
    ['a check fails', { readiness: { postgres: () => false } }, 'not-ready', ['postgres fails']],
    ['it stops', { isStopping: () => true }, 'not-ready', ['stopping fails']],
    [
      'its consumer is held',
      { troubles: { consumer: () => 'held for 70 s' } },
      'degraded',
      ['consumer: held for 70 s'],
    ],
  ])('when %s', async (_what, options, state, words) => {
    expect(await seen(options)).toEqual({ state, words });
  });

  it('is away when nothing listens, or something else does', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((resolve) => gone.close(resolve));
    expect((await askHealth(orderService, address)).state).toBe('away');
  });

  describe('with something else at its address', () => {
    const answers = ['not json', '{}', '[]', '{"status":"ok"}', 'x'.repeat(50_000)];
    const server = createServer((request, response) =>
      response.end(answers[Number(request.url!.split('/')[1])]),
    );
    let address: string;
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));
    it.each(answers.map((answer, at) => [answer.slice(0, 20), at]))('is away: %s', async (_answer, at) => {
      expect((await askHealth(orderService, `${address}/${at}`)).state).toBe('away');
    });
  });

  it('is not asked of what the platform calls itself, nor where no address is known', async () => {
    expect((await askHealth(imageRenditions, 'http://127.0.0.1:1')).state).toBe('on-demand');
    expect((await askHealth(orderService, undefined)).state).toBe('not-watched');
  });
});

describe('addresses of processes', () => {
  it('are read by name', () => {
    const text = 'order=http://127.0.0.1:1?a=b, user=http://127.0.0.1:2';
    expect(processAddresses.parse(text).get('order')).toBe('http://127.0.0.1:1?a=b');
  });
  it.each(['nobody=http://127.0.0.1:1', 'order', 'order=', 'order=there'])('are refused: %p', (text) => {
    expect(processAddresses.safeParse(text).success).toBe(false);
  });
});
