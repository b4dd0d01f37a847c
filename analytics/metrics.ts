// What operators watch of counting: per topic lag, repeats, dead letters and commits; events and bytes per size_label;
// activity per kind.
import { partitionGauges } from '#runtime/kafka/consumer-metrics.ts';
import { Counter, Gauge, Histogram, type Registry } from '#runtime/metrics.ts';
import type { ActivityRows } from './activity/activity-sums.ts';
import type { FoldedBatch } from './fold.ts';
import type { WindowDelta } from './windows.ts';

/** Metrics of counting one topic. */
export interface WorkerMetrics {
  /** These partitions are ours until the next call: of others another worker tells. */
  assigned(partitions: readonly number[]): void;
  committed(partition: number, folded: FoldedBatch, endOffset: number, durationMs: number): void;
  commitFailed(outcome: 'fenced' | 'unknown'): void;
  lag(partition: number, records: number): void;
}

/** Metrics of counting, made once for a registry. */
export interface CountingMetrics {
  of(topic: string): WorkerMetrics;
  imageBytes(deltas: readonly WindowDelta[]): void;
  activity(rows: ActivityRows): void;
}

export function createCountingMetrics(registry: Registry): CountingMetrics {
  const ofTopics = createTopicMetrics(registry);
  return {
    of: ofTopics,
    imageBytes: createImageMetrics(registry),
    activity: createActivityMetrics(registry),
  };
}

function createTopicMetrics(registry: Registry): (topic: string) => WorkerMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, ...labels: string[]) =>
    new Counter({ name, help, labelNames: ['topic', ...labels], registers });
  const repeats = counter('analytics_repeated_events_total', 'Events dropped: their id was counted before');
  const dead = counter('analytics_dead_letters_total', 'Records that could not be counted', 'reason');
  const failures = counter(
    'analytics_commit_failures_total',
    'Commits that were refused or whose outcome is unknown',
    'outcome',
  );
  const lag = new Gauge({
    name: 'analytics_lag_records',
    help: 'Offsets between the position and the end of the partition',
    labelNames: ['topic', 'partition'],
    registers,
  });
  const duration = new Histogram({
    name: 'analytics_commit_duration_seconds',
    help: 'Folding and committing one batch',
    labelNames: ['topic'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  return (topic) => {
    const ofPartitions = partitionGauges([lag], { topic });
    const showLag = (partition: number, records: number) =>
      ofPartitions.set(lag, partition, Math.max(0, records));
    for (const outcome of ['fenced', 'unknown']) failures.inc({ topic, outcome }, 0);
    return {
      assigned: ofPartitions.assigned,
      committed: (partition, folded, endOffset, durationMs) => {
        repeats.inc({ topic }, folded.repeats);
        for (const { reason } of folded.deadLetters) dead.inc({ topic, reason });
        showLag(partition, endOffset - folded.nextOffset);
        duration.observe({ topic }, durationMs / 1_000);
      },
      commitFailed: (outcome) => failures.inc({ topic, outcome }),
      lag: showLag,
    };
  };
}

function createImageMetrics(registry: Registry): CountingMetrics['imageBytes'] {
  const registers = [registry];
  const labelNames = ['size_label'];
  const events = new Counter({
    name: 'analytics_events_total',
    help: 'Renditions counted',
    labelNames,
    registers,
  });
  const bytes = new Counter({ name: 'analytics_bytes_total', help: 'Bytes counted', labelNames, registers });
  const late = new Counter({
    name: 'analytics_late_events_total',
    help: 'Renditions counted after their window had closed',
    registers,
  });
  return (deltas) => {
    for (const delta of deltas) {
      events.inc({ size_label: delta.label }, delta.events);
      bytes.inc({ size_label: delta.label }, Number(delta.bytes));
      late.inc(delta.lateEvents);
    }
  };
}

function createActivityMetrics(registry: Registry): CountingMetrics['activity'] {
  const activity = new Counter({
    name: 'analytics_activity_total',
    help: 'Events of the shop counted',
    labelNames: ['kind'],
    registers: [registry],
  });
  return ({ documents }) => {
    for (const { kind } of documents) activity.inc({ kind });
  };
}
