// Rows of a schema's outbox in, records on the broker out, in the order of each key. At least once: a row is deleted after the
// broker's acknowledgement, and a crash between the two publishes it again. One relay per schema leads, others stand by.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { type Bell, createBell } from '../bell.ts';
import { messageOf } from '../errors.ts';
import type { KafkaClient } from '../kafka/client.ts';
import type { Logger } from '../log.ts';
import type { Registry } from '../metrics.ts';
import type { Pool, PoolClient } from '../postgres/database.ts';
import { createOutboxMetrics, type OutboxMetrics } from './metrics.ts';
import { createRelayLeadership, type RelayLeadership } from './relay-leadership.ts';
import { OutboxPublisher } from './relay-publisher.ts';
import { purgeStep } from './relay-purge.ts';
import { RelayRound } from './relay-round.ts';

const PURGE_EVERY_MS = 600_000;
/** Between two steps while there is more: a relay that is busy has time for its rows. */
const PURGE_PAUSE_MS = 100;
const OUTAGE_PAUSE_MS_MAX = 10_000;

export interface RelayOptions {
  /** One of its connections is kept while this process leads. */
  readonly pool: Pool;
  readonly schema: string;
  readonly client: KafkaClient;
  readonly log: Logger;
  readonly registry: Registry;
  /** Refusals of a record by the broker before it is dead; outages are not counted. @default 5 */
  readonly attemptCountMax?: number;
  /** Pause after a first failure; doubles with each one. @default 1_000 */
  readonly retryDelayMs?: number;
  /** Longest that a new row goes unnoticed should its notification get lost. @default 10_000 */
  readonly pollMs?: number;
  /** Longest wait for the batch in hand when stopped. @default 10_000 */
  readonly stopWaitMs?: number;
}

export interface Relay {
  /** Finishes the batch in hand and gives the lead to another process. */
  stop(): Promise<void>;
  /** Says that a transaction with new rows has committed; without it the database's notification says so. */
  wake(): void;
}

/** Starts to relay; neither the broker nor the database need be there yet. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { pool, schema, client, log, registry, attemptCountMax = 5, retryDelayMs = 1_000 } = options;
  const metrics = createOutboxMetrics(pool, schema, registry, log);
  const publisher = new OutboxPublisher(client);
  const round = new RelayRound({ schema, log, metrics, publisher, attemptCountMax, retryDelayMs });
  const bell = createBell();
  const leadership = createRelayLeadership(pool, schema, log, bell.ring);
  const loop = new RelayLoop(options, { metrics, round, bell, leadership });
  const ended = loop.run();
  return {
    wake: bell.ring,
    stop: async () => {
      loop.stop();
      leadership.waitNoMore();
      const isDrained = await Promise.race([
        ended.then(() => true),
        sleep(options.stopWaitMs ?? 10_000, false, { ref: false }),
      ]);
      if (!isDrained) log.warn({ schema }, 'batch of the outbox left in hand; it will be published again');
      // Without the lock's connection the loop cannot change a row any more, whatever it still waits for.
      await leadership.resign();
      await publisher.close();
      await metrics.stop();
    },
  };
}

interface LoopParts {
  readonly metrics: OutboxMetrics;
  readonly round: RelayRound;
  readonly bell: Bell;
  readonly leadership: RelayLeadership;
}

/** Leads when it can, plays rounds while there are rows, and waits when there are none. */
class RelayLoop {
  private readonly options: RelayOptions;
  private readonly parts: LoopParts;
  private readonly ending = new AbortController();
  private failures = 0;
  private purgeAtMs = 0;

  constructor(options: RelayOptions, parts: LoopParts) {
    this.options = options;
    this.parts = parts;
  }

  stop(): void {
    this.ending.abort();
    this.parts.bell.ring();
  }

  async run(): Promise<void> {
    const { leadership, metrics } = this.parts;
    metrics.leads(false);
    while (!this.isStopping()) {
      const leader = await leadership.lead();
      metrics.leads(leader !== undefined);
      if (leader) await this.playAs(leader);
    }
    metrics.leads(false);
    // Also a lead that was taken while `stop` was no longer waiting.
    await leadership.resign();
  }

  private readonly isStopping = (): boolean => this.ending.signal.aborted;

  private async playAs(leader: PoolClient): Promise<void> {
    const { round, bell, leadership } = this.parts;
    const { log, schema, pollMs = 10_000 } = this.options;
    try {
      const outcome = await round.play(leader, this.isStopping);
      if (outcome === 'outage') return await this.pauseAfterFailure();
      this.failures = 0;
      // Also while there is always something to publish: else what is outdated would gather for as long.
      await this.purge(leader);
      if (outcome === 'moved') return;
      const purgeInMs = Math.max(0, this.purgeAtMs - Date.now());
      await bell.heard(Math.min(pollMs, purgeInMs, await round.nextDueMs(leader)));
    } catch (error) {
      log.warn({ schema, reason: messageOf(error) }, 'relay lost its database');
      await leadership.resign(error);
      await this.pauseAfterFailure();
    }
  }

  private async purge(leader: PoolClient): Promise<void> {
    if (Date.now() < this.purgeAtMs) return;
    const isMore = await purgeStep(leader, this.options.schema);
    this.purgeAtMs = Date.now() + (isMore ? PURGE_PAUSE_MS : PURGE_EVERY_MS);
  }

  private pauseAfterFailure(): Promise<void> {
    this.failures += 1;
    return this.pause(backoffMs(this.failures - 1, this.options.retryDelayMs ?? 1_000, OUTAGE_PAUSE_MS_MAX));
  }

  /** Not ended by new rows: they come all the time, also while the broker is away. */
  private pause(pauseMs: number): Promise<void> {
    return sleep(pauseMs, undefined, { signal: this.ending.signal }).catch(() => {});
  }
}
