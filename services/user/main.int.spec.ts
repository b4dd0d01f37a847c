// The process itself: from a registration to a session, with the events on their topics and the mail's token between.
import { expect, it } from '@jest/globals';
import { userChallengeIssued, userRegistered } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { serviceStage } from '../../test/service-process.ts';

const stage = serviceStage('user');

/** The process verifies tokens by the keys that it publishes itself, so it must know its own address. */
async function start() {
  const PORT = String(await freePort());
  const url = `http://127.0.0.1:${PORT}`;
  const service = await stage.start({
    PORT,
    TOKEN_ISSUER: 'https://shop.example',
    TOKEN_JWKS_URL: `${url}/.well-known/jwks.json`,
    SIGNING_KEK: Buffer.alloc(32, 7).toString('base64'),
    PASSWORD_COST_LOG2: '14',
  });
  return { service, call: callAt(url) };
}

const callAt = (url: string) => async (method: string, path: string, body?: object, token?: string) => {
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

const firstOn = async (topic: Topic<unknown>): Promise<Record<string, string>> => {
  const [record] = await stage.recordsOn(topic);
  return JSON.parse(String(record!.value)) as Record<string, string>;
};

it('leads a person from registration to their profile, logs nothing of them, and stops on SIGTERM', async () => {
  const { service, call } = await start();
  const email = 'ada.lovelace@example.org';
  const password = 'four unrelated words here';
  expect((await call('POST', '/users', { email, password })).status).toBe(202);
  const { userId } = await firstOn(userRegistered);
  const { challengeId } = await firstOn(userChallengeIssued);
  const token = await stage.issuer().tokenFor({ kind: 'service', name: 'notification' });
  const { body: mail } = await call('POST', `/internal/challenges/${challengeId}/mail`, undefined, token);
  expect(mail).toMatchObject({ email, purpose: 'verify-email' });
  expect((await call('POST', '/users/verifications', { token: mail.token, password })).status).toBe(204);
  expect((await call('POST', '/sessions', { email, password: 'wrong' })).status).toBe(401);
  const { body: session } = await call('POST', '/sessions', { email, password });
  // Verified by the keys that the process itself publishes, as every other service does.
  const me = await call('GET', '/users/me', undefined, session.accessToken);
  expect(me).toMatchObject({ status: 200, body: { userId, email } });

  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  const secrets = [email, password, mail.token, session.accessToken, session.refreshToken];
  for (const secret of secrets) expect(service.output()).not.toContain(secret);
}, 60_000);
