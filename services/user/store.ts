// Accounts and their personal data in Postgres. Each function is a statement of the caller's transaction.
import type { Pool, PoolClient } from '#runtime/postgres/database.ts';
import type { Account, Contact, Email, Profile, ProfileChange, Role } from './domain.ts';

export type Queryable = Pick<PoolClient, 'query'> | Pool;

/** Holds off every other registration of this address until the transaction ends: so there is never a conflict to report. */
export async function lockEmail(client: Queryable, email: Email): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('email/' || $1, 0))`, [email.key]);
}

interface AccountRow {
  user_id: string;
  role: Role;
  password_hash: string | null;
}

const asAccount = (row: AccountRow | undefined): Account | undefined =>
  row && {
    userId: row.user_id,
    role: row.role,
    ...(row.password_hash ? { passwordHash: row.password_hash } : {}),
  };

export async function accountByEmail(client: Queryable, email: Email): Promise<Account | undefined> {
  const { rows } = await client.query<AccountRow>(
    'SELECT user_id, role, password_hash FROM account JOIN personal_data USING (user_id) WHERE email_key = $1',
    [email.key],
  );
  return asAccount(rows[0]);
}

export interface NewAccount {
  readonly userId: string;
  readonly email: Email;
  readonly name: string | undefined;
  readonly locale: string;
  readonly atMs: number;
}

export async function insertAccount(client: Queryable, account: NewAccount): Promise<void> {
  const { userId, email, name, locale, atMs } = account;
  await client.query(`INSERT INTO account (user_id, role, registered_at) VALUES ($1, 'customer', $2)`, [
    userId,
    new Date(atMs),
  ]);
  await client.query(
    'INSERT INTO personal_data (user_id, email, email_key, name, locale) VALUES ($1, $2, $3, $4, $5)',
    [userId, email.address, email.key, name ?? null, locale],
  );
}

/** Gives an account its password; the address is verified from now on, since whoever sets it has read its mail. */
export async function setPassword(
  client: Queryable,
  userId: string,
  passwordHash: string,
  atMs: number,
): Promise<void> {
  await client.query(
    `UPDATE account SET password_hash = $2, verified_at = coalesce(verified_at, $3)
      WHERE user_id = $1 AND erased_at IS NULL`,
    [userId, passwordHash, new Date(atMs)],
  );
}

export async function setRole(client: Queryable, userId: string, role: Role): Promise<void> {
  await client.query('UPDATE account SET role = $2 WHERE user_id = $1', [userId, role]);
}

interface ProfileRow extends AccountRow {
  email: string;
  name: string | null;
  locale: string;
  registered_at: Date;
  version: number;
}

export async function profileOf(client: Queryable, userId: string): Promise<Profile | undefined> {
  const { rows } = await client.query<ProfileRow>(
    'SELECT * FROM account JOIN personal_data USING (user_id) WHERE user_id = $1',
    [userId],
  );
  const [row] = rows;
  return (
    row && {
      userId,
      role: row.role,
      email: row.email,
      ...(row.name === null ? {} : { name: row.name }),
      locale: row.locale,
      registeredAt: row.registered_at.toISOString(),
      version: row.version,
    }
  );
}

/**
 * Holds an account until the transaction ends. Whatever changes how somebody gets in takes this first, so that nothing waits
 * in a circle; undefined when it was erased.
 */
export async function lockAccount(client: Queryable, userId: string): Promise<Account | undefined> {
  const { rows } = await client.query<AccountRow>(
    'SELECT user_id, role, password_hash FROM account WHERE user_id = $1 AND erased_at IS NULL FOR UPDATE',
    [userId],
  );
  return asAccount(rows[0]);
}

/** False when the account is at none of these versions any more; without them any will do. */
export async function updateProfile(
  client: Queryable,
  userId: string,
  change: ProfileChange,
  versions: readonly number[] | undefined,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE account SET version = version + 1
      WHERE user_id = $1 AND erased_at IS NULL AND ($2::int[] IS NULL OR version = ANY($2))`,
    [userId, versions ?? null],
  );
  if (rowCount === 0) return false;
  await client.query(
    `UPDATE personal_data SET name = CASE WHEN $2 THEN $3 ELSE name END, locale = coalesce($4, locale)
      WHERE user_id = $1`,
    [userId, change.name !== undefined, change.name ?? null, change.locale ?? null],
  );
  return true;
}

export async function contactOf(client: Queryable, userId: string): Promise<Contact | undefined> {
  const { rows } = await client.query<Contact>('SELECT email, locale FROM personal_data WHERE user_id = $1', [
    userId,
  ]);
  return rows[0];
}

/** The key of the address, or undefined for who was erased. */
export async function emailKeyOf(client: Queryable, userId: string): Promise<string | undefined> {
  const { rows } = await client.query<{ email_key: string }>(
    'SELECT email_key FROM personal_data WHERE user_id = $1',
    [userId],
  );
  return rows[0]?.email_key;
}

/** Takes away everything personal and every way in; the id stays. */
export async function eraseAccount(client: Queryable, userId: string, atMs: number): Promise<void> {
  // First the account: a sign-in in hand holds it, and its session must not outlive this.
  await client.query(
    `UPDATE account SET password_hash = NULL, role = 'customer', erased_at = coalesce(erased_at, $2) WHERE user_id = $1`,
    [userId, new Date(atMs)],
  );
  for (const table of ['refresh_family', 'challenge', 'personal_data']) {
    await client.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
  }
}
