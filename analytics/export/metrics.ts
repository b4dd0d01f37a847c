// What operators watch of the exporter: backlog per sink, revisions, window delay, failures.
import { Counter, Gauge, type Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { SINK_NAMES } from './sink.ts';

/** How deliveries to `user_activity` are labelled. */
export const ACTIVITY_SINK = 'user-activity';

export interface ExporterMetrics {
  leads(isLeader: boolean): void;
  published(revisions: number): void;
  delivered(sink: string, count: number): void;
  deliveryFailed(sink: string): void;
  stepFailed(step: string): void;
  /** Reads the backlog. Returns whether anything waits: windows, deliveries, activity, or dead letters. */
  measureBacklog(pool: Pool): Promise<boolean>;
}

const BACKLOG = `
SELECT sink, (SELECT count(*)::int FROM analytics.delivery d WHERE d.sink = s.sink AND d.state = 'pending') AS pending
FROM unnest($1::text[]) AS s (sink)`;

interface Waiting {
  readonly windows: boolean;
  readonly activity: number;
  readonly dead_letters: number;
  readonly delay_s: number | null;
}

/** How long after its end the newest window was published, and what waits to be. */
const WAITING = `
SELECT EXISTS (SELECT FROM analytics.window_part WHERE NOT published) AS windows,
       (SELECT count(*)::int FROM analytics.activity WHERE delivered_at IS NULL) AS activity,
       (SELECT count(*)::int FROM analytics.dlq WHERE NOT published) AS dead_letters,
       (SELECT extract(epoch FROM created_at - window_start)::float8 - 60 FROM analytics.window_out
        WHERE revision = 1 ORDER BY created_at DESC LIMIT 1) AS delay_s`;

export function createExporterMetrics(registry: Registry): ExporterMetrics {
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const revisions = counter('analytics_revisions_total', 'Revisions made of closed windows');
  const deliveries = counter(
    'analytics_deliveries_total',
    'Revisions, or documents of activity, delivered',
    'sink',
  );
  const failures = counter('analytics_delivery_failures_total', 'Deliveries postponed', 'sink');
  const steps = counter(
    'analytics_exporter_step_failures_total',
    'Exporter steps that failed and are tried again',
    'step',
  );
  const { leader, measureBacklog } = createGauges(registry);
  for (const sink of [...SINK_NAMES, ACTIVITY_SINK]) {
    deliveries.inc({ sink }, 0);
    failures.inc({ sink }, 0);
  }
  return {
    leads: (isLeader) => leader.set(isLeader ? 1 : 0),
    published: (count) => revisions.inc(count),
    delivered: (sink, count) => deliveries.inc({ sink }, count),
    deliveryFailed: (sink) => failures.inc({ sink }),
    stepFailed: (step) => steps.inc({ step }),
    measureBacklog,
  };
}

function createGauges(registry: Registry) {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const leader = gauge('analytics_exporter_leader', '1 where this process is the exporter');
  const backlog = gauge(
    'analytics_export_backlog',
    'Revisions, or documents of activity, that wait for delivery',
    'sink',
  );
  const letters = gauge('analytics_dead_letters_unpublished', 'Dead letters that wait for their topic');
  const delay = gauge('analytics_window_delay_seconds', 'From the end of a window to its first revision');
  const measureBacklog: ExporterMetrics['measureBacklog'] = async (pool) => {
    const pending = await pool.query<{ sink: string; pending: number }>(BACKLOG, [[...SINK_NAMES]]);
    for (const { sink, pending: count } of pending.rows) backlog.set({ sink }, count);
    const [waiting] = (await pool.query<Waiting>(WAITING)).rows as [Waiting];
    backlog.set({ sink: ACTIVITY_SINK }, waiting.activity);
    letters.set(waiting.dead_letters);
    if (waiting.delay_s !== null) delay.set(waiting.delay_s);
    const deliveries = pending.rows.some(({ pending: count }) => count > 0);
    return waiting.windows || deliveries || waiting.activity > 0 || waiting.dead_letters > 0;
  };
  return { leader, measureBacklog };
}
