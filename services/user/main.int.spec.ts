// The process itself: from a registration to a session, with the events on their topics and the mail's token between.
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SHOP_TOPICS, userChallengeIssued, userRegistered } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { eventually } from '../../test/eventually.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts';
import { readTopic } from '../../test/topic-reader.ts';

const kafka = freshKafka();
let database: Awaited<ReturnType<typeof freshDatabase>>;
let cluster: TokenIssuer;
let running: ModuleProcess;
let url: string;

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

beforeAll(async () => {
  [database, cluster] = [await freshDatabase(), await startTokenIssuer()];
  const topics = SHOP_TOPICS.filter(({ name }) => name.startsWith('user.'));
  await createTopics(kafka.client, topicSettings(topics.map((topic) => ({ ...topic, partitions: 1 }))), 1);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  running = runModule(`await import('./services/user/main.ts')`, {
    ...cluster.settings,
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    PORT: String(port),
    TOKEN_ISSUER: 'https://shop.example',
    TOKEN_JWKS_URL: `${url}/.well-known/jwks.json`,
    SIGNING_KEK: Buffer.alloc(32, 7).toString('base64'),
    PASSWORD_COST_LOG2: '14',
  });
  await running.waitFor('"ready"');
}, 60_000);
afterAll(async () => {
  running.child.kill('SIGKILL');
  await Promise.all([cluster.close(), database.drop(), kafka.drop()]);
});

const call = async (method: string, path: string, body?: object, token?: string) => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : {}) as Record<string, string> };
};

const firstOn = (topic: Topic<unknown>): Promise<Record<string, string>> =>
  eventually(async () => {
    const [record] = await readTopic(kafka.client, topic.name);
    return record && (JSON.parse(String(record.value)) as Record<string, string>);
  });

it('leads a person from registration to their profile, logs nothing of them, and stops on SIGTERM', async () => {
  const email = 'ada.lovelace@example.org';
  const password = 'four unrelated words here';
  expect((await call('POST', '/users', { email, password })).status).toBe(202);
  const { userId } = await firstOn(userRegistered);
  const { challengeId } = await firstOn(userChallengeIssued);
  const service = await cluster.tokenFor({ kind: 'service', name: 'notification' });
  const { body: mail } = await call('POST', `/internal/challenges/${challengeId}/mail`, undefined, service);
  expect(mail).toMatchObject({ email, purpose: 'verify-email' });
  expect((await call('POST', '/users/verifications', { token: mail.token, password })).status).toBe(204);
  expect((await call('POST', '/sessions', { email, password: 'wrong' })).status).toBe(401);
  const { body: session } = await call('POST', '/sessions', { email, password });
  // Verified by the keys that the process itself publishes, as every other service does.
  const me = await call('GET', '/users/me', undefined, session.accessToken);
  expect(me).toMatchObject({ status: 200, body: { userId, email } });

  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  const secrets = [email, password, mail.token, session.accessToken, session.refreshToken];
  for (const secret of secrets) expect(running.output()).not.toContain(secret);
}, 60_000);
