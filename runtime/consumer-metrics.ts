// What every consumer counts; one set of metrics per registry, shared by the consumers of a process.
import { Counter, Gauge, type Registry } from './metrics.ts';

/** The counters of one consumer. */
export interface ConsumerMetrics {
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
  return {
    handled: () => records.inc({ ...labels, outcome: 'handled' }),
    deadLetter: (reason) => {
      records.inc({ ...labels, outcome: 'dead-letter' });
      deadLetters.inc({ ...labels, reason });
    },
    retried: () => retries.inc(labels),
    lag: (partition, count) => lag.set({ ...labels, partition: String(partition) }, count),
    held: (partition, isHeld) => held.set({ ...labels, partition: String(partition) }, isHeld ? 1 : 0),
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
