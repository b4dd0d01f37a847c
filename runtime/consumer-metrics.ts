// What every consumer counts; one set of metrics per registry, shared by the consumers of a process.
import { Counter, Gauge, type Registry } from './metrics.ts';

/** The counters of one consumer. */
export interface ConsumerMetrics {
  /** The partitions that are ours from now on. What was told of others ends: it would stand here for ever beside what their next reader tells. */
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
  const of = (partition: number) => ({ ...labels, partition: String(partition) });
  let own: ReadonlySet<number> = new Set();
  return {
    assigned: (partitions) => {
      const lost = [...own].filter((partition) => !partitions.includes(partition));
      for (const partition of lost) for (const gauge of [lag, held]) gauge.remove(of(partition));
      own = new Set(partitions);
    },
    handled: () => records.inc({ ...labels, outcome: 'handled' }),
    deadLetter: (reason) => {
      records.inc({ ...labels, outcome: 'dead-letter' });
      deadLetters.inc({ ...labels, reason });
    },
    retried: () => retries.inc(labels),
    // An event may still be in hand when its partition goes to another.
    lag: (partition, count) => void (own.has(partition) && lag.set(of(partition), count)),
    held: (partition, isHeld) => void (own.has(partition) && held.set(of(partition), isHeld ? 1 : 0)),
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
