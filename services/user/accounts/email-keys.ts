// Keys of addresses that were stored before all forms of a domain counted as one: renewed at each start, until none is left.
import type { Logger } from '#runtime/log.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { type Email, readEmail } from '../domain.ts';
import { createAccountStore } from '../store.ts';

/**
 * Gives each such account today's key. When another account has that key already, the one that is not verified is erased. Of two
 * verified accounts both stay, the one with the old key can no longer sign in, and their ids are logged: only a person can decide.
 */
export async function rekeyEmails(pool: Pool, nowMs: number, log?: Pick<Logger, 'warn'>): Promise<void> {
  const { rows } = await pool.query<{ user_id: string; email: string; email_key: string }>(
    `SELECT user_id, email, email_key FROM personal_data WHERE email_key ~ '[^ -~]|[.]$'`,
  );
  for (const { user_id: userId, email: text, email_key: oldKey } of rows) {
    const email = readEmail(text);
    if (!email || email.key === oldKey) continue;
    const otherUserId = await inTransaction(pool, (client) => rekey(client, userId, email, nowMs));
    if (otherUserId) log?.warn({ userId, otherUserId }, 'two verified accounts of one mailbox');
  }
}

/** @returns the account that keeps the key, when both are verified */
async function rekey(
  client: PoolClient,
  userId: string,
  email: Email,
  nowMs: number,
): Promise<string | undefined> {
  const accounts = createAccountStore(client);
  await accounts.lockEmail(email);
  const { rows } = await client.query<{ user_id: string }>(
    'SELECT user_id FROM personal_data WHERE email_key = $1 AND user_id <> $2',
    [email.key, userId],
  );
  const other = rows[0]?.user_id;
  // In one order, or two starts at the same time could deadlock.
  const isVerified = new Map<string, boolean>();
  for (const id of [userId, ...(other === undefined ? [] : [other])].toSorted()) {
    isVerified.set(id, (await accounts.lock(id))?.passwordHash !== undefined);
  }
  if (other !== undefined && isVerified.get(userId)) {
    if (isVerified.get(other)) return other;
    await accounts.erase(other, nowMs);
  } else if (other !== undefined) {
    await accounts.erase(userId, nowMs);
    return undefined;
  }
  await accounts.setEmail(userId, email);
  return undefined;
}
