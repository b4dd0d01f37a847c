// Issues challenges, writes their mails and takes their answers, each in one transaction.
import { randomUUID } from 'node:crypto';
import type { ChallengePurpose } from '#contracts/users.ts';
import { readEmail } from '../domain.ts';
import { inEvenTime } from '../even-time.ts';
import { type Secrets, sha256 } from '../keys/secrets.ts';
import { passwordRefusal } from '../passwords/domain.ts';
import type { Passwords } from '../passwords/scrypt.ts';
import { networkKeyOf } from '../sessions/networks.ts';
import type { Stores, UserStores } from '../stores.ts';
import {
  type Challenge,
  type ChallengeAnswer,
  type ChallengeMail,
  type Challenges,
  isAnswerable,
  linkExpiresAtMs,
  mayIssue,
  type NewChallenge,
} from './domain.ts';

export interface ChallengeParts {
  readonly stores: UserStores;
  readonly passwords: Passwords;
  readonly secrets: Secrets;
  readonly now: () => number;
  /** @see inEvenTime */
  readonly answerStepMs: number;
}

export const createChallenges = (parts: ChallengeParts): Challenges => ({
  async requestReset(text) {
    const email = readEmail(text);
    if (!email) return 'email-invalid';
    const { stores, now, answerStepMs } = parts;
    await inEvenTime(answerStepMs, () =>
      stores.transaction(async (locked) => {
        const account = await locked.accounts.findByEmail(email);
        if (!account) return;
        const { userId } = account;
        await issueChallenge(locked, { userId, purpose: 'reset-password', atMs: now() });
      }),
    );
    return 'accepted';
  },
  answer: (purpose, given) => answerChallenge(parts, purpose, given),
  writeMail: (challengeId) => parts.stores.transaction((locked) => writeMail(locked, parts, challengeId)),
});

/** Issues a challenge, unless the mailbox got enough mails already; the caller does not learn which. */
export async function issueChallenge(
  { accounts, challenges }: Stores,
  challenge: Omit<NewChallenge, 'challengeId'>,
): Promise<void> {
  const { userId, purpose, atMs } = challenge;
  // Without the lock, two at the same time would both count as the last one below the limit.
  if (!(await accounts.lock(userId))) return;
  if (!mayIssue(await challenges.latest(userId, purpose), atMs)) return;
  await challenges.insert({ ...challenge, challengeId: randomUUID() });
}

/**
 * Sets the password that came with the token. Both purposes do the same: a person with the token reads the mailbox, so earlier
 * passwords, sessions and locks no longer count.
 */
async function answerChallenge(
  { stores, passwords, secrets, now }: ChallengeParts,
  purpose: ChallengePurpose,
  { token, password, ip }: ChallengeAnswer,
): ReturnType<Challenges['answer']> {
  // Checked before the hash and again under the lock: a worthless token must not cost a hash, and a refused password must not use up
  // the token.
  const seen = await stores.challenges.findByToken(sha256(token));
  if (!isAnswerable(seen, purpose, now())) return 'token-invalid';
  const emailKey = await stores.accounts.emailKey(seen.userId);
  if (emailKey === undefined) return 'token-invalid';
  const refusal = passwordRefusal(password, emailKey);
  if (refusal) return refusal;
  const passwordHash = await passwords.hash(password);
  return stores.transaction(async (locked) => {
    const challenge = await lockByToken(locked, token);
    const atMs = now();
    if (!isAnswerable(challenge, purpose, atMs)) return 'token-invalid';
    const { accounts, challenges, sessions } = locked;
    await accounts.setPassword(challenge.userId, passwordHash, atMs);
    await challenges.endAll(challenge.userId, atMs);
    await sessions.revokeFamiliesOf(challenge.userId, atMs);
    const accountKey = secrets.keyedHash(emailKey);
    await sessions.deleteFailures(accountKey);
    if (ip !== undefined)
      await sessions.rememberNetwork({ accountKey, networkKey: networkKeyOf(secrets, ip) }, atMs);
    return 'accepted';
  });
}

/** The challenge of a token, with its account locked until the transaction ends. */
async function lockByToken({ accounts, challenges }: Stores, token: string): Promise<Challenge | undefined> {
  const tokenSha256 = sha256(token);
  const seen = await challenges.findByToken(tokenSha256);
  if (!seen || !(await accounts.lock(seen.userId))) return undefined;
  return challenges.findByToken(tokenSha256);
}

async function writeMail(
  { accounts, challenges }: Stores,
  { secrets, now }: ChallengeParts,
  challengeId: string,
): Promise<ChallengeMail | undefined> {
  const challenge = await challenges.lock(challengeId);
  const expiresAtMs = linkExpiresAtMs(challenge, now());
  if (!challenge || expiresAtMs === undefined) return undefined;
  const contact = await accounts.contact(challenge.userId);
  if (!contact) return undefined;
  const token = secrets.challengeToken(challengeId);
  await challenges.makeAnswerable(challengeId, sha256(token), expiresAtMs);
  return { ...contact, token, purpose: challenge.purpose };
}
