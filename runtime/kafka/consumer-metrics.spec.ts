import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRegistry, type Registry } from '../metrics.ts';
import { type ConsumerMetrics, consumerMetrics } from './consumer-metrics.ts';

let registry: Registry;
let metrics: ConsumerMetrics;
beforeEach(() => {
  registry = createRegistry('spec');
  metrics = consumerMetrics(registry, 'orders', 'group');
});

/** Values by the labels that were asked for. */
const told = async (name: string, label: string) =>
  Object.fromEntries(
    (await registry.getSingleMetric(name)!.get()).values.map(({ labels, value }) => [labels[label], value]),
  );

describe('a consumer that has read nothing yet', () => {
  it('shows that it handled none and refused none', async () => {
    expect(await told('kafka_consumer_records_total', 'outcome')).toEqual({ handled: 0, 'dead-letter': 0 });
  });
});

describe('the metrics of a partition', () => {
  it('end when another member takes the partition', async () => {
    metrics.assigned([0, 1]);
    metrics.lag(0, 3);
    metrics.lag(1, 5);
    metrics.held(1, true);
    metrics.assigned([0]);
    expect(await told('kafka_consumer_lag_records', 'partition')).toEqual({ 0: 3 });
    expect(await told('kafka_consumer_partition_held', 'partition')).toEqual({});
  });

  it('does not come back with work that ends afterwards', async () => {
    metrics.assigned([0]);
    metrics.assigned([]);
    metrics.lag(0, 7);
    expect(await told('kafka_consumer_lag_records', 'partition')).toEqual({});
  });

  it('comes back with the partition', async () => {
    metrics.assigned([]);
    metrics.assigned([0]);
    metrics.lag(0, 7);
    expect(await told('kafka_consumer_lag_records', 'partition')).toEqual({ 0: 7 });
  });

  it('is one topic’s alone', async () => {
    const other = consumerMetrics(registry, 'payments', 'group');
    metrics.lag(0, 3);
    other.lag(0, 4);
    metrics.assigned([]);
    expect(await told('kafka_consumer_lag_records', 'topic')).toEqual({ payments: 4 });
  });
});
