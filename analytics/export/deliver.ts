// Pending deliveries of one sink, oldest first. At least once: the mark follows the write, so a crash in between repeats it.
import type { WindowTotal } from '#contracts/analytics.ts';
import { backoffMs } from '#runtime/backoff.ts';
import { within } from '#runtime/deadline.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { WINDOW_MS } from '../topology.ts';
import type { Sink } from './sink.ts';

const DUE_MAX = 200;
const RETRY_MS_MAX = 60_000;
/** A sink that does not answer must not keep the others of its round waiting. */
const DELIVERY_MS_MAX = 20_000;
const LATE = { code: 'delivery-timeout', what: 'the delivery' };

interface Row {
  window_start: Date;
  size_label: string;
  revision: number;
  events: number;
  bytes: string;
  late_events: number;
  late_bytes: string;
  attempts: number;
}

const IS_DUE = `
SELECT FROM analytics.delivery WHERE sink = $1 AND state = 'pending' AND next_try <= now() LIMIT 1`;

const DUE = `
SELECT window_start, size_label, revision, events, bytes, late_events, late_bytes, attempts
FROM analytics.delivery JOIN analytics.window_out USING (window_start, size_label, revision)
WHERE sink = $1 AND state = 'pending' AND next_try <= now()
ORDER BY window_start, size_label, revision
LIMIT ${DUE_MAX}`;

/** The revisions of one delivery, as three arrays. */
const DELIVERY_ROWS = `
  FROM unnest($1::timestamptz[], $2::text[], $3::int[]) AS delivered (window_start, size_label, revision)
  WHERE d.window_start = delivered.window_start AND d.size_label = delivered.size_label
    AND d.revision = delivered.revision AND d.sink = $4`;

const SETTLE = `
UPDATE analytics.delivery d SET state = 'done', attempts = attempts + 1, last_error = NULL ${DELIVERY_ROWS}`;

const POSTPONE = `
UPDATE analytics.delivery d SET attempts = attempts + 1, last_error = $5, next_try = now() + $6 * interval '1 ms'
${DELIVERY_ROWS}`;

/**
 * A revision that waits while a higher one exists has nothing left to say, except where each has an object of its own.
 * Sent again after an unknown outcome, it would even come after the higher one.
 */
const SUPERSEDE = `
UPDATE analytics.delivery d SET state = 'superseded'
WHERE d.sink = $1 AND d.state = 'pending' AND EXISTS (
  SELECT FROM analytics.delivery n
  WHERE n.sink = d.sink AND n.window_start = d.window_start AND n.size_label = d.size_label
    AND n.revision > d.revision)`;

export interface DeliverOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly onFailure: (sink: string) => void;
}

/**
 * Delivers what is due to one sink. Returns how many revisions were delivered. A failure postpones the revisions of that
 * delivery and leaves those behind them, which must stay in order, to the next round.
 */
export async function deliverDue(options: DeliverOptions, sink: Sink): Promise<number> {
  const { pool } = options;
  if (sink.name !== 'gcs') await pool.query(SUPERSEDE, [sink.name]);
  if ((await pool.query(IS_DUE, [sink.name])).rowCount === 0) return 0;
  await sink.begin?.();
  const { rows } = await pool.query<Row>(DUE, [sink.name]);
  let delivered = 0;
  await inLanes(inOrder(rows, sink), sink.concurrency, async (group) => {
    for (let at = 0; at < group.length; at += sink.batchMax) {
      const batch = group.slice(at, at + sink.batchMax);
      if (!(await deliver(options, sink, batch))) return;
      delivered += batch.length;
    }
  });
  return delivered;
}

async function deliver(
  { pool, log, onFailure }: DeliverOptions,
  sink: Sink,
  batch: readonly Row[],
): Promise<boolean> {
  const keys = [
    batch.map((row) => row.window_start),
    batch.map((row) => row.size_label),
    batch.map((row) => row.revision),
    sink.name,
  ];
  try {
    await within(DELIVERY_MS_MAX, sink.deliver(batch.map(toTotal)), LATE);
    await pool.query(SETTLE, keys);
    return true;
  } catch (error) {
    const attempt = Math.max(...batch.map((row) => row.attempts));
    onFailure(sink.name);
    log.warn({ sink: sink.name, attempt, reason: messageOf(error) }, 'delivery postponed');
    const waitMs = backoffMs(attempt, 500, RETRY_MS_MAX);
    await pool.query(POSTPONE, [...keys, messageOf(error).slice(0, 500), waitMs]);
    return false;
  }
}

/** Revisions of one window stay in order; windows are independent of each other, except in one lane. */
function inOrder(rows: readonly Row[], sink: Sink): (readonly Row[])[] {
  if (sink.concurrency === 1) return [rows];
  return [...Map.groupBy(rows, (row) => `${row.size_label}_${row.window_start.getTime()}`).values()];
}

async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}

function toTotal(row: Row): WindowTotal {
  return {
    windowStart: row.window_start.toISOString(),
    windowEnd: new Date(row.window_start.getTime() + WINDOW_MS).toISOString(),
    sizeLabel: row.size_label,
    revision: row.revision,
    events: row.events,
    bytes: row.bytes,
    lateEvents: row.late_events,
    lateBytes: row.late_bytes,
  };
}
