// Rows of a schema's outbox in, records on the broker out, in the order of each key. At least once: a row is deleted after the
// broker's acknowledgement, and a crash between the two publishes it again. One relay per schema leads, others stand by; two may lead for a
// moment when a connection hangs, which publishes twice, and consumers have inboxes.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { type Bell, createBell } from '../bell.ts';
import { isDoneWithin } from '../deadline.ts';
import { messageOf } from '../errors.ts';
import type { KafkaClient } from '../kafka/client.ts';
import type { Logger } from '../log.ts';
import type { Registry } from '../metrics.ts';
import type { Pool, PoolClient } from '../postgres/database.ts';
import { createLeadership, type Leadership } from '../postgres/leadership.ts';
import { createOutboxMetrics, type OutboxMetrics } from './metrics.ts';
import { OutboxPublisher, type Published } from './publisher.ts';
import { forgetPublished, nextRows, nextTryMs, noteRefusal, purgeStep, type Refused } from './rows.ts';

/** The relays' class of advisory locks; the schema names the lock within it. */
const LOCK_CLASS = 7_203_003;
const PURGE_EVERY_MS = 600_000;
/** Between two steps while there is more: a relay that is busy has time for its rows. */
const PURGE_PAUSE_MS = 100;
const OUTAGE_PAUSE_MS_MAX = 10_000;
const RETRY_DELAY_MS_MAX = 30_000;

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
  /** Longest that a new row goes unnoticed if its notification is lost. @default 10_000 */
  readonly pollMs?: number;
  /** Longest wait for the batch in progress when stopped. @default 10_000 */
  readonly stopWaitMs?: number;
}

export interface Relay {
  /** Finishes the batch in progress and gives the lead to another process. */
  stop(): Promise<void>;
  /** Call it when a transaction with new rows has committed; without it the database's notification wakes the relay. */
  wake(): void;
}

/** Starts to relay; neither the broker nor the database need be there yet. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { pool, schema, client, log, registry, attemptCountMax = 5, retryDelayMs = 1_000 } = options;
  const metrics = createOutboxMetrics(pool, schema, registry, log);
  const publisher = new OutboxPublisher(client);
  const round = new RelayRound({ schema, log, metrics, publisher, attemptCountMax, retryDelayMs });
  const bell = createBell();
  const leadership = createLeadership({
    pool,
    key: [LOCK_CLASS, schema],
    role: 'relay of the outbox',
    facts: { schema },
    channel: `outbox_${schema}`,
    onNews: bell.ring,
    log,
  });
  const loop = new RelayLoop(options, { metrics, round, bell, leadership });
  const ended = loop.run();
  return {
    wake: bell.ring,
    stop: async () => {
      loop.stop();
      leadership.waitNoMore();
      const isDrained = await isDoneWithin(options.stopWaitMs ?? 10_000, ended);
      if (!isDrained) log.warn({ schema }, 'batch of the outbox left unfinished; it will be published again');
      // Without the lock's connection a loop that still waits can no longer change a row.
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
  readonly leadership: Leadership;
}

/** Leads when it can, plays rounds while rows may go, and waits while none may. */
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

interface RoundOptions {
  readonly schema: string;
  readonly log: Logger;
  readonly metrics: OutboxMetrics;
  readonly publisher: OutboxPublisher;
  /** Refusals after which a record is dead. */
  readonly attemptCountMax: number;
  /** Pause after the first refusal; doubles with each one. */
  readonly retryDelayMs: number;
}

/** `idle`: nothing more may go now. `outage`: the broker is away, and there is no use in going on at once. */
type RoundOutcome = 'idle' | 'moved' | 'outage';

/** Plays rounds; remembers the topics that must wait. */
class RelayRound {
  private readonly options: RoundOptions;
  /** Topics that are not there or not ours to write: how often in a row, and until when they are left alone. */
  private readonly topicsHeld = new Map<string, { failures: number; untilMs: number }>();
  private leader: PoolClient | undefined;
  /** Whether rows may wait that the broker has refused: under an earlier leader, too, until the database was asked. */
  private isRefusedWaiting = true;

  constructor(options: RoundOptions) {
    this.options = options;
  }

  /** On the leader's connection; throws what the database says. */
  async play(client: PoolClient, isStopping: () => boolean): Promise<RoundOutcome> {
    const { schema, publisher } = this.options;
    if (client !== this.leader) {
      this.leader = client;
      this.isRefusedWaiting = true;
    }
    const nowMs = Date.now();
    const held = [...this.topicsHeld].flatMap(([topic, { untilMs }]) => (untilMs > nowMs ? [topic] : []));
    const { rows, isMore } = await nextRows(client, schema, held);
    if (rows.length === 0) return 'idle';
    for (const [topic, ofTopic] of Map.groupBy(rows, (row) => row.topic)) {
      if (isStopping()) break;
      const published = await publisher.publish(topic, ofTopic);
      await this.settle(client, topic, published);
      if (published.stopped?.of === 'outage') return 'outage';
    }
    // A topic that was held may go by now.
    return isMore || held.length > 0 ? 'moved' : 'idle';
  }

  /** How long until a row that waits may go, in ms; infinite when none does. Rows that come meanwhile are not in it. */
  async nextDueMs(client: PoolClient): Promise<number> {
    const nowMs = Date.now();
    const held = [...this.topicsHeld.values()].map(({ untilMs }) => untilMs - nowMs).filter((ms) => ms > 0);
    const refused = this.isRefusedWaiting ? await nextTryMs(client, this.options.schema) : undefined;
    this.isRefusedWaiting = refused !== undefined;
    return Math.max(0, Math.min(refused ?? Number.POSITIVE_INFINITY, ...held));
  }

  private async settle(client: PoolClient, topic: string, published: Published): Promise<void> {
    const { schema, metrics, log } = this.options;
    const { acknowledged, refused, stopped } = published;
    // A crash before this line publishes these rows again: at least once.
    await forgetPublished(
      client,
      schema,
      acknowledged.map(({ id }) => id),
    );
    if (acknowledged.length > 0) metrics.published(topic, acknowledged.length);
    for (const one of refused) await this.settleRefused(client, one);
    if (!stopped) {
      this.topicsHeld.delete(topic);
      return;
    }
    metrics.retried(stopped.reason);
    log.warn({ schema, topic, reason: stopped.reason }, 'outbox not published; it is tried again');
    if (stopped.of === 'topic') this.hold(topic);
  }

  private async settleRefused(
    client: PoolClient,
    { row, reason }: Published['refused'][number],
  ): Promise<void> {
    const { schema, metrics, log, attemptCountMax, retryDelayMs } = this.options;
    const isDead = row.attempts + 1 >= attemptCountMax;
    const retryInMs = isDead ? undefined : backoffMs(row.attempts, retryDelayMs, RETRY_DELAY_MS_MAX);
    this.isRefusedWaiting = true;
    await noteRefusal(client, schema, { row, reason, retryInMs } satisfies Refused);
    const facts = { schema, topic: row.topic, outboxId: row.id, eventId: row.headers.ce_id, reason };
    if (isDead) {
      log.error(facts, 'record buried in outbox_dead: the broker refuses it');
      return;
    }
    metrics.retried(reason);
    log.warn(facts, 'record refused by the broker; it is tried again');
  }

  private hold(topic: string): void {
    const failures = (this.topicsHeld.get(topic)?.failures ?? 0) + 1;
    const pauseMs = backoffMs(failures - 1, this.options.retryDelayMs, RETRY_DELAY_MS_MAX);
    this.topicsHeld.set(topic, { failures, untilMs: Date.now() + pauseMs });
  }
}
