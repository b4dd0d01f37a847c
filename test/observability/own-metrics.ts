// The metrics that our processes register, collected by calling what registers them: names, types and labels by process.
import type { FastifyInstance } from 'fastify';
import { analyticsWorker, platformConsole } from '#contracts/processes.ts';
import { SERVICES, storefront } from '#contracts/shop-processes.ts';
import { measureRequests } from '#runtime/http/metrics.ts';
import { startJobs } from '#runtime/jobs.ts';
import { consumerMetrics } from '#runtime/kafka/consumer-metrics.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry, type Registry } from '#runtime/metrics.ts';
import { createOutboxMetrics } from '#runtime/outbox/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { exclusiveRunner } from '#runtime/postgres/leadership.ts';
import { createExporterMetrics } from '../../analytics/export/metrics.ts';
import { createCountingMetrics } from '../../analytics/metrics.ts';
import { createNotificationMetrics } from '../../services/notification/metrics.ts';
import { createOrderMetrics, watchOpenOrders } from '../../services/order/metrics.ts';
import { createPaymentMetrics } from '../../services/payment/metrics.ts';
import type { PaymentProvider } from '../../services/payment/provider.ts';
import { createProductMetrics } from '../../services/product/metrics.ts';
import { createUserMetrics } from '../../services/user/metrics.ts';

export interface OwnMetric {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly labels: ReadonlySet<string>;
}

/** Metrics of a process by their names. */
export type MetricsOf = ReadonlyMap<string, OwnMetric>;

/** A database that is away: nothing here asks it anything that matters. */
const pool = {
  query: () => Promise.reject(new Error('no database')),
  connect: () => Promise.reject(new Error('no database')),
} as unknown as Pool;
const log = createLogger('spec', 'silent');

/** What a service registers beside what all do. */
const OWN: ReadonlyMap<string, (registry: Registry) => void> = new Map<string, (registry: Registry) => void>([
  ['user', (registry) => void createUserMetrics(registry)],
  ['product', (registry) => void createProductMetrics(registry, pool)],
  [
    'order',
    (registry) => {
      createOrderMetrics(registry);
      watchOpenOrders(pool, registry);
    },
  ],
  [
    'payment',
    (registry) => void createPaymentMetrics(registry, pool).timed({ name: 'spec' } as PaymentProvider),
  ],
  [
    'notification',
    (registry) =>
      void createNotificationMetrics(
        registry,
        { backlog: () => Promise.reject(new Error('no database')) },
        log,
      ),
  ],
]);

/** By process. */
export async function collectOwnMetrics(): Promise<ReadonlyMap<string, MetricsOf>> {
  const all = new Map<string, MetricsOf>();
  for (const { name, consumes } of SERVICES) {
    const registry = createRegistry(name);
    measureRequests({ addHook: () => {} } as unknown as FastifyInstance, registry);
    const outbox = createOutboxMetrics(pool, 'spec', registry, log);
    for (const topic of consumes) consumerMetrics(registry, topic.name, name);
    const stopJobs = startJobs([], { runExclusively: exclusiveRunner(pool), schema: 'spec', log, registry });
    OWN.get(name)?.(registry);
    all.set(name, metricsIn(registry));
    await outbox.stop();
    await stopJobs();
  }
  const pages = createRegistry(storefront.name);
  measureRequests({ addHook: () => {} } as unknown as FastifyInstance, pages);
  all.set(storefront.name, metricsIn(pages));
  // No query asks for its only own metric, the number of watchers.
  all.set(platformConsole.name, metricsIn(createRegistry(platformConsole.name)));
  const registry = createRegistry(analyticsWorker.name);
  const counting = createCountingMetrics(registry);
  counting.of('spec');
  createExporterMetrics(registry);
  all.set(analyticsWorker.name, metricsIn(registry));
  return all;
}

function metricsIn(registry: Registry): MetricsOf {
  return new Map(
    registry.getMetricsAsArray().map((metric) => {
      const { labelNames = [], type } = metric as unknown as {
        labelNames?: readonly string[];
        type: OwnMetric['type'];
      };
      return [metric.name, { type, labels: new Set(labelNames) }];
    }),
  );
}
