// One round of the relay: the next rows of the outbox to the broker, then each row's end: forgotten, to be tried again, or dead.
import { backoffMs } from '../backoff.ts';
import type { Logger } from '../log.ts';
import type { PoolClient } from '../postgres/database.ts';
import type { OutboxMetrics } from './metrics.ts';
import type { OutboxPublisher, Published } from './relay-publisher.ts';
import { forgetPublished, nextRows, nextTryMs, noteRefusal, type Refused } from './relay-rows.ts';

const RETRY_DELAY_MS_MAX = 30_000;

export interface RoundOptions {
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
export type RoundOutcome = 'idle' | 'moved' | 'outage';

/** Plays rounds; remembers the topics that must wait. */
export class RelayRound {
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
