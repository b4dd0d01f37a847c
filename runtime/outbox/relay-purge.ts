// Marks that no repeat can need any more go, in small steps: inbox marks after 14 days (topics keep a week), answers to
// idempotent requests after a day.

import type { PoolClient } from '../postgres/database.ts';
import { tableOf } from '../postgres/schema-names.ts';

const STEP_ROWS_MAX = 2_000;
const RETENTIONS = [
  { table: 'inbox', column: 'seen_at', keep: '14 days' },
  { table: 'idempotency', column: 'created_at', keep: '24 hours' },
] as const;

/** Deletes a step's worth of outdated rows of each table; true when there may be more. */
export async function purgeStep(client: PoolClient, schema: string): Promise<boolean> {
  let isMore = false;
  for (const { table, column, keep } of RETENTIONS) {
    const name = tableOf(schema, table);
    const { rowCount } = await client.query(
      `DELETE FROM ${name} WHERE ctid IN
         (SELECT ctid FROM ${name} WHERE ${column} < now() - interval '${keep}' LIMIT ${STEP_ROWS_MAX} FOR UPDATE SKIP LOCKED)`,
    );
    isMore ||= rowCount === STEP_ROWS_MAX;
  }
  return isMore;
}
