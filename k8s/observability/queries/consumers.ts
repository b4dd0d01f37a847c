// What our services read from Kafka, and what becomes of it. From `runtime/kafka/consumer-metrics.ts`.
import { CONSUMER_NAMES, grown, orZero, type Query } from './query.ts';

const source = { processes: CONSUMER_NAMES };
const legend = '{{process}} {{topic}}';

export const consumers = {
  handled: {
    title: 'Events handled',
    promql:
      'sum by (process, topic) (rate(kafka_consumer_records_total{$scope, outcome="handled"}[$window]))',
    unit: 'cps',
    about: 'Events each second that a handler took.',
    legend,
    source,
  },
  worked: {
    title: 'Events worked',
    promql: 'sum by (process, topic) (increase(kafka_consumer_records_total{$scope}[$window]))',
    unit: 'short',
    about: 'Events within the window that were handled or refused for good: both let the partition move on.',
    legend,
    source,
  },
  /** A partition has one reader, but the former one may report an old number until it is gone. */
  lag: {
    title: 'Events behind',
    promql:
      'sum by (process, topic) (max by (process, topic, partition) (kafka_consumer_lag_records{$scope}))',
    unit: 'short',
    about:
      'Records between the position and the end of the topic’s partitions, as the consumer saw it with its last record. Compare with the rate: lag over events a second is the delay in seconds.',
    legend,
    source,
  },
  held: {
    title: 'Partitions held',
    // The series exists once a partition was held for the first time.
    promql: orZero(
      'sum by (process, topic) (max by (process, topic, partition) (kafka_consumer_partition_held{$scope}))',
    ),
    unit: 'short',
    about: 'Partitions whose consumer waits in trouble; others of the topic are read on.',
    legend,
    source,
  },
  retries: {
    title: 'Repeated attempts',
    promql: orZero('sum by (process, topic) (rate(kafka_consumer_retries_total{$scope}[$window]))'),
    unit: 'cps',
    about: 'Attempts each second beyond an event’s first one. Few are normal while another service restarts.',
    legend,
    source,
  },
  deadLetters: {
    title: 'Dead letters',
    promql: orZero(`sum by (process, topic, reason) ${grown('kafka_consumer_dead_letters_total{$scope}')}`),
    unit: 'short',
    about:
      'Events within the window that were refused or failed for good. Each lies in the topic’s dead letters and waits for a decision.',
    legend: '{{process}} {{topic}} {{reason}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
