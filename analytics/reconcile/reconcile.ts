// The independent count: a plain batch over the log, compared with every store that the worker fills. It reads only, and
// shares neither decoding nor windows nor sums with the worker.
import { createKafka } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { compareActivity } from './activity/compare.ts';
import { ActivityLooker } from './activity/look.ts';
import { compare } from './compare.ts';
import { LETTER_RETENTION_MS } from './dead-letter-topic.ts';
import { Looker } from './look.ts';
import type { Difference, Findings, Pending, Report } from './report.ts';
import { type Environment, readSettings, type Settings } from './settings.ts';

export type { Difference, Pending, Report } from './report.ts';

export interface ReconcileOptions {
  /** The variables of the worker: addresses, and the settings that tell what may still be open. */
  readonly env: Environment;
  /** How long to wait for what is still on its way. */
  readonly settleMs: number;
  readonly onProgress?: (line: string) => void;
}

const DAY_MS = 86_400_000;
const LOOK_PAUSE_MS = 1_000;
/** For the worker's own intervals, the tries of a delivery, and clocks that differ. */
const SLACK_MS = 30_000;

/**
 * Counts the log from its beginning and compares every store with it, again and again until nothing is on its way any more
 * or the time is over.
 * @throws AppError when a store or the log could not be read: that is no verdict.
 */
export async function reconcile({ env, settleMs, onProgress = () => {} }: ReconcileOptions): Promise<Report> {
  const settings = readSettings(env);
  const client = createKafka(settings, 'reconcile', createLogger('reconcile', 'fatal'));
  const looker = new Looker(settings, client, onProgress);
  const activityLooker = new ActivityLooker(settings, client, onProgress);
  let deadlineMs: number | undefined;
  try {
    await Promise.all([looker.open(), activityLooker.open()]);
    for (;;) {
      const [images, activity] = [await looker.look(), await activityLooker.look()];
      const allowances = allowancesOf(settings);
      const found = bothOf(compare(images, allowances), compareActivity(activity, allowances));
      // Counting a long log may take longer than anything is on its way: the time to settle begins behind it.
      deadlineMs ??= performance.now() + settleMs;
      const isTimeOver = performance.now() >= deadlineMs;
      if (found.pending.length === 0 || isTimeOver) return conclude(found, Date.now());
      onProgress(`${found.pending.length} on their way, such as ${describePending(found.pending[0]!)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS));
    }
  } finally {
    await Promise.all([looker.close(), activityLooker.close()]);
  }
}

function allowancesOf(settings: Settings) {
  return {
    openMsMax:
      settings.OUT_OF_ORDER_BOUND_MS +
      settings.LATENESS_MS +
      settings.PARTITION_IDLE_MS +
      settings.REVISION_DEBOUNCE_MS +
      SLACK_MS,
    retentionMs: settings.RETENTION_DAYS * DAY_MS,
    letterRetentionMs: LETTER_RETENTION_MS,
    nowMs: Date.now(),
  };
}

/** The time to settle is over: what is on its way without an excuse is a difference. */
export function conclude<Found extends Findings>(found: Found, nowMs: number): Found {
  const isOverdue = ({ dueMs }: Pending): boolean => dueMs === undefined || dueMs < nowMs;
  const overdue = found.pending.filter(isOverdue).map(
    (pending): Difference => ({
      where: pending.where,
      key: pending.key,
      expected:
        pending.dueMs === undefined ? 'done by now' : `done by ${new Date(pending.dueMs).toISOString()}`,
      actual: `overdue: ${pending.why}`,
    }),
  );
  return {
    ...found,
    differences: [...found.differences, ...overdue],
    pending: found.pending.filter((pending) => !isOverdue(pending)),
  };
}

const bothOf = <One extends Findings, Other extends Findings>(one: One, other: Other): One & Other => ({
  ...one,
  ...other,
  differences: [...one.differences, ...other.differences],
  pending: [...one.pending, ...other.pending],
});

const describePending = ({ where, key, why }: Pending): string => `${where} ${key}: ${why}`;
