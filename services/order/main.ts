// The order service: wires endpoints, consumers and the expiry to the saga.
import { join } from 'node:path';
import { orderService } from '#contracts/shop-processes.ts';
import { runService } from '#runtime/service.ts';
import { orderConfig } from './config.ts';
import { orderConsumers } from './consumers.ts';
import { expiryJob } from './expiry.ts';
import { orderRoutes } from './http.ts';
import { createSagaMetrics } from './metrics.ts';
import { watchOpenOrders } from './open-orders.ts';
import { createPlacement } from './placement.ts';
import { createPriceList } from './price-list.ts';
import { createOrders } from './saga.ts';

runService({
  process: orderService,
  config: orderConfig,
  migrations: join(import.meta.dirname, 'migrations'),
  build: ({ config, pool, schema, registry }) => {
    const orders = createOrders({ pool, schema, onDecision: createSagaMetrics(registry) });
    const prices = createPriceList(pool);
    watchOpenOrders(pool, registry);
    return {
      routes: orderRoutes({ orders, place: createPlacement(orders, prices) }),
      consumers: orderConsumers({ orders, recordPrice: prices.record }),
      jobs: [expiryJob(orders, config.ORDER_EXPIRY_MS, config.ORDER_EXPIRY_CHECK_MS)],
    };
  },
});
