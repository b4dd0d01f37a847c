// Starts the cart service, and its job that deletes carts that are no longer used.
import { cartService } from '#contracts/shop-processes.ts';
import { DAY_MS } from '#contracts/topic.ts';
import { purgeJob } from '#runtime/jobs.ts';
import { runService } from '#runtime/service.ts';
import { cartConfig } from './config.ts';
import { cartConsumers } from './consumers.ts';
import { cartRoutes } from './http.ts';
import { createCartStore } from './store.ts';

const FORGET_EVERY_MS = 3_600_000;
const FORGET_COUNT_MAX = 1_000;

runService({
  process: cartService,
  config: cartConfig,
  migrations: `${import.meta.dirname}/migrations`,
  build: ({ config, pool, log }) => {
    const store = createCartStore(pool);
    const forget = async () => {
      const carts = await store.forgetUntouched(config.CART_KEPT_DAYS * DAY_MS, FORGET_COUNT_MAX);
      if (carts > 0) log.info({ carts }, 'untouched carts deleted');
      return carts === FORGET_COUNT_MAX;
    };
    return {
      routes: cartRoutes(store),
      consumers: cartConsumers(store),
      jobs: [purgeJob('forget-untouched-carts', FORGET_EVERY_MS, forget)],
    };
  },
});
