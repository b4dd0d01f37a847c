// The leader's loops: publish closed windows, deliver to each sink, deliver activity, publish dead letters, purge. Each runs
// by itself, so that one slow or failing store holds back nothing else.
import { type Bell, createBell } from '#runtime/bell.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { Leadership } from '#runtime/postgres/leadership.ts';
import type { ActivityStore } from '../activity/activity-store.ts';
import { deliverActivity } from '../activity/deliver.ts';
import { purgeActivity } from '../activity/purge.ts';
import type { DeadLetterPublisher } from './dead-letters.ts';
import { deliverDue } from './deliver.ts';
import { ACTIVITY_SINK, type ExporterMetrics } from './metrics.ts';
import { type PublishOptions, publishClosedWindows } from './publish.ts';
import { type PurgeOptions, purge } from './purge.ts';
import type { Sink } from './sink.ts';

export interface ExporterOptions {
  readonly pool: Pool;
  readonly log: Logger;
  /** Takes part in the election of the exporter; calls back when a worker has committed, and when that may have been missed. */
  readonly elect: (onWork: () => void) => Leadership;
  readonly sinks: readonly Sink[];
  readonly activity: ActivityStore;
  readonly deadLetters: DeadLetterPublisher;
  readonly metrics: ExporterMetrics;
  readonly publish: Omit<PublishOptions, 'pool'>;
  readonly purge: Omit<PurgeOptions, 'pool'>;
  readonly intervalMs: number;
}

const PURGE_EVERY_MS = 60_000;
const BACKLOG_EVERY_MS = 2_000;
/** How long the exporter sleeps when nothing waits: should a notification get lost, work waits no longer than this. */
const REST_MS = 10_000;

export interface Exporter {
  start(): void;
  /** Resolves when every loop has finished the step it was in. */
  stop(): Promise<void>;
}

/** What the leader does over and over: at once again after work was done, after a pause otherwise. */
interface Step {
  readonly name: string;
  readonly pauseMs: number;
  /** Returns how much was done. */
  run(): Promise<number>;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { metrics, intervalMs } = options;
  const stopping = new AbortController();
  const rest = new Rest(stopping.signal);
  const leadership = options.elect(() => rest.end());
  const loops: Promise<void>[] = [];
  let leads = false;

  const lead = async (): Promise<void> => {
    const pause = rest.pauses();
    metrics.leads(false);
    while (!stopping.signal.aborted) {
      // A process that does not lead waits in there.
      leads = await leadership.confirm();
      metrics.leads(leads);
      if (leads) await pause(intervalMs);
    }
  };
  const watch = async (): Promise<void> => {
    const pause = rest.pauses();
    while (!stopping.signal.aborted) {
      if (leads) await measure(options, rest);
      await pause(Math.max(intervalMs, BACKLOG_EVERY_MS));
    }
  };
  return {
    start: () => {
      loops.push(
        lead(),
        watch(),
        ...stepsOf(options).map((step) => repeat(step, options, rest, () => leads)),
      );
    },
    stop: async () => {
      stopping.abort();
      leadership.waitNoMore();
      await Promise.all(loops);
      const { sinks, activity, deadLetters } = options;
      await Promise.all([...sinks, activity, deadLetters].map((one) => one.close()));
      await leadership.resign();
    },
  };
}

async function repeat(
  { name, pauseMs, run }: Step,
  { metrics, log }: ExporterOptions,
  rest: Rest,
  leads: () => boolean,
): Promise<void> {
  const pause = rest.pauses();
  while (!rest.signal.aborted) {
    let done = 0;
    try {
      if (leads()) done = await run();
    } catch (error) {
      metrics.stepFailed(name);
      log.warn({ step: name, reason: messageOf(error) }, 'exporter step failed, trying again');
    }
    if (done === 0) await pause(pauseMs);
  }
}

/** When there is nothing to do, the exporter rests until a worker commits. */
async function measure({ metrics, pool, log }: ExporterOptions, rest: Rest): Promise<void> {
  const since = rest.awakenings;
  try {
    const waits = await metrics.measureBacklog(pool);
    // What was committed while we looked may not be in what we saw.
    if (!waits && rest.awakenings === since) rest.begin();
    else if (waits) rest.end();
  } catch (error) {
    metrics.stepFailed('backlog');
    log.warn({ step: 'backlog', reason: messageOf(error) }, 'exporter step failed, trying again');
  }
}

/** Whether there is nothing to do, and the pauses of all loops, which it makes longer. */
class Rest {
  readonly signal: AbortSignal;
  /** How often it was ended. */
  awakenings = 0;
  private isResting = false;
  private readonly bells: Bell[] = [];

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  begin(): void {
    this.isResting = true;
  }

  end(): void {
    this.awakenings += 1;
    if (!this.isResting) return;
    this.isResting = false;
    for (const bell of this.bells) bell.ring();
  }

  /** How one loop waits between two steps. */
  pauses(): (ms: number) => Promise<void> {
    const bell = createBell();
    this.bells.push(bell);
    return (ms) => bell.heard(this.isResting ? Math.max(ms, REST_MS) : ms, this.signal);
  }
}

function stepsOf(options: ExporterOptions): Step[] {
  const { pool, log, sinks, deadLetters, metrics, intervalMs } = options;
  const names = sinks.map((sink) => sink.name);
  const publish = async (): Promise<number> => {
    const revisions = await publishClosedWindows({ pool, ...options.publish }, names);
    metrics.published(revisions);
    return revisions;
  };
  const deliver = async (sink: Sink): Promise<number> => {
    const delivered = await deliverDue({ pool, log, onFailure: metrics.deliveryFailed }, sink);
    metrics.delivered(sink.name, delivered);
    return delivered;
  };
  return [
    { name: 'publish', pauseMs: intervalMs, run: publish },
    ...sinks.map((sink) => ({ name: sink.name, pauseMs: intervalMs, run: () => deliver(sink) })),
    ...activitySteps(options),
    { name: 'dead-letters', pauseMs: intervalMs, run: () => deadLetters.publishWaiting() },
    { name: 'purge', pauseMs: PURGE_EVERY_MS, run: () => purge({ pool, ...options.purge }) },
  ];
}

function activitySteps({ pool, log, activity, metrics, purge, intervalMs }: ExporterOptions): Step[] {
  const onFailure = (): void => metrics.deliveryFailed(ACTIVITY_SINK);
  const deliver = async (): Promise<number> => {
    const delivered = await deliverActivity({ pool, log, store: activity, onFailure });
    metrics.delivered(ACTIVITY_SINK, delivered);
    return delivered;
  };
  return [
    { name: ACTIVITY_SINK, pauseMs: intervalMs, run: deliver },
    {
      name: 'purge-activity',
      pauseMs: PURGE_EVERY_MS,
      run: () => purgeActivity(pool, activity, purge.retentionDays),
    },
  ];
}
