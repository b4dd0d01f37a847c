// The order service: wires endpoints, consumers and jobs to its orders.
import { join } from 'node:path';
import { orderService } from '#contracts/shop-processes.ts';
import { runService } from '#runtime/service.ts';
import { orderConfig } from './config.ts';
import { orderConsumers } from './consumers.ts';
import { orderRoutes } from './http.ts';
import { orderJobs } from './jobs.ts';
import { createOrderMetrics, watchOpenOrders } from './metrics.ts';
import { createPlacement } from './placement.ts';
import { createPriceList } from './price-list.ts';
import { createOrderStore } from './store.ts';

runService({
  process: orderService,
  config: orderConfig,
  migrations: join(import.meta.dirname, 'migrations'),
  build: ({ config, pool, registry }) => {
    const orders = createOrderStore(pool, createOrderMetrics(registry));
    const prices = createPriceList(pool);
    watchOpenOrders(pool, registry);
    return {
      routes: orderRoutes({ orders, place: createPlacement(orders, prices) }),
      consumers: orderConsumers({ orders, recordPrice: prices.record }),
      jobs: orderJobs(orders, config.ORDER_EXPIRY_MS, config.ORDER_EXPIRY_CHECK_MS),
    };
  },
});
