// Deletes what is no longer needed: ended sessions, old challenges, old failed sign-ins, known networks, and the personal data of
// accounts whose address was never verified. Repeatable, in steps.
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import { FAILURES_FORGOTTEN_MS, NETWORK_KNOWN_MS } from '../sessions/domain.ts';
import { createAccountStore } from '../store.ts';

const DAY_MS = 86_400_000;
const CHALLENGE_KEPT_MS = 7 * DAY_MS;
/** Longer than a challenge can be answered. */
export const UNVERIFIED_KEPT_MS = 7 * DAY_MS;
const STEP_COUNT_MAX = 500;

/** Accounts that are not verified, and were not registered again since. */
const ABANDONED = `SELECT user_id FROM account WHERE verified_at IS NULL AND erased_at IS NULL AND registered_at < $1
  AND NOT EXISTS (SELECT 1 FROM challenge WHERE challenge.user_id = account.user_id AND issued_at >= $1)`;

/** One step; true when there may be more accounts that were never verified. */
export async function purge(pool: Pool, nowMs: number): Promise<boolean> {
  const before = (ageMs: number) => new Date(nowMs - ageMs);
  // A revoked family too is kept until it expires: a token of it that comes again must be recognised.
  await deleteOld(pool, 'refresh_family', 'expires_at', before(0));
  await deleteOld(pool, 'challenge', 'issued_at', before(CHALLENGE_KEPT_MS));
  await deleteOld(pool, 'sign_in_failures', 'last_at', before(FAILURES_FORGOTTEN_MS));
  await deleteOld(pool, 'known_network', 'proved_at', before(NETWORK_KNOWN_MS));
  const since = before(UNVERIFIED_KEPT_MS);
  const { rows } = await pool.query<{ user_id: string }>(`${ABANDONED} LIMIT ${STEP_COUNT_MAX}`, [since]);
  for (const { user_id: userId } of rows) await eraseAbandoned(pool, userId, since, nowMs);
  return rows.length === STEP_COUNT_MAX;
}

const eraseAbandoned = (pool: Pool, userId: string, since: Date, nowMs: number): Promise<void> =>
  inTransaction(pool, async (client) => {
    const accounts = createAccountStore(client);
    await accounts.lock(userId);
    // Asked again under the lock: it may have been verified, or registered once more.
    const { rowCount } = await client.query(`${ABANDONED} AND user_id = $2`, [since, userId]);
    if (rowCount) await accounts.erase(userId, nowMs);
  });

async function deleteOld(pool: Pool, table: string, column: string, before: Date): Promise<void> {
  let deleted: number | null = STEP_COUNT_MAX;
  while (deleted === STEP_COUNT_MAX) {
    ({ rowCount: deleted } = await pool.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${STEP_COUNT_MAX}))`,
      [before],
    ));
  }
}
