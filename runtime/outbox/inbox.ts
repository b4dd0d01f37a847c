// An event id in, whether it is new out. With the handler's writes in the same transaction, an event takes effect once.

import type { PoolClient } from '../postgres/database.ts';
import { tableOf } from '../postgres/schema-names.ts';

/**
 * True the first time a group takes this event; the mark is part of the caller's transaction, and is undone when that rolls back.
 * A second taker of the same event at the same time waits until the first transaction has ended.
 * Marks are kept for 14 days, longer than any topic keeps its events.
 * @param group consumer group, the process name
 * @param eventId `event.id`; where two producers could choose the same id, put the source before it
 */
export async function takeOnce(
  client: Pick<PoolClient, 'query'>,
  schema: string,
  group: string,
  eventId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO ${tableOf(schema, 'inbox')} (group_name, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [group, eventId],
  );
  return rowCount === 1;
}
