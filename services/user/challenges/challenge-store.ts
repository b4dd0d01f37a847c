// Challenges in Postgres, and the event that one was issued. Each function is a part of the caller's transaction.
import { randomUUID } from 'node:crypto';
import { encodeEvent } from '#contracts/envelope.ts';
import { userChallengeIssued } from '#contracts/shop-topics.ts';
import { type ChallengePurpose, USER_CHALLENGE_ISSUED } from '#contracts/users.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import { lockAccount, type Queryable } from '../store.ts';
import { type Challenge, decideIssue } from './domain.ts';

export interface NewChallenge {
  readonly userId: string;
  readonly purpose: ChallengePurpose;
  readonly atMs: number;
}

/** Issues a challenge and tells of it, unless the mailbox was written to often enough; nobody is told which it was. */
export async function issueChallenge(client: Queryable, schema: string, issue: NewChallenge): Promise<void> {
  const { userId, purpose, atMs } = issue;
  // Two at the same time would both find room for the last one.
  if (!(await lockAccount(client, userId))) return;
  const { rows } = await client.query<ChallengeRow>(
    'SELECT * FROM challenge WHERE user_id = $1 AND purpose = $2 ORDER BY issued_at DESC LIMIT 10',
    [userId, purpose],
  );
  if (!decideIssue(rows.map(asChallenge), atMs)) return;
  const challengeId = randomUUID();
  await client.query(
    'INSERT INTO challenge (challenge_id, user_id, purpose, issued_at) VALUES ($1, $2, $3, $4)',
    [challengeId, userId, purpose, new Date(atMs)],
  );
  const record = encodeEvent(USER_CHALLENGE_ISSUED, userId, {
    id: `${challengeId}/issued`,
    source: '/services/user',
    time: new Date(atMs).toISOString(),
    data: { challengeId, userId, purpose },
  });
  await saveToOutbox(client, schema, userChallengeIssued, record);
}

interface ChallengeRow {
  challenge_id: string;
  user_id: string;
  purpose: ChallengePurpose;
  issued_at: Date;
  expires_at: Date | null;
  used_at: Date | null;
}

const asChallenge = (row: ChallengeRow): Challenge => ({
  challengeId: row.challenge_id,
  userId: row.user_id,
  purpose: row.purpose,
  issuedAtMs: row.issued_at.getTime(),
  ...(row.expires_at ? { expiresAtMs: row.expires_at.getTime() } : {}),
  ...(row.used_at ? { usedAtMs: row.used_at.getTime() } : {}),
});

/** Held until the transaction ends: two who write its mail do so one after the other. */
export async function challengeById(client: Queryable, challengeId: string): Promise<Challenge | undefined> {
  const { rows } = await client.query<ChallengeRow>(
    'SELECT * FROM challenge WHERE challenge_id = $1 FOR UPDATE',
    [challengeId],
  );
  return rows[0] && asChallenge(rows[0]);
}

/** As it was when this was asked: whoever acts on it holds the account and asks again. */
export async function challengeByToken(
  client: Queryable,
  tokenSha256: Buffer,
): Promise<Challenge | undefined> {
  const { rows } = await client.query<ChallengeRow>('SELECT * FROM challenge WHERE token_sha256 = $1', [
    tokenSha256,
  ]);
  return rows[0] && asChallenge(rows[0]);
}

export async function makeAnswerable(
  client: Queryable,
  challengeId: string,
  tokenSha256: Buffer,
  expiresAtMs: number,
): Promise<void> {
  await client.query('UPDATE challenge SET token_sha256 = $2, expires_at = $3 WHERE challenge_id = $1', [
    challengeId,
    tokenSha256,
    new Date(expiresAtMs),
  ]);
}

/** Ends every open challenge of a person: after one answer, what lies in the mailbox opens nothing more. */
export async function endChallenges(client: Queryable, userId: string, atMs: number): Promise<void> {
  await client.query('UPDATE challenge SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL', [
    userId,
    new Date(atMs),
  ]);
}
