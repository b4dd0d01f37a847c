// The leader's loops: publish closed windows, deliver to each sink, publish dead letters, purge. Each runs by itself, so
// that one slow or failing sink holds back nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import type { DeadLetterPublisher } from './dead-letters.ts';
import { deliverDue } from './deliver.ts';
import type { Leadership } from './leadership.ts';
import type { ExporterMetrics } from './metrics.ts';
import { type PublishOptions, publishClosedWindows } from './publish.ts';
import { type PurgeOptions, purge } from './purge.ts';
import type { Sink } from './sink.ts';

export interface ExporterOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly leadership: Leadership;
  readonly sinks: readonly Sink[];
  readonly deadLetters: DeadLetterPublisher;
  readonly metrics: ExporterMetrics;
  readonly publish: Omit<PublishOptions, 'pool'>;
  readonly purge: Omit<PurgeOptions, 'pool'>;
  readonly intervalMs: number;
}

const PURGE_EVERY_MS = 60_000;

export interface Exporter {
  start(): void;
  /** Resolves when every loop has finished the step it was in. */
  stop(): Promise<void>;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { pool, log, leadership, metrics, intervalMs } = options;
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];
  let leads = false;

  /** Repeats a step while leading: at once after work was done, after a pause otherwise. */
  const loop = async (name: string, pauseMs: number, step: () => Promise<number>): Promise<void> => {
    while (!stopping.signal.aborted) {
      let done = 0;
      try {
        if (leads) done = await step();
      } catch (error) {
        metrics.stepFailed(name);
        log.warn({ step: name, reason: messageOf(error) }, 'exporter step failed, trying again');
      }
      if (done === 0) await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const lead = async (): Promise<number> => {
    leads = await leadership.check();
    metrics.leads(leads);
    return 0;
  };

  return {
    start: () => {
      const { sinks, deadLetters } = options;
      const names = sinks.map((sink) => sink.name);
      const deliver = { pool, log, onFailure: metrics.deliveryFailed };
      loops.push(
        leadLoop(lead, intervalMs, stopping.signal),
        loop('publish', intervalMs, async () => {
          const revisions = await publishClosedWindows({ pool, ...options.publish }, names);
          metrics.published(revisions);
          return revisions;
        }),
        ...sinks.map((sink) =>
          loop(sink.name, intervalMs, async () => {
            const delivered = await deliverDue(deliver, sink);
            metrics.delivered(sink.name, delivered);
            return delivered;
          }),
        ),
        loop('dead-letters', intervalMs, () => deadLetters.publishWaiting()),
        loop('purge', PURGE_EVERY_MS, () => purge({ pool, ...options.purge })),
        loop('backlog', Math.max(intervalMs, 2_000), () => metrics.measureBacklog(pool)),
      );
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
      await Promise.all([...options.sinks.map((sink) => sink.close()), options.deadLetters.close()]);
      await leadership.resign();
    },
  };
}

async function leadLoop(lead: () => Promise<number>, pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lead();
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}
