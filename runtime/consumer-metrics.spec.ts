import { describe, expect, it } from '@jest/globals';
import { consumerMetrics } from './consumer-metrics.ts';
import { createRegistry, type Registry } from './metrics.ts';

/** `lag 0` of each partition that the gauges tell of. */
async function toldBy(registry: Registry): Promise<string[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => /^kafka_consumer_(lag_records|partition_held)$/.test(name))
    .flatMap(({ name, values }) =>
      values.map(({ labels, value }) => `${/lag|held/.exec(name)?.[0]} ${labels.partition}: ${value}`),
    );
}

describe('the gauges of a consumer', () => {
  it('tell of the partitions that it has, and of none that it had', async () => {
    const registry = createRegistry('sample');
    const metrics = consumerMetrics(registry, 'order.placed', 'cart');
    metrics.assigned([0, 1]);
    metrics.lag(0, 500);
    metrics.lag(1, 20);
    metrics.held(0, true);
    metrics.assigned([1, 2]);
    expect(await toldBy(registry)).toEqual(['lag 1: 20']);
    metrics.lag(2, 7);
    expect(await toldBy(registry)).toEqual(['lag 1: 20', 'lag 2: 7']);
  });

  it('say nothing of an event that was in hand when its partition went', async () => {
    const registry = createRegistry('sample');
    const metrics = consumerMetrics(registry, 'order.placed', 'cart');
    metrics.assigned([0]);
    metrics.assigned([]);
    metrics.lag(0, 500);
    metrics.held(0, true);
    expect(await toldBy(registry)).toEqual([]);
  });

  it('of one topic stay when another topic’s partitions go', async () => {
    const registry = createRegistry('sample');
    const placed = consumerMetrics(registry, 'order.placed', 'cart');
    const changed = consumerMetrics(registry, 'product.changed', 'cart');
    placed.assigned([0]);
    changed.assigned([0]);
    placed.lag(0, 1);
    changed.lag(0, 2);
    placed.assigned([]);
    expect(await toldBy(registry)).toEqual(['lag 0: 2']);
  });
});
