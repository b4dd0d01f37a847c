// Runs the three reconciliations on a shop at rest. Their differences come out as texts, without numbers that differ at each run.
import { createLogger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { type Report, reconcile } from '../../analytics/reconcile/reconcile.ts';
import { chooseProvider } from '../../services/payment/provider-choice.ts';
import { reconcilePayments } from '../../services/payment/reconcile.ts';
import { reconcileOrders } from '../../services/reconcile-orders.ts';
import type { Shop } from './shop.ts';

/** The differences that each reconciliation found, sorted. */
export interface Differences {
  readonly orders: readonly string[];
  readonly payments: readonly string[];
  readonly analytics: readonly string[];
}

export const NO_DIFFERENCES: Differences = { orders: [], payments: [], analytics: [] };

/** For the worker's last windows. */
const ANALYTICS_SETTLE_MS = 60_000;
/** Specs compare all payments, from the first one on. */
const SINCE_MS = 0;

/** `npm run reconcile`, `reconcile:orders` and `reconcile:payments`. */
export async function reconcileAll(shop: Shop): Promise<{ differences: Differences; analytics: Report }> {
  const orders = await reconcileOrders(shop.databaseUrl, 0);
  const analytics = await reconcile({ env: shop.env('analytics'), settleMs: ANALYTICS_SETTLE_MS });
  const found = [...analytics.differences, ...analytics.pending].map(({ where, key }) => `${where}: ${key}`);
  return {
    analytics,
    differences: {
      orders: orders.differences.map(({ rule, key }) => `${rule}: ${key}`).toSorted(),
      payments: await paymentDifferences(shop),
      analytics: found.toSorted(),
    },
  };
}

async function paymentDifferences(shop: Shop): Promise<string[]> {
  const log = createLogger('spec', 'silent');
  const pool = createPool({
    connectionString: shop.databaseUrl,
    applicationName: 'spec',
    schema: 'payment',
    log,
  });
  const sandbox = { PAYMENT_PROVIDER: 'sandbox', SANDBOX_LATE_MS: 0, SANDBOX_LATENCY_MS: 0 } as const;
  try {
    const { provider } = chooseProvider(sandbox, pool);
    const { differences } = await reconcilePayments(pool, provider, SINCE_MS, Date.now());
    return differences.map(({ orderId, what }) => `${what}: ${orderId}`).toSorted();
  } finally {
    await pool.end();
  }
}
