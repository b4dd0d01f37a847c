// The payment service: wires endpoints, consumers and jobs to the payments and the provider that the settings name.
import { join } from 'node:path';
import { paymentService } from '#contracts/shop-processes.ts';
import { createBell } from '#runtime/bell.ts';
import { runService } from '#runtime/service.ts';
import { announceEvent } from './announcements.ts';
import { createCollector } from './collector.ts';
import { paymentConfig } from './config.ts';
import { paymentConsumers } from './consumers.ts';
import { paymentRoutes } from './http.ts';
import { bookEvent } from './ledger.ts';
import { createPaymentMetrics } from './metrics.ts';
import { chooseProvider } from './provider-choice.ts';
import { createSchedule } from './schedule.ts';
import { createPaymentStore } from './store.ts';

/** Steps of a replica that died are found by the others. */
const DUE_STEPS_EVERY_MS = 10_000;

runService({
  process: paymentService,
  config: paymentConfig,
  migrations: join(import.meta.dirname, 'migrations'),
  build: ({ config, pool, log, registry }) => {
    const metrics = createPaymentMetrics(registry, pool);
    const chosen = chooseProvider(config, pool);
    const store = createPaymentStore({
      pool,
      writers: [bookEvent, announceEvent],
      onDecision: metrics.countDecision,
    });
    const postponed = createBell();
    const schedule = createSchedule(pool, postponed.ring);
    const collector = createCollector({
      store,
      schedule,
      provider: metrics.timed(chosen.provider),
      log,
      concurrentMax: config.CHARGES_CONCURRENT,
      leaseMs: config.CHARGE_LEASE_MS,
    });
    return {
      routes: paymentRoutes({ store, collector, webhook: chosen.webhook(collector.accept) }),
      consumers: paymentConsumers(store, collector),
      jobs: [
        {
          name: 'due-steps',
          everyMs: DUE_STEPS_EVERY_MS,
          run: collector.collectDue,
          nextDueMs: schedule.nextDueMs,
          bell: postponed,
        },
        ...chosen.jobs(collector.accept),
      ],
      // Waits for the answer to a charge in flight before the process ends: otherwise its order waits until the lease ends.
      stop: () => collector.idle(),
    };
  },
});
