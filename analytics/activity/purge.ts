// Activity beyond its retention goes: the documents first, then the rows that know them, so that a crash in between leaves
// no unknown document behind. What was never delivered stays.
import type { Pool } from '#runtime/postgres/database.ts';
import type { ActivityStore } from './activity-store.ts';

const BATCH_MAX = 200;

const OLD = `
SELECT id FROM analytics.activity
WHERE delivered_at IS NOT NULL AND occurred_at < now() - $1 * interval '1 day'
ORDER BY occurred_at LIMIT ${BATCH_MAX}`;

const DELETE = 'DELETE FROM analytics.activity WHERE id = ANY($1)';

/** Removes all that is old, in batches. Returns how many. */
export async function purgeActivity(
  pool: Pool,
  store: Pick<ActivityStore, 'remove'>,
  retentionDays: number,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rows } = await pool.query<{ id: string }>(OLD, [retentionDays]);
    if (rows.length === 0) return removed;
    const ids = rows.map(({ id }) => id);
    await store.remove(ids);
    await pool.query(DELETE, [ids]);
    removed += ids.length;
  }
}
