// Challenges in Postgres. Each method is one step of the caller's transaction.
import { userService } from '#contracts/shop-processes.ts';
import { userChallengeIssued } from '#contracts/shop-topics.ts';
import type { ChallengePurpose } from '#contracts/users.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { Challenge, ChallengeStore, NewChallenge } from './domain.ts';

type Queries = Pick<PoolClient, 'query'>;

interface ChallengeRow {
  challenge_id: string;
  user_id: string;
  purpose: ChallengePurpose;
  issued_at: Date;
  expires_at: Date | null;
  used_at: Date | null;
}

/** @param queries the client of a transaction; the pool for single statements */
export function createChallengeStore(queries: Queries): ChallengeStore {
  const find = async (text: string, values: unknown[]): Promise<Challenge[]> =>
    (await queries.query<ChallengeRow>(text, values)).rows.map(challengeOf);
  return {
    latest: (userId, purpose) =>
      find('SELECT * FROM challenge WHERE user_id = $1 AND purpose = $2 ORDER BY issued_at DESC LIMIT 10', [
        userId,
        purpose,
      ]),
    lock: async (challengeId) =>
      (await find('SELECT * FROM challenge WHERE challenge_id = $1 FOR UPDATE', [challengeId]))[0],
    findByToken: async (tokenSha256) =>
      (await find('SELECT * FROM challenge WHERE token_sha256 = $1', [tokenSha256]))[0],
    insert: (challenge) => insert(queries, challenge),
    async makeAnswerable(challengeId, tokenSha256, expiresAtMs) {
      const text = 'UPDATE challenge SET token_sha256 = $2, expires_at = $3 WHERE challenge_id = $1';
      await queries.query(text, [challengeId, tokenSha256, new Date(expiresAtMs)]);
    },
    async endAll(userId, atMs) {
      const text = 'UPDATE challenge SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL';
      await queries.query(text, [userId, new Date(atMs)]);
    },
  };
}

const challengeOf = (row: ChallengeRow): Challenge => ({
  challengeId: row.challenge_id,
  userId: row.user_id,
  purpose: row.purpose,
  issuedAtMs: row.issued_at.getTime(),
  ...(row.expires_at ? { expiresAtMs: row.expires_at.getTime() } : {}),
  ...(row.used_at ? { usedAtMs: row.used_at.getTime() } : {}),
});

async function insert(queries: Queries, challenge: NewChallenge): Promise<void> {
  const { challengeId, userId, purpose, atMs } = challenge;
  const time = new Date(atMs);
  await queries.query(
    'INSERT INTO challenge (challenge_id, user_id, purpose, issued_at) VALUES ($1, $2, $3, $4)',
    [challengeId, userId, purpose, time],
  );
  const data = { challengeId, userId, purpose };
  const message = { key: userId, id: `${challengeId}/issued`, time: time.toISOString(), data };
  await publishEvent(userChallengeIssued, queries, userService, message);
}
