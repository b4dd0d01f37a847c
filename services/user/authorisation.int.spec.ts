import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Access, Route } from '#runtime/http/api.ts';
import { authorisationCases, outcomeOf, type PreparedRequest } from '../../test/authorisation.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { openUserRig, PASSWORD } from '../../test/user-rig.ts';
import { userRoutes } from './http.ts';
import { createPasswords } from './passwords/scrypt.ts';
import { createUserStores } from './stores.ts';

const RULES: Readonly<Record<string, Access>> = {
  'POST /users': 'anyone',
  'POST /users/verifications': 'anyone',
  'POST /passwords/reset-requests': 'anyone',
  'POST /passwords/resets': 'anyone',
  'GET /users/me': 'signed-in',
  'PATCH /users/me': 'signed-in',
  'DELETE /users/me': 'signed-in',
  'POST /sessions': 'anyone',
  'POST /sessions/refresh': 'anyone',
  'POST /sessions/sign-out': 'anyone',
  'DELETE /users/me/sessions': 'signed-in',
  'GET /.well-known/jwks.json': 'anyone',
  'GET /internal/users/:userId/contact': { service: ['notification'] },
  'POST /internal/challenges/:challengeId/mail': { service: ['notification'] },
};

const rig = openForSpec(() => openUserRig());
let passwordHash: string;
beforeAll(async () => {
  passwordHash = await createPasswords({ costLog2: 4, hashesMax: 1 }).hash(PASSWORD);
});

const addressOf = (userId: string) => ({ address: `${userId}@example.org`, key: `${userId}@example.org` });

/** Everybody has a verified account again, whatever the case before has done. */
async function resetAccounts(): Promise<void> {
  const { accounts } = createUserStores(rig.pool);
  await rig.pool.query('TRUNCATE account, outbox CASCADE');
  for (const userId of ['owner-1', 'other-1', 'admin-1']) {
    const account = { userId, email: addressOf(userId), name: undefined, locale: 'en', atMs: Date.now() };
    await accounts.insert(account);
    await accounts.setPassword(userId, passwordHash, Date.now());
  }
}

const email = addressOf('owner-1').address;
const tokenOf = async (url: string, body: object) => {
  await rig.post(url, body);
  return (await rig.latestMail()).token;
};
const issuedChallenge = async () => {
  await rig.post('/passwords/reset-requests', { email });
  return (await rig.eventsOf('user.challenge-issued')).at(-1)!.challengeId;
};
const refreshToken = async () => ({ refreshToken: (await rig.signIn(email)).body.refreshToken });

const BODIES: Readonly<Record<string, () => unknown>> = {
  'POST /users': () => ({ email: 'new@example.org', password: PASSWORD }),
  'POST /users/verifications': async () => ({
    token: await tokenOf('/users', { email: 'new@example.org', password: PASSWORD }),
    password: PASSWORD,
  }),
  'POST /passwords/reset-requests': () => ({ email }),
  'POST /passwords/resets': async () => ({
    token: await tokenOf('/passwords/reset-requests', { email }),
    password: PASSWORD,
  }),
  'PATCH /users/me': () => ({ locale: 'de' }),
  'POST /sessions': () => ({ email, password: PASSWORD }),
  'POST /sessions/refresh': refreshToken,
  'POST /sessions/sign-out': refreshToken,
};

async function prepare(route: Route): Promise<PreparedRequest> {
  await resetAccounts();
  const url = route.url.includes(':challengeId')
    ? route.url.replace(':challengeId', (await issuedChallenge()) ?? '')
    : route.url.replace(':userId', 'owner-1');
  const body = await BODIES[`${route.method} ${route.url}`]?.();
  return body === undefined ? { url } : { url, body };
}

/** Access rules need no working parts. */
const routes = userRoutes({} as never);

describe('an endpoint', () => {
  it.each(authorisationCases(routes, RULES))('$name', async (one) => {
    expect(one.expected).toContain(await outcomeOf(rig.server, one, prepare));
  });
});
