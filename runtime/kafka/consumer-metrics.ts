// What every consumer counts; one set of metrics per registry, shared by the consumers of a process.
import { Counter, Gauge, type Registry } from '../metrics.ts';

/** The counters of one consumer. */
export interface ConsumerMetrics {
  /** These partitions are ours until the next call: from now on another member reports on the others. */
  assigned(partitions: readonly number[]): void;
  handled(): void;
  deadLetter(reason: string): void;
  retried(): void;
  lag(partition: number, records: number): void;
  held(partition: number, isHeld: boolean): void;
}

/** Metrics with the labels `topic` and `group` filled in. */
export function consumerMetrics(registry: Registry, topic: string, group: string): ConsumerMetrics {
  const records = counter(registry, 'kafka_consumer_records_total', 'Records by outcome', ['outcome']);
  const deadLetters = counter(registry, 'kafka_consumer_dead_letters_total', 'Dead letters by reason', [
    'reason',
  ]);
  const retries = counter(registry, 'kafka_consumer_retries_total', 'Repeated attempts at an event', []);
  const lag = gauge(registry, 'kafka_consumer_lag_records', 'Records behind the end of the partition', [
    'partition',
  ]);
  const held = gauge(registry, 'kafka_consumer_partition_held', '1 while a partition waits in trouble', [
    'partition',
  ]);
  const labels = { topic, group };
  // A consumer that has read nothing yet is there, and its first dead letter is one more than none.
  for (const outcome of ['handled', 'dead-letter']) records.inc({ ...labels, outcome }, 0);
  const ofPartitions = partitionGauges([lag, held], labels);
  return {
    assigned: ofPartitions.assigned,
    handled: () => records.inc({ ...labels, outcome: 'handled' }),
    deadLetter: (reason) => {
      records.inc({ ...labels, outcome: 'dead-letter' });
      deadLetters.inc({ ...labels, reason });
    },
    retried: () => retries.inc(labels),
    lag: (partition, count) => ofPartitions.set(lag, partition, count),
    held: (partition, isHeld) => ofPartitions.set(held, partition, isHeld ? 1 : 0),
  };
}

/** Gauges with a series for each partition, of which none outlives the assignment: a stale one would show trouble for ever. */
export function partitionGauges(gauges: readonly Gauge[], labels: Readonly<Record<string, string>>) {
  const shown = new Set<number>();
  /** Undefined before the first assignment. */
  let ours: ReadonlySet<number> | undefined;
  const seriesOf = (partition: number) => ({ ...labels, partition: String(partition) });
  return {
    assigned(partitions: readonly number[]): void {
      ours = new Set(partitions);
      for (const partition of shown) {
        if (ours.has(partition)) continue;
        for (const gauge of gauges) gauge.remove(seriesOf(partition));
        shown.delete(partition);
      }
    },
    set(gauge: Gauge, partition: number, value: number): void {
      // Work in progress may end after another member has taken its partition.
      if (ours && !ours.has(partition)) return;
      shown.add(partition);
      gauge.set(seriesOf(partition), value);
    },
  };
}

const LABELS = ['topic', 'group'];

function counter(registry: Registry, name: string, help: string, labels: string[]): Counter {
  const existing = registry.getSingleMetric(name);
  if (existing instanceof Counter) return existing;
  return new Counter({ name, help, labelNames: [...LABELS, ...labels], registers: [registry] });
}

function gauge(registry: Registry, name: string, help: string, labels: string[]): Gauge {
  const existing = registry.getSingleMetric(name);
  if (existing instanceof Gauge) return existing;
  return new Gauge({ name, help, labelNames: [...LABELS, ...labels], registers: [registry] });
}
