// What can be done with an account, each a transaction: state, challenge and event together or not at all.
import type { ChallengePurpose } from '#contracts/users.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import * as challenges from './challenges/challenge-store.ts';
import { decideMail, isAnswerable } from './challenges/domain.ts';
import { type Accounts, readEmail } from './domain.ts';
import { inEvenTime } from './even-time.ts';
import { type Secrets, sha256 } from './keys/secrets.ts';
import { type PasswordFault, passwordFault } from './passwords/domain.ts';
import type { Passwords } from './passwords/scrypt.ts';
import { register, requestReset } from './registration.ts';
import { forgetNetworks, networkKeyOf, rememberNetwork } from './sessions/known-networks.ts';
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
  const { pool } = parts;
  return {
    async register(registration) {
      const email = readEmail(registration.email);
      if (!email) return 'email-invalid';
      const { password } = registration;
      const fault = password === undefined ? undefined : passwordFault(password, email.key);
      if (fault) return fault;
      await inEvenTime(parts.answerStepMs, () =>
        inTransaction(pool, (client) => register(client, parts, email, registration)),
      );
      return 'accepted';
    },
    async requestReset(text) {
      const email = readEmail(text);
      if (!email) return 'email-invalid';
      await inEvenTime(parts.answerStepMs, () =>
        inTransaction(pool, (client) => requestReset(client, parts, email)),
      );
      return 'accepted';
    },
    verifyEmail: async (token, password, ip) => {
      const outcome = await answerChallenge(parts, 'verify-email', { token, password, ip });
      return outcome === 'answered' ? 'verified' : outcome;
    },
    resetPassword: async (token, password, ip) => {
      const outcome = await answerChallenge(parts, 'reset-password', { token, password, ip });
      return outcome === 'answered' ? 'reset' : outcome;
    },
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

interface ChallengeAnswer {
  readonly token: string;
  readonly password: string;
  readonly ip?: string | undefined;
}

/**
 * Sets the password that came with the token. Both purposes do the same: whoever has the token reads the mailbox, and nothing that
 * was said before counts, by whomever.
 */
async function answerChallenge(
  { pool, passwords, secrets, now }: AccountParts,
  purpose: ChallengePurpose,
  { token, password, ip }: ChallengeAnswer,
): Promise<'answered' | 'token-invalid' | PasswordFault> {
  // Looked at twice: a token that is worth nothing must cost nobody a hash, and a refused password must not use it up.
  const seen = await challenges.challengeByToken(pool, sha256(token));
  if (!isAnswerable(seen, purpose, now())) return 'token-invalid';
  const emailKey = await store.emailKeyOf(pool, seen.userId);
  if (emailKey === undefined) return 'token-invalid';
  const fault = passwordFault(password, emailKey);
  if (fault) return fault;
  const passwordHash = await passwords.hash(password);
  return inTransaction(pool, async (client) => {
    const challenge = await heldChallenge(client, token);
    const atMs = now();
    if (!isAnswerable(challenge, purpose, atMs)) return 'token-invalid';
    await store.setPassword(client, challenge.userId, passwordHash, atMs);
    await challenges.endChallenges(client, challenge.userId, atMs);
    await revokeFamiliesOf(client, challenge.userId, atMs);
    const accountKey = secrets.keyedHash(emailKey);
    await forgetFailures(client, accountKey);
    if (ip !== undefined)
      await rememberNetwork(client, { accountKey, networkKey: networkKeyOf(secrets, ip) }, atMs);
    return 'answered';
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
  if (emailKey === undefined) return;
  await forgetFailures(client, secrets.keyedHash(emailKey));
  await forgetNetworks(client, secrets.keyedHash(emailKey));
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
