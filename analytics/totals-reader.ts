// Lets a user of the database read what the console shows of it: five tables, and nothing else. The worker does it at its start, since the
// tables are its own, and a user that signs in by IAM has no right by itself.
import type { Logger } from '#runtime/log.ts';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';

/** What `console/totals.ts` and `console/stores/cloud-sql.ts` read; a spec of the console reads them as such a user. */
const TABLES = ['size_label_totals', 'window_out', 'delivery', 'dlq', 'part_state'];

/** Any constant of ours: workers that start together must not grant together, or one of them fails (`tuple concurrently updated`). */
const LOCK_KEY = 7_203_005;

/** Again, it changes nothing. Counting goes on where the user is missing: then nobody but the console lacks something. */
export async function admitReader(pool: Pool, reader: string, log: Logger): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [reader]);
    if (rowCount === 0) {
      log.warn({ reader }, 'the database has no such user: it can read no totals');
      return;
    }
    const role = client.escapeIdentifier(reader);
    await client.query(`GRANT USAGE ON SCHEMA analytics TO ${role}`);
    for (const table of TABLES) await client.query(`GRANT SELECT ON analytics.${table} TO ${role}`);
  });
}
