// Sessions, failed sign-ins and known networks in Postgres. Each method is one step of the caller's transaction.
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { Role } from '../domain.ts';
import type { SessionStore } from './domain.ts';

type Queries = Pick<PoolClient, 'query'>;

/** @param queries the client of a transaction; the pool for single statements */
export const createSessionStore = (queries: Queries): SessionStore => ({
  ...failures(queries),
  ...networks(queries),
  ...families(queries),
});

const failures = (
  queries: Queries,
): Pick<SessionStore, 'lockFailures' | 'saveFailures' | 'uncountFailure' | 'deleteFailures'> => ({
  async lockFailures({ accountKey, networkKey }) {
    // Only a row that exists can be locked.
    await queries.query(
      `INSERT INTO sign_in_failures VALUES ($1, $2, 0, 'epoch', 'epoch') ON CONFLICT DO NOTHING`,
      [accountKey, networkKey],
    );
    const { rows } = await queries.query<{ count: number; last_at: Date; locked_until: Date }>(
      'SELECT * FROM sign_in_failures WHERE account_key = $1 AND network_key = $2 FOR UPDATE',
      [accountKey, networkKey],
    );
    const [row] = rows;
    if (!row?.count) return undefined;
    return { count: row.count, lastAtMs: row.last_at.getTime(), lockedUntilMs: row.locked_until.getTime() };
  },
  async saveFailures({ accountKey, networkKey }, { count, lastAtMs, lockedUntilMs }) {
    await queries.query(
      // The row may have been deleted since it was read, by a success or by age: the attempt counts all the same.
      `INSERT INTO sign_in_failures VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (account_key, network_key) DO UPDATE SET count = $3, last_at = $4, locked_until = $5`,
      [accountKey, networkKey, count, new Date(lastAtMs), new Date(lockedUntilMs)],
    );
  },
  async uncountFailure({ accountKey, networkKey }) {
    await queries.query(
      `UPDATE sign_in_failures SET count = greatest(count - 1, 0), locked_until = 'epoch'
        WHERE account_key = $1 AND network_key = $2`,
      [accountKey, networkKey],
    );
  },
  async deleteFailures(accountKey, networkKey) {
    await queries.query(
      'DELETE FROM sign_in_failures WHERE account_key = $1 AND ($2::bytea IS NULL OR network_key = $2)',
      [accountKey, networkKey ?? null],
    );
  },
});

const networks = (
  queries: Queries,
): Pick<SessionStore, 'rememberNetwork' | 'isKnownNetwork' | 'deleteNetworks'> => ({
  async rememberNetwork({ accountKey, networkKey }, atMs) {
    await queries.query(
      `INSERT INTO known_network VALUES ($1, $2, $3)
        ON CONFLICT (account_key, network_key) DO UPDATE SET proved_at = $3`,
      [accountKey, networkKey, new Date(atMs)],
    );
  },
  async isKnownNetwork({ accountKey, networkKey }) {
    const text = 'SELECT 1 FROM known_network WHERE account_key = $1 AND network_key = $2';
    return (await queries.query(text, [accountKey, networkKey])).rowCount === 1;
  },
  async deleteNetworks(accountKey) {
    await queries.query('DELETE FROM known_network WHERE account_key = $1', [accountKey]);
  },
});

interface TokenRow {
  family_id: string;
  user_id: string;
  role: Role;
  expires_at: Date;
  rotated_at: Date | null;
  family_expires_at: Date;
  revoked_at: Date | null;
}

const families = (
  queries: Queries,
): Omit<SessionStore, keyof ReturnType<typeof failures> | keyof ReturnType<typeof networks>> => ({
  lockRefreshToken: (sha256) => lockRefreshToken(queries, sha256),
  async insertFamily(familyId, userId, expiresAtMs) {
    const text = 'INSERT INTO refresh_family (family_id, user_id, expires_at) VALUES ($1, $2, $3)';
    await queries.query(text, [familyId, userId, new Date(expiresAtMs)]);
  },
  async insertRefreshToken({ sha256, familyId, expiresAtMs }) {
    const text = 'INSERT INTO refresh_token (token_sha256, family_id, expires_at) VALUES ($1, $2, $3)';
    await queries.query(text, [sha256, familyId, new Date(expiresAtMs)]);
  },
  async markRotated(sha256, atMs) {
    const text = 'UPDATE refresh_token SET rotated_at = $2 WHERE token_sha256 = $1';
    await queries.query(text, [sha256, new Date(atMs)]);
  },
  async revokeFamily(familyId, atMs) {
    const text = 'UPDATE refresh_family SET revoked_at = coalesce(revoked_at, $2) WHERE family_id = $1';
    await queries.query(text, [familyId, new Date(atMs)]);
  },
  async revokeFamiliesOf(userId, atMs) {
    const text = 'UPDATE refresh_family SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL';
    await queries.query(text, [userId, new Date(atMs)]);
  },
});

async function lockRefreshToken(
  queries: Queries,
  sha256: Buffer,
): ReturnType<SessionStore['lockRefreshToken']> {
  // Two statements: the second sees what the transaction before us wrote under the lock.
  await queries.query(
    'SELECT 1 FROM refresh_family WHERE family_id = (SELECT family_id FROM refresh_token WHERE token_sha256 = $1) FOR UPDATE',
    [sha256],
  );
  const { rows } = await queries.query<TokenRow>(
    `SELECT t.family_id, f.user_id, a.role, t.expires_at, t.rotated_at, f.expires_at AS family_expires_at, f.revoked_at
       FROM refresh_token t JOIN refresh_family f USING (family_id) JOIN account a USING (user_id)
      WHERE t.token_sha256 = $1`,
    [sha256],
  );
  const [row] = rows;
  return (
    row && {
      familyId: row.family_id,
      userId: row.user_id,
      role: row.role,
      expiresAtMs: row.expires_at.getTime(),
      ...(row.rotated_at ? { rotatedAtMs: row.rotated_at.getTime() } : {}),
      familyExpiresAtMs: row.family_expires_at.getTime(),
      ...(row.revoked_at ? { familyRevokedAtMs: row.revoked_at.getTime() } : {}),
    }
  );
}
