// What operators watch of the exporter: backlog per sink, revisions, window delay, failures.
import { Counter, Gauge, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres.ts';
import { SINK_NAMES } from './sink.ts';

export interface ExporterMetrics {
  leads(isLeader: boolean): void;
  published(revisions: number): void;
  delivered(sink: string, count: number): void;
  deliveryFailed(sink: string): void;
  stepFailed(step: string): void;
  /** Reads the backlog; returns 0, so that the next reading waits its time. */
  measureBacklog(pool: Pool): Promise<0>;
}

const BACKLOG = `
SELECT sink, (SELECT count(*)::int FROM analytics.delivery d WHERE d.sink = s.sink AND d.state = 'pending') AS pending
FROM unnest($1::text[]) AS s (sink)`;

/** How long after its end the newest window was published, and what waits to be. */
const DELAY = `
SELECT (SELECT count(*)::int FROM analytics.dlq WHERE NOT published) AS dead_letters,
       (SELECT extract(epoch FROM created_at - window_start)::float8 - 60 FROM analytics.window_out
        WHERE revision = 1 ORDER BY created_at DESC LIMIT 1) AS delay_s`;

export function createExporterMetrics(registry: Registry): ExporterMetrics {
  const registers = [registry];
  const leader = new Gauge({
    name: 'analytics_exporter_leader',
    help: '1 where this process is the exporter',
    registers,
  });
  const revisions = new Counter({
    name: 'analytics_revisions_total',
    help: 'Revisions made of closed windows',
    registers,
  });
  const deliveries = new Counter({
    name: 'analytics_deliveries_total',
    help: 'Revisions delivered',
    labelNames: ['sink'],
    registers,
  });
  const failures = new Counter({
    name: 'analytics_delivery_failures_total',
    help: 'Deliveries postponed',
    labelNames: ['sink'],
    registers,
  });
  const steps = new Counter({
    name: 'analytics_exporter_step_failures_total',
    help: 'Exporter steps that failed and are tried again',
    labelNames: ['step'],
    registers,
  });
  const backlog = new Gauge({
    name: 'analytics_export_backlog',
    help: 'Revisions that wait for delivery',
    labelNames: ['sink'],
    registers,
  });
  const letters = new Gauge({
    name: 'analytics_dead_letters_unpublished',
    help: 'Dead letters that wait for their topic',
    registers,
  });
  const delay = new Gauge({
    name: 'analytics_window_delay_seconds',
    help: 'From the end of a window to its first revision',
    registers,
  });
  for (const sink of SINK_NAMES) {
    deliveries.inc({ sink }, 0);
    failures.inc({ sink }, 0);
  }
  return {
    leads: (isLeader) => leader.set(isLeader ? 1 : 0),
    published: (count) => revisions.inc(count),
    delivered: (sink, count) => deliveries.inc({ sink }, count),
    deliveryFailed: (sink) => failures.inc({ sink }),
    stepFailed: (step) => steps.inc({ step }),
    measureBacklog: async (pool) => {
      const pending = await pool.query<{ sink: string; pending: number }>(BACKLOG, [[...SINK_NAMES]]);
      for (const sink of SINK_NAMES)
        backlog.set({ sink }, pending.rows.find((row) => row.sink === sink)?.pending ?? 0);
      const { rows } = await pool.query<{ dead_letters: number; delay_s: number | null }>(DELAY);
      letters.set(rows[0]!.dead_letters);
      if (rows[0]!.delay_s !== null) delay.set(rows[0]!.delay_s);
      return 0;
    },
  };
}
