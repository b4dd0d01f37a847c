// Sessions and failed sign-ins in Postgres. Each function is a part of the caller's transaction.
import type { Role } from '../domain.ts';
import type { Queryable } from '../store.ts';
import type { RefreshToken, SignInFailures } from './domain.ts';

/** Who tries to sign in and from where, as keyed hashes. */
export interface Attempt {
  readonly accountKey: Buffer;
  readonly networkKey: Buffer;
}

/** Held until the transaction ends, so that attempts in parallel are counted one after the other. */
export async function failuresOf(client: Queryable, attempt: Attempt): Promise<SignInFailures | undefined> {
  const { accountKey, networkKey } = attempt;
  // A row that is there can be locked; one that is not cannot.
  await client.query(
    `INSERT INTO sign_in_failures VALUES ($1, $2, 0, 'epoch', 'epoch') ON CONFLICT DO NOTHING`,
    [accountKey, networkKey],
  );
  const { rows } = await client.query<{ count: number; last_at: Date; locked_until: Date }>(
    'SELECT * FROM sign_in_failures WHERE account_key = $1 AND network_key = $2 FOR UPDATE',
    [accountKey, networkKey],
  );
  const [row] = rows;
  if (!row?.count) return undefined;
  return { count: row.count, lastAtMs: row.last_at.getTime(), lockedUntilMs: row.locked_until.getTime() };
}

export async function saveFailures(
  client: Queryable,
  { accountKey, networkKey }: Attempt,
  { count, lastAtMs, lockedUntilMs }: SignInFailures,
): Promise<void> {
  await client.query(
    // The row may have gone since it was read, with a success or by age: the attempt counts all the same.
    `INSERT INTO sign_in_failures VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (account_key, network_key) DO UPDATE SET count = $3, last_at = $4, locked_until = $5`,
    [accountKey, networkKey, count, new Date(lastAtMs), new Date(lockedUntilMs)],
  );
}

/** For an attempt that was admitted and then was none: too many were waiting, or it was its owner's. */
export async function takeBackAttempt(client: Queryable, { accountKey, networkKey }: Attempt): Promise<void> {
  await client.query(
    `UPDATE sign_in_failures SET count = greatest(count - 1, 0), locked_until = 'epoch'
      WHERE account_key = $1 AND network_key = $2`,
    [accountKey, networkKey],
  );
}

/** Of one network after a success, of all when the owner has proved to be it. */
export async function forgetFailures(
  client: Queryable,
  accountKey: Buffer,
  networkKey?: Buffer,
): Promise<void> {
  await client.query(
    'DELETE FROM sign_in_failures WHERE account_key = $1 AND ($2::bytea IS NULL OR network_key = $2)',
    [accountKey, networkKey ?? null],
  );
}

export interface NewRefreshToken {
  readonly sha256: Buffer;
  readonly familyId: string;
  readonly expiresAtMs: number;
}

export async function insertFamily(
  client: Queryable,
  familyId: string,
  userId: string,
  expiresAtMs: number,
): Promise<void> {
  await client.query('INSERT INTO refresh_family (family_id, user_id, expires_at) VALUES ($1, $2, $3)', [
    familyId,
    userId,
    new Date(expiresAtMs),
  ]);
}

export async function insertRefreshToken(client: Queryable, token: NewRefreshToken): Promise<void> {
  await client.query('INSERT INTO refresh_token (token_sha256, family_id, expires_at) VALUES ($1, $2, $3)', [
    token.sha256,
    token.familyId,
    new Date(token.expiresAtMs),
  ]);
}

interface TokenRow {
  family_id: string;
  user_id: string;
  role: Role;
  expires_at: Date;
  rotated_at: Date | null;
  family_expires_at: Date;
  revoked_at: Date | null;
}

/** A token with the role that its holder has today. Its family is held: two uses of one token come one after the other. */
export async function refreshTokenOf(
  client: Queryable,
  sha256: Buffer,
): Promise<(RefreshToken & { readonly role: Role }) | undefined> {
  // Two statements: the second sees what the family's holder before us has written.
  await client.query(
    'SELECT 1 FROM refresh_family WHERE family_id = (SELECT family_id FROM refresh_token WHERE token_sha256 = $1) FOR UPDATE',
    [sha256],
  );
  const { rows } = await client.query<TokenRow>(
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

export async function markRotated(client: Queryable, sha256: Buffer, atMs: number): Promise<void> {
  await client.query('UPDATE refresh_token SET rotated_at = $2 WHERE token_sha256 = $1', [
    sha256,
    new Date(atMs),
  ]);
}

export async function revokeFamily(client: Queryable, familyId: string, atMs: number): Promise<void> {
  await client.query('UPDATE refresh_family SET revoked_at = coalesce(revoked_at, $2) WHERE family_id = $1', [
    familyId,
    new Date(atMs),
  ]);
}

export async function revokeFamiliesOf(client: Queryable, userId: string, atMs: number): Promise<void> {
  await client.query('UPDATE refresh_family SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL', [
    userId,
    new Date(atMs),
  ]);
}
