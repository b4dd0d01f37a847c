// The outbox as the relay sees it: which rows may go now, and what became of them. All on the leader's own connection, so
// that a relay which has lost its lock can no longer change a row.

import type { PoolClient } from '../postgres/database.ts';
import { nextDueMs } from '../postgres/lease.ts';
import { tableOf } from '../postgres/schema-names.ts';

/** One record that waits to be published. */
export interface OutboxRow {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
  /** How often the broker has refused it. */
  readonly attempts: number;
}

/** A row that the broker refused, and when it may be tried again: never, once it is dead. */
export interface Refused {
  readonly row: OutboxRow;
  readonly reason: string;
  /** Undefined: it was the last attempt. */
  readonly retryInMs: number | undefined;
}

const ROWS_MAX = 500;
/** A batch of one partition must stay below the topic's `max.message.bytes` (1 MiB), and a process must not fill up. */
const BYTES_MAX = 768 * 1024;

/** Rows that may go now, and whether more may than are here. */
export interface NextRows {
  readonly rows: readonly OutboxRow[];
  readonly isMore: boolean;
}

/**
 * The next rows in the order of their ids, up to 500 of them or 768 KiB, and at least one. Left out: rows of the topics
 * held, and those whose key waits for the next attempt at an earlier row.
 */
export async function nextRows(
  client: PoolClient,
  schema: string,
  topicsHeld: readonly string[],
): Promise<NextRows> {
  const outbox = tableOf(schema, 'outbox');
  const { rows } = await client.query<OutboxRow & { found: number }>({
    // Planned once: it is asked for every event.
    name: `outbox-next-rows-${schema}`,
    text: `SELECT id, topic, key, headers, value, attempts, found FROM (
       SELECT due.*, row_number() OVER in_order AS place, count(*) OVER ()::int AS found,
         sum(octet_length(value) + octet_length(key) + octet_length(headers::text)) OVER in_order AS bytes
       FROM (
         SELECT * FROM ${outbox} o
         WHERE (next_try_at IS NULL OR next_try_at <= now()) AND topic <> ALL($1)
           AND NOT EXISTS (SELECT 1 FROM ${outbox} earlier WHERE earlier.next_try_at > now()
             AND earlier.topic = o.topic AND earlier.key = o.key AND earlier.id < o.id)
         ORDER BY id LIMIT ${ROWS_MAX}
       ) due WINDOW in_order AS (ORDER BY id)
     ) measured WHERE place = 1 OR bytes <= ${BYTES_MAX} ORDER BY id`,
    values: [topicsHeld],
  });
  const found = rows[0]?.found ?? 0;
  return { rows, isMore: found > rows.length || found === ROWS_MAX };
}

/** How long until the next attempt at a row that was refused, in ms; undefined when there is none. */
export const nextTryMs = (client: PoolClient, schema: string): Promise<number | undefined> =>
  nextDueMs(client, {
    table: tableOf(schema, 'outbox'),
    dueAt: 'next_try_at',
    isOpen: 'next_try_at IS NOT NULL',
  });

/** Forgets what the broker has acknowledged. */
export async function forgetPublished(
  client: PoolClient,
  schema: string,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await client.query(`DELETE FROM ${tableOf(schema, 'outbox')} WHERE id = ANY($1)`, [ids]);
}

/** Records a refusal: the row waits, and later rows of its key with it; or it is buried, and its key continues. */
export async function noteRefusal(
  client: PoolClient,
  schema: string,
  { row, reason, retryInMs }: Refused,
): Promise<void> {
  if (retryInMs === undefined) {
    await client.query(
      `WITH dead AS (DELETE FROM ${tableOf(schema, 'outbox')} WHERE id = $1 RETURNING *)
       INSERT INTO ${tableOf(schema, 'outbox_dead')} (id, topic, key, headers, value, created_at, attempts, reason)
       SELECT id, topic, key, headers, value, created_at, attempts + 1, $2 FROM dead`,
      [row.id, reason],
    );
    return;
  }
  await client.query(
    `UPDATE ${tableOf(schema, 'outbox')} SET attempts = attempts + 1, last_error = $2,
       next_try_at = now() + $3 * interval '1 millisecond' WHERE id = $1`,
    [row.id, reason, retryInMs],
  );
}

const PURGE_ROWS_MAX = 2_000;
/** How long marks are kept, until no repeat can need them: topics keep their events for a week, and a client repeats a request within a day. */
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
         (SELECT ctid FROM ${name} WHERE ${column} < now() - interval '${keep}' LIMIT ${PURGE_ROWS_MAX} FOR UPDATE SKIP LOCKED)`,
    );
    isMore ||= rowCount === PURGE_ROWS_MAX;
  }
  return isMore;
}
