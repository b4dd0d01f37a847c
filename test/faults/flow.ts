// Events that go on for as long as a fault lasts, and how far they were counted. A fault that hits when everything has been
// read proves nothing: specs ask here what was still unread.
import { feedLog } from './feed-log.ts';
import type { LogEntry } from './image-log.ts';
import type { Rig } from './rig.ts';

export interface Flow {
  /** Records that the broker has acknowledged; the log may hold more, where an answer was lost and the send repeated. */
  readonly sent: () => number;
  /** Ends it; resolves when its last send is in the log. */
  stop(): Promise<void>;
}

export interface FlowShape {
  /** Entries that lie in the log before the flow begins: what a worker has still to read when the first fault hits. */
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
  // A failure is told by `stop`; until then it must not end the process.
  flowing.catch(() => {});
  return {
    sent: () => sent,
    stop: async () => {
      ending.abort();
      await flowing;
    },
  };
}

/** Offsets that are accounted for; comparable with `sent` where every partition's log begins at 0. */
export async function countedOffsets(rig: Rig): Promise<number> {
  const [row] = await rig.query<{ counted: number }>(
    'SELECT COALESCE(sum(next_offset - first_offset), 0)::int AS counted FROM analytics.part_state',
  );
  return row!.counted;
}

/** Waits until more offsets than these are accounted for. */
export const countedBeyond = (rig: Rig, offsets: number): Promise<void> =>
  rig.until(
    `SELECT COALESCE(sum(next_offset - first_offset), 0) > ${offsets} AS yes FROM analytics.part_state`,
  );
