// The state of an outbox as metrics: every process that relays reads the tables and shows the same, also while there is no leader.

import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { Counter, Gauge, type Registry } from '../metrics.ts';
import type { Pool } from '../postgres/database.ts';
import { tableOf } from '../postgres/schema-names.ts';

const MEASURE_EVERY_MS = 10_000;

export interface OutboxMetrics {
  published(topic: string, records: number): void;
  retried(reason: string): void;
  leads(isLeader: boolean): void;
  /** Waits for the measuring in progress. */
  stop(): Promise<void>;
}

/** Measures at once and every ten seconds until stopped. */
export function createOutboxMetrics(
  pool: Pool,
  schema: string,
  registry: Registry,
  log: Logger,
): OutboxMetrics {
  const gauges = createGauges(registry);
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name, help, labelNames: ['schema', label], registers: [registry] });
  const published = counter('outbox_published_total', 'Events that the broker has acknowledged', 'topic');
  const retries = counter('outbox_retries_total', 'Sends that failed and are repeated, by reason', 'reason');
  const measure = async (): Promise<void> => {
    try {
      const { pending, ageSeconds, dead } = await measured(pool, schema);
      gauges.pending.set({ schema }, pending);
      gauges.oldest.set({ schema }, ageSeconds);
      gauges.dead.set({ schema }, dead);
    } catch (error) {
      log.debug({ schema, reason: messageOf(error) }, 'outbox not measured');
    }
  };
  let measuring = measure();
  const clock = setInterval(() => {
    measuring = measure();
  }, MEASURE_EVERY_MS);
  return {
    published: (topic, records) => published.inc({ schema, topic }, records),
    retried: (reason) => retries.inc({ schema, reason }),
    leads: (isLeader) => gauges.leader.set({ schema }, isLeader ? 1 : 0),
    stop: async () => {
      clearInterval(clock);
      await measuring;
    },
  };
}

function createGauges(registry: Registry) {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['schema'], registers: [registry] });
  return {
    pending: gauge('outbox_pending', 'Events that wait to be published'),
    oldest: gauge('outbox_oldest_age_seconds', 'Age of the oldest event that waits, 0 when none does'),
    dead: gauge('outbox_dead', 'Events that the broker refused for good'),
    leader: gauge('outbox_relay_leader', 'Whether this process is the relay of the schema'),
  };
}

interface Measures {
  readonly pending: number;
  readonly ageSeconds: number;
  readonly dead: number;
}

async function measured(pool: Pool, schema: string): Promise<Measures> {
  const { rows } = await pool.query<Measures>(
    `SELECT count(*) AS pending,
       greatest(0, extract(epoch FROM now() - min(created_at)))::float8 AS "ageSeconds",
       (SELECT count(*) FROM ${tableOf(schema, 'outbox_dead')}) AS dead
     FROM ${tableOf(schema, 'outbox')}`,
  );
  return rows[0]!;
}
