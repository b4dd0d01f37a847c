// Sends events for as long as a fault lasts, and shows how far they are counted. A fault that hits when everything has been counted
// proves nothing: specs ask here what was still uncounted.
import { feedLog } from './feed-log.ts';
import type { LogEntry } from './image-log.ts';
import type { Rig } from './rig.ts';

export interface Flow {
  /** Records that the broker has acknowledged; the log may hold more, where an answer was lost and the send repeated. */
  readonly sent: () => number;
  /** Stops the flow; resolves when its last send is in the log. */
  stop(): Promise<void>;
}

export interface FlowShape {
  /** Entries that are sent before the flow begins, so that a worker still has some to read when the first fault hits. */
  readonly backlog: number;
  readonly perSend: number;
  readonly pauseMs: number;
}

/** Small sends make small batches: many commits for a fault to hit. */
const BACKLOG_PER_SEND = 60;

/** Sends the backlog, then goes on with the other entries, over and over, until it is stopped. */
export async function startFlow(rig: Rig, entries: readonly LogEntry[], shape: FlowShape): Promise<Flow> {
  const { backlog, perSend, pauseMs } = shape;
  let sent = 0;
  const onSent = (count: number): void => {
    sent += count;
  };
  await feedLog(rig.client, entries.slice(0, backlog), BACKLOG_PER_SEND, 0, { onSent });
  const ending = new AbortController();
  const { signal } = ending;
  const flowing = (async () => {
    while (!signal.aborted)
      await feedLog(rig.client, entries.slice(backlog), perSend, pauseMs, { onSent, signal });
  })();
  // `stop` reports a failure; until then it must not end the process as unhandled.
  flowing.catch(() => {});
  return {
    sent: () => sent,
    stop: async () => {
      ending.abort();
      await flowing;
    },
  };
}

/** How many offsets have been counted; comparable with `sent` where every partition's log begins at 0. */
export async function countedOffsets(rig: Rig): Promise<number> {
  const [row] = await rig.query<{ counted: number }>(
    'SELECT COALESCE(sum(next_offset - first_offset), 0)::int AS counted FROM analytics.part_state',
  );
  return row!.counted;
}

/** Waits until more than this many offsets have been counted. */
export const countedBeyond = (rig: Rig, offsets: number): Promise<void> =>
  rig.until(
    `SELECT COALESCE(sum(next_offset - first_offset), 0) > ${offsets} AS yes FROM analytics.part_state`,
  );
