// Accounts and their personal data in Postgres. Each method is one step of the caller's transaction.
import { userService } from '#contracts/shop-processes.ts';
import { userRegistered } from '#contracts/shop-topics.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { Account, AccountStore, Contact, NewAccount, ProfileChange, Role } from './domain.ts';

type Queries = Pick<PoolClient, 'query'>;

/** @param queries the client of a transaction; the pool for single statements */
export const createAccountStore = (queries: Queries): AccountStore => ({
  ...locks(queries),
  ...reads(queries),
  ...writes(queries),
});

interface AccountRow {
  user_id: string;
  role: Role;
  password_hash: string | null;
}

const accountOf = (row: AccountRow | undefined): Account | undefined =>
  row && {
    userId: row.user_id,
    role: row.role,
    ...(row.password_hash ? { passwordHash: row.password_hash } : {}),
  };

const locks = (queries: Queries): Pick<AccountStore, 'lockEmail' | 'lock'> => ({
  async lockEmail({ key }) {
    await queries.query(`SELECT pg_advisory_xact_lock(hashtextextended('email/' || $1, 0))`, [key]);
  },
  async lock(userId) {
    const { rows } = await queries.query<AccountRow>(
      'SELECT user_id, role, password_hash FROM account WHERE user_id = $1 AND erased_at IS NULL FOR UPDATE',
      [userId],
    );
    return accountOf(rows[0]);
  },
});

interface ProfileRow extends AccountRow {
  email: string;
  name: string | null;
  locale: string;
  registered_at: Date;
  version: number;
}

const reads = (queries: Queries): Pick<AccountStore, 'findByEmail' | 'profile' | 'contact' | 'emailKey'> => ({
  async findByEmail({ key }) {
    const { rows } = await queries.query<AccountRow>(
      'SELECT user_id, role, password_hash FROM account JOIN personal_data USING (user_id) WHERE email_key = $1',
      [key],
    );
    return accountOf(rows[0]);
  },
  async profile(userId) {
    const { rows } = await queries.query<ProfileRow>(
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
  },
  async contact(userId) {
    const text = 'SELECT email, locale FROM personal_data WHERE user_id = $1';
    return (await queries.query<Contact>(text, [userId])).rows[0];
  },
  async emailKey(userId) {
    const text = 'SELECT email_key FROM personal_data WHERE user_id = $1';
    return (await queries.query<{ email_key: string }>(text, [userId])).rows[0]?.email_key;
  },
});

const writes = (
  queries: Queries,
): Omit<AccountStore, keyof ReturnType<typeof locks> | keyof ReturnType<typeof reads>> => ({
  insert: (account) => insert(queries, account),
  async setPassword(userId, passwordHash, atMs) {
    await queries.query(
      `UPDATE account SET password_hash = $2, verified_at = coalesce(verified_at, $3)
        WHERE user_id = $1 AND erased_at IS NULL`,
      [userId, passwordHash, new Date(atMs)],
    );
  },
  async setRole(userId, role) {
    await queries.query('UPDATE account SET role = $2 WHERE user_id = $1', [userId, role]);
  },
  async setEmail(userId, { address, key }) {
    const text = 'UPDATE personal_data SET email = $2, email_key = $3 WHERE user_id = $1';
    await queries.query(text, [userId, address, key]);
  },
  updateProfile: (userId, change, versions) => updateProfile(queries, userId, change, versions),
  async erase(userId, atMs) {
    // The account first: a sign-in that is running has locked it, and the session that it starts must be deleted below.
    await queries.query(
      `UPDATE account SET password_hash = NULL, role = 'customer', erased_at = coalesce(erased_at, $2) WHERE user_id = $1`,
      [userId, new Date(atMs)],
    );
    for (const table of ['refresh_family', 'challenge', 'personal_data']) {
      await queries.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    }
  },
});

async function insert(queries: Queries, account: NewAccount): Promise<void> {
  const { userId, email, name, locale, atMs } = account;
  const time = new Date(atMs);
  await queries.query(`INSERT INTO account (user_id, role, registered_at) VALUES ($1, 'customer', $2)`, [
    userId,
    time,
  ]);
  await queries.query(
    'INSERT INTO personal_data (user_id, email, email_key, name, locale) VALUES ($1, $2, $3, $4, $5)',
    [userId, email.address, email.key, name ?? null, locale],
  );
  const message = { key: userId, id: `${userId}/registered`, time: time.toISOString(), data: { userId } };
  await publishEvent(userRegistered, queries, userService, message);
}

async function updateProfile(
  queries: Queries,
  userId: string,
  { name, locale }: ProfileChange,
  versions: readonly number[] | undefined,
): Promise<boolean> {
  const { rowCount } = await queries.query(
    `UPDATE account SET version = version + 1
      WHERE user_id = $1 AND erased_at IS NULL AND ($2::int[] IS NULL OR version = ANY($2))`,
    [userId, versions ?? null],
  );
  if (rowCount === 0) return false;
  await queries.query(
    `UPDATE personal_data SET name = CASE WHEN $2 THEN $3 ELSE name END, locale = coalesce($4, locale)
      WHERE user_id = $1`,
    [userId, name !== undefined, name ?? null, locale ?? null],
  );
  return true;
}
