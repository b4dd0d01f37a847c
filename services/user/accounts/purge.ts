// What nobody needs any more goes: ended sessions, old challenges, forgotten failures, and the personal data of people who
// never verified their address. Repeatable, in portions.
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import { FAILURES_FORGOTTEN_MS, NETWORK_KNOWN_MS } from '../sessions/domain.ts';
import { eraseAccount, lockAccount } from '../store.ts';

const DAY_MS = 86_400_000;
const CHALLENGE_KEPT_MS = 7 * DAY_MS;
/** Longer than a challenge can be answered. */
export const UNVERIFIED_KEPT_MS = 7 * DAY_MS;
const PORTION = 500;

/** Nobody has verified them, and nobody has registered them anew since. */
const ABANDONED = `SELECT user_id FROM account WHERE verified_at IS NULL AND erased_at IS NULL AND registered_at < $1
  AND NOT EXISTS (SELECT 1 FROM challenge WHERE challenge.user_id = account.user_id AND issued_at >= $1)`;

/** One step; true when there may be more accounts that were never verified. */
export async function purge(pool: Pool, nowMs: number): Promise<boolean> {
  const before = (ageMs: number) => new Date(nowMs - ageMs);
  // Not before its end: a family that was revoked must still know its tokens.
  await inPortions(pool, 'refresh_family', 'expires_at', before(0));
  await inPortions(pool, 'challenge', 'issued_at', before(CHALLENGE_KEPT_MS));
  await inPortions(pool, 'sign_in_failures', 'last_at', before(FAILURES_FORGOTTEN_MS));
  await inPortions(pool, 'known_network', 'proved_at', before(NETWORK_KNOWN_MS));
  const { rows } = await pool.query<{ user_id: string }>(`${ABANDONED} LIMIT ${PORTION}`, [
    before(UNVERIFIED_KEPT_MS),
  ]);
  for (const { user_id: userId } of rows) {
    await inTransaction(pool, async (client) => {
      await lockAccount(client, userId);
      // Asked again behind the lock: it may have been verified, or registered once more.
      const { rowCount } = await client.query(`${ABANDONED} AND user_id = $2`, [
        before(UNVERIFIED_KEPT_MS),
        userId,
      ]);
      if (rowCount) await eraseAccount(client, userId, nowMs);
    });
  }
  return rows.length === PORTION;
}

async function inPortions(pool: Pool, table: string, column: string, before: Date): Promise<void> {
  let deleted: number | null = PORTION;
  while (deleted === PORTION) {
    ({ rowCount: deleted } = await pool.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${PORTION}))`,
      [before],
    ));
  }
}
