// The process itself, with what all services share: which host names it answers to, and where its metrics are.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHOP_TOPICS } from '#contracts/shop-topics.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { askAs } from '../../test/host-header.ts';

const kafka = freshKafka();
let database: Awaited<ReturnType<typeof freshDatabase>>;
const running: ModuleProcess[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  await createTopics(
    kafka.client,
    topicSettings(SHOP_TOPICS.map((topic) => ({ ...topic, partitions: 1 }))),
    1,
  );
}, 60_000);
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await Promise.all([database.drop(), kafka.drop()]);
});

async function start(
  env: Record<string, string>,
): Promise<(path: string, host?: string, port?: number) => Promise<number>> {
  const PORT = await freePort();
  const service = runModule(`await import('./services/cart/main.ts')`, {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    PORT: String(PORT),
    TOKEN_ISSUER: 'https://shop.example',
    TOKEN_AUDIENCE: 'shop',
    TOKEN_JWKS_URL: 'http://127.0.0.1:9/jwks.json',
    ...env,
  });
  running.push(service);
  await service.waitFor('"ready"');
  return async (path, host, port = PORT) =>
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
