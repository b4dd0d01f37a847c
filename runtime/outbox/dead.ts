// Puts buried events back into the outbox, once the cause of their refusal was removed.

import type { Pool } from '../postgres/database.ts';
import { tableOf } from '../postgres/schema-names.ts';

const STEP_ROWS_MAX = 1_000;

/** How many records of a topic are dead, for which reason. */
export interface DeadCount {
  readonly topic: string;
  readonly reason: string;
  readonly records: number;
}

/** The dead of a schema, by topic and reason. */
export async function countDead(pool: Pool, schema: string, topic?: string): Promise<DeadCount[]> {
  const { rows } = await pool.query<DeadCount>(
    `SELECT topic, reason, count(*) AS records FROM ${tableOf(schema, 'outbox_dead')}
     WHERE $1::text IS NULL OR topic = $1 GROUP BY topic, reason ORDER BY topic, reason`,
    [topic ?? null],
  );
  return rows;
}

/**
 * Puts dead records back into the outbox, oldest first, in steps that are each all or nothing. They come behind what waits
 * there, so a consumer may see an event after later ones of its key. Those that die again meanwhile stay dead.
 * @returns how many
 */
export async function replayDead(pool: Pool, schema: string, topic?: string): Promise<number> {
  const dead = tableOf(schema, 'outbox_dead');
  const { rows } = await pool.query<{ last: number | null }>(`SELECT max(id) AS last FROM ${dead}`);
  for (let replayed = 0; ; ) {
    const { rowCount } = await pool.query(
      `WITH risen AS (
         DELETE FROM ${dead} WHERE id IN (SELECT id FROM ${dead}
           WHERE id <= $1 AND ($2::text IS NULL OR topic = $2) ORDER BY id LIMIT ${STEP_ROWS_MAX} FOR UPDATE SKIP LOCKED)
         RETURNING *)
       INSERT INTO ${tableOf(schema, 'outbox')} (topic, key, headers, value, created_at)
       SELECT topic, key, headers, value, created_at FROM risen ORDER BY id`,
      [rows[0]?.last ?? 0, topic ?? null],
    );
    replayed += rowCount ?? 0;
    if ((rowCount ?? 0) < STEP_ROWS_MAX) return replayed;
  }
}
