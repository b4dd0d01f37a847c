// What nobody needs any more goes: ended sessions, old challenges, forgotten failures, and the personal data of people who
// never verified their address. Repeatable, in portions.
import { inTransaction, type Pool } from '#runtime/postgres.ts';
import { FAILURES_FORGOTTEN_MS } from './sessions/domain.ts';
import { eraseAccount } from './store.ts';

const DAY_MS = 86_400_000;
const CHALLENGE_KEPT_MS = 7 * DAY_MS;
/** Longer than a challenge can be answered. */
export const UNVERIFIED_KEPT_MS = 7 * DAY_MS;
const PORTION = 500;

/** One step; true when there may be more accounts that were never verified. */
export async function purge(pool: Pool, nowMs: number): Promise<boolean> {
  const before = (ageMs: number) => new Date(nowMs - ageMs);
  // Not before its end: a family that was revoked must still know its tokens.
  await inPortions(pool, 'refresh_family', 'expires_at', before(0));
  await inPortions(pool, 'challenge', 'issued_at', before(CHALLENGE_KEPT_MS));
  await inPortions(pool, 'sign_in_failures', 'last_at', before(FAILURES_FORGOTTEN_MS));
  const { rows } = await pool.query<{ user_id: string }>(
    `SELECT user_id FROM account WHERE verified_at IS NULL AND erased_at IS NULL AND registered_at < $1 LIMIT ${PORTION}`,
    [before(UNVERIFIED_KEPT_MS)],
  );
  for (const { user_id: userId } of rows) {
    await inTransaction(pool, async (client) => {
      const { rowCount } = await client.query(
        'SELECT 1 FROM account WHERE user_id = $1 AND verified_at IS NULL FOR UPDATE',
        [userId],
      );
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
