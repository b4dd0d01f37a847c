// What can be done with an account, each a transaction: state, challenge and event together or not at all.
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres.ts';
import * as challenges from './challenges/challenge-store.ts';
import { decideMail, isAnswerable } from './challenges/domain.ts';
import { type Accounts, readEmail } from './domain.ts';
import { inEvenTime } from './even-time.ts';
import { type Secrets, sha256 } from './keys/secrets.ts';
import { passwordFault } from './passwords/domain.ts';
import type { Passwords } from './passwords/scrypt.ts';
import { register, requestReset } from './registration.ts';
import { forgetFailures, revokeFamiliesOf } from './sessions/session-store.ts';
import * as store from './store.ts';

export interface AccountParts {
  readonly pool: Pool;
  readonly schema: string;
  readonly passwords: Passwords;
  readonly secrets: Secrets;
  readonly now: () => number;
  /** @see inEvenTime */
  readonly answerStepMs: number;
}

export function createAccounts(parts: AccountParts): Accounts {
  const { pool, passwords } = parts;
  return {
    async register(registration) {
      const email = readEmail(registration.email);
      if (!email) return 'email-invalid';
      const fault = passwordFault(registration.password, email.key);
      if (fault) return fault;
      return inEvenTime(parts.answerStepMs, async () => {
        // Before anything is looked up, so that the costly part is the same for every address.
        const passwordHash = await passwords.hash(registration.password);
        await inTransaction(pool, (client) => register(client, parts, email, passwordHash, registration));
        return 'accepted' as const;
      });
    },
    async requestReset(text, traceparent) {
      const email = readEmail(text);
      if (!email) return 'email-invalid';
      await inEvenTime(parts.answerStepMs, () =>
        inTransaction(pool, (client) => requestReset(client, parts, email, traceparent)),
      );
      return 'accepted';
    },
    verifyEmail: (token) => inTransaction(pool, (client) => verifyEmail(client, parts, token)),
    resetPassword: (token, password) => resetPassword(parts, token, password),
    profile: (userId) => store.profileOf(pool, userId),
    changeProfile: (userId, change, versions) =>
      inTransaction(pool, async (client) => {
        const isChanged = await store.updateProfile(client, userId, change, versions);
        const profile = await store.profileOf(client, userId);
        if (!profile) return 'gone';
        return isChanged ? profile : 'changed-meanwhile';
      }),
    erase: (userId) => inTransaction(pool, (client) => erase(client, parts, userId)),
    contact: (userId) => store.contactOf(pool, userId),
    writeMail: (challengeId) => inTransaction(pool, (client) => writeMail(client, parts, challengeId)),
  };
}

async function verifyEmail(
  client: PoolClient,
  { now }: AccountParts,
  token: string,
): Promise<'verified' | 'token-invalid'> {
  const challenge = await heldChallenge(client, token);
  const atMs = now();
  if (!isAnswerable(challenge, 'verify-email', atMs) || !challenge.passwordHash) return 'token-invalid';
  await store.setPassword(client, challenge.userId, challenge.passwordHash, atMs);
  await challenges.endChallenges(client, challenge.userId, atMs);
  return 'verified';
}

async function resetPassword(
  { pool, passwords, secrets, now }: AccountParts,
  token: string,
  password: string,
): ReturnType<Accounts['resetPassword']> {
  // Looked at twice: a token that is worth nothing must cost nobody a hash, and a refused password must not use it up.
  const seen = await challenges.challengeByToken(pool, sha256(token));
  if (!isAnswerable(seen, 'reset-password', now())) return 'token-invalid';
  const emailKey = await store.emailKeyOf(pool, seen.userId);
  if (emailKey === undefined) return 'token-invalid';
  const fault = passwordFault(password, emailKey);
  if (fault) return fault;
  const passwordHash = await passwords.hash(password);
  return inTransaction(pool, async (client) => {
    const challenge = await heldChallenge(client, token);
    const atMs = now();
    if (!isAnswerable(challenge, 'reset-password', atMs)) return 'token-invalid';
    await store.setPassword(client, challenge.userId, passwordHash, atMs);
    await challenges.endChallenges(client, challenge.userId, atMs);
    await revokeFamiliesOf(client, challenge.userId, atMs);
    await forgetFailures(client, secrets.keyedHash(emailKey));
    return 'reset';
  });
}

/** The challenge of a token, with its account held until the transaction ends. */
async function heldChallenge(client: PoolClient, token: string) {
  const tokenSha256 = sha256(token);
  const seen = await challenges.challengeByToken(client, tokenSha256);
  if (!seen || !(await store.lockAccount(client, seen.userId))) return undefined;
  return challenges.challengeByToken(client, tokenSha256);
}

async function erase(client: PoolClient, { secrets, now }: AccountParts, userId: string): Promise<void> {
  const emailKey = await store.emailKeyOf(client, userId);
  await store.eraseAccount(client, userId, now());
  if (emailKey !== undefined) await forgetFailures(client, secrets.keyedHash(emailKey));
}

async function writeMail(client: PoolClient, { secrets, now }: AccountParts, challengeId: string) {
  const challenge = await challenges.challengeById(client, challengeId);
  const expiresAtMs = decideMail(challenge, now());
  if (!challenge || expiresAtMs === undefined) return undefined;
  const contact = await store.contactOf(client, challenge.userId);
  if (!contact) return undefined;
  const token = secrets.challengeToken(challengeId);
  await challenges.makeAnswerable(client, challengeId, sha256(token), expiresAtMs);
  return { ...contact, token, purpose: challenge.purpose };
}
