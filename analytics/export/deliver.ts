// Pending deliveries of one sink, oldest first. At least once: the mark follows the write, so a crash in between repeats it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { WindowTotal } from '#contracts/analytics.ts';
import { backoffMs } from '#runtime/backoff.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import { WINDOW_MS } from '../topology.ts';
import type { Sink } from './sink.ts';

const DUE_MAX = 200;
const RETRY_MS_MAX = 60_000;
/** A sink that does not answer must not keep the others of its round waiting. */
const DELIVERY_MS_MAX = 20_000;

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

const DUE = `
SELECT window_start, size_label, revision, events, bytes, late_events, late_bytes, attempts
FROM analytics.delivery JOIN analytics.window_out USING (window_start, size_label, revision)
WHERE sink = $1 AND state = 'pending' AND next_try <= now()
ORDER BY window_start, size_label, revision
LIMIT ${DUE_MAX}`;

const SETTLE = `
UPDATE analytics.delivery SET state = 'done', attempts = attempts + 1, last_error = NULL
WHERE window_start = $1 AND size_label = $2 AND revision = $3 AND sink = $4`;

const POSTPONE = `
UPDATE analytics.delivery SET attempts = attempts + 1, last_error = $5, next_try = now() + $6 * interval '1 ms'
WHERE window_start = $1 AND size_label = $2 AND revision = $3 AND sink = $4`;

/** A revision that waits while a higher one has arrived has nothing left to say, except where each has its own object. */
const SUPERSEDE = `
UPDATE analytics.delivery d SET state = 'superseded'
WHERE d.sink = $1 AND d.state = 'pending' AND EXISTS (
  SELECT FROM analytics.delivery n
  WHERE n.sink = d.sink AND n.window_start = d.window_start AND n.size_label = d.size_label
    AND n.revision > d.revision AND n.state = 'done')`;

export interface DeliverOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly onFailure: (sink: string) => void;
}

/** Delivers what is due to one sink. Returns how many were delivered; a failure only postpones that one revision. */
export async function deliverDue({ pool, log, onFailure }: DeliverOptions, sink: Sink): Promise<number> {
  if (sink.name !== 'gcs') await pool.query(SUPERSEDE, [sink.name]);
  const { rows } = await pool.query<Row>(DUE, [sink.name]);
  let delivered = 0;
  const deliver = async (row: Row): Promise<void> => {
    const key = [row.window_start, row.size_label, row.revision, sink.name];
    try {
      await withinMs(DELIVERY_MS_MAX, sink.deliver(toTotal(row)));
      await pool.query(SETTLE, key);
      delivered += 1;
    } catch (error) {
      onFailure(sink.name);
      log.warn({ sink: sink.name, attempt: row.attempts, reason: messageOf(error) }, 'delivery postponed');
      await pool.query(POSTPONE, [
        ...key,
        messageOf(error).slice(0, 500),
        Math.round(backoffMs(row.attempts, 500, RETRY_MS_MAX)),
      ]);
    }
  };
  await inLanes(byWindow(rows), sink.concurrency, async (revisions) => {
    for (const row of revisions) await deliver(row);
  });
  return delivered;
}

/** Revisions of one window stay in order; windows are independent of each other. */
function byWindow(rows: readonly Row[]): Row[][] {
  return [...Map.groupBy(rows, (row) => `${row.size_label}_${row.window_start.getTime()}`).values()];
}

async function withinMs(limitMs: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const tooLate = sleep(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new AppError('delivery-timeout', `no answer within ${limitMs} ms`);
  });
  try {
    await Promise.race([work, tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => {});
  }
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
