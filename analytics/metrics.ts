// What operators watch: lag, events and bytes per size_label, window delay, dead letters, backlog, revisions.
import { Counter, Gauge, Histogram, type Registry } from '#runtime/metrics.ts';
import type { FoldedBatch } from './fold.ts';

/** Metrics of consuming. */
export interface WorkerMetrics {
  committed(partition: number, folded: FoldedBatch, endOffset: number, durationMs: number): void;
  commitFailed(outcome: 'fenced' | 'unknown'): void;
  lag(partition: number, records: number): void;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'analytics_events_total',
    help: 'Events counted',
    labelNames: ['size_label'],
    registers,
  });
  const bytes = new Counter({
    name: 'analytics_bytes_total',
    help: 'Bytes counted',
    labelNames: ['size_label'],
    registers,
  });
  const late = new Counter({
    name: 'analytics_late_events_total',
    help: 'Events counted after their window had closed',
    registers,
  });
  const repeats = new Counter({
    name: 'analytics_repeated_events_total',
    help: 'Events dropped because their id was counted before',
    registers,
  });
  const dead = new Counter({
    name: 'analytics_dead_letters_total',
    help: 'Records that could not be counted',
    labelNames: ['reason'],
    registers,
  });
  const failures = new Counter({
    name: 'analytics_commit_failures_total',
    help: 'Commits that were refused or whose outcome is unknown',
    labelNames: ['outcome'],
    registers,
  });
  const lag = new Gauge({
    name: 'analytics_lag_records',
    help: 'Offsets between the position and the end of the partition',
    labelNames: ['partition'],
    registers,
  });
  const duration = new Histogram({
    name: 'analytics_commit_duration_seconds',
    help: 'Folding and committing one batch',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const showLag = (partition: number, records: number) =>
    lag.set({ partition: String(partition) }, Math.max(0, records));
  for (const outcome of ['fenced', 'unknown']) failures.inc({ outcome }, 0);
  return {
    committed: (partition, folded, endOffset, durationMs) => {
      for (const delta of folded.deltas) {
        events.inc({ size_label: delta.label }, delta.events);
        bytes.inc({ size_label: delta.label }, Number(delta.bytes));
        late.inc(delta.lateEvents);
      }
      repeats.inc(folded.repeats);
      for (const letter of folded.deadLetters) dead.inc({ reason: letter.reason });
      showLag(partition, endOffset - folded.nextOffset);
      duration.observe(durationMs / 1_000);
    },
    commitFailed: (outcome) => failures.inc({ outcome }),
    lag: showLag,
  };
}
