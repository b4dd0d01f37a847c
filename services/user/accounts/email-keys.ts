// Keys of addresses that were stored before all forms of a domain were one: read anew, at each start, until none is left.
import type { Logger } from '#runtime/log.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { type Email, readEmail } from '../domain.ts';
import { eraseAccount, lockAccount, lockEmail } from '../store.ts';

interface Rekeyed {
  readonly userId: string;
  readonly email: Email;
}

/**
 * Gives each such account the key of today. Where another account has it, the one that nobody has verified is erased; of two that are
 * verified both stay, the one with the old key cannot sign in any more, and their ids are logged: only a person can tell.
 */
export async function rekeyEmails(pool: Pool, nowMs: number, log?: Pick<Logger, 'warn'>): Promise<void> {
  const { rows } = await pool.query<{ user_id: string; email: string; email_key: string }>(
    `SELECT user_id, email, email_key FROM personal_data WHERE email_key ~ '[^ -~]|[.]$'`,
  );
  for (const row of rows) {
    const email = readEmail(row.email);
    if (!email || email.key === row.email_key) continue;
    const other = await inTransaction(pool, (client) => rekey(client, { userId: row.user_id, email }, nowMs));
    if (other) log?.warn({ userId: row.user_id, otherUserId: other }, 'two verified accounts of one mailbox');
  }
}

/** @returns the account that keeps the key, where both are verified */
async function rekey(
  client: PoolClient,
  { userId, email }: Rekeyed,
  nowMs: number,
): Promise<string | undefined> {
  await lockEmail(client, email);
  const { rows } = await client.query<{ user_id: string }>(
    'SELECT user_id FROM personal_data WHERE email_key = $1 AND user_id <> $2',
    [email.key, userId],
  );
  const other = rows[0]?.user_id;
  // In one order, or two starts at the same time would wait for each other.
  const held = new Map<string, boolean>();
  for (const id of [userId, ...(other === undefined ? [] : [other])].toSorted()) {
    held.set(id, (await lockAccount(client, id))?.passwordHash !== undefined);
  }
  if (other !== undefined) {
    const isVerified = held.get(userId);
    if (isVerified && held.get(other)) return other;
    await eraseAccount(client, isVerified ? other : userId, nowMs);
    if (!isVerified) return undefined;
  }
  await client.query('UPDATE personal_data SET email = $2, email_key = $3 WHERE user_id = $1', [
    userId,
    email.address,
    email.key,
  ]);
  return undefined;
}
