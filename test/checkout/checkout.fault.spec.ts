// Hundreds of checkouts on real services, while broker, database and every service are killed and started again. Afterwards all
// records agree. With a guard switched off they do not.
import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../../demo/samples/random.ts';
import { reconcileOrders } from '../../services/reconcile-orders.ts';
import { SEEDS } from '../faults/seeds.ts';
import { checkOutAll, planCheckouts } from './customers.ts';
import { planDisasters, startDisasters } from './disasters.ts';
import { countEnds, missingEvents, wrongCharges, wrongOrders } from './findings.ts';
import type { SwitchedOff } from './service-plans.ts';
import { shopStage } from './stage.ts';
import { fillShelves, openAccounts } from './stock.ts';

/** `npm test` has a minute for it; `npm run test:faults`, which names its seeds, kills everything twice. */
const CHECKOUTS = process.env.FAULT_SEEDS ? 500 : 150;
const CHECKOUTS_OF_CONTROLS = 40;
/** After the last disaster. Payment waits two minutes before it gives up a charge that the provider does not know. */
const SETTLE_MS = 240_000;

const stage = shopStage();

/** Opens a shop, and lets customers check out in it while disasters strike, unless `isCalm`. */
async function rush(seed: number, count: number, options: { off?: SwitchedOff; isCalm?: boolean } = {}) {
  const random = createRandom(seed);
  const shop = await stage.open({ switchedOff: options.off });
  const productIds = await fillShelves(shop, Math.round(count * 0.45));
  const checkouts = planCheckouts(random, count, productIds);
  await openAccounts(
    shop,
    checkouts.map(({ userId }) => userId),
  );
  const disasters = startDisasters(shop, stage.servers(), options.isCalm ? [] : planDisasters(random, count));
  const placedOrders = await checkOutAll(shop, checkouts, disasters.customersStarted);
  await disasters.over();
  return { shop, placedOrders };
}

describe('checkouts while everything is killed', () => {
  it.each(SEEDS)(
    'end once, with every record agreeing (seed %i)',
    async (seed) => {
      const { shop, placedOrders } = await rush(seed, CHECKOUTS);
      const report = await reconcileOrders(shop.databaseUrl, SETTLE_MS);
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      expect(await wrongOrders(shop, placedOrders)).toEqual([]);
      expect(await wrongCharges(shop)).toEqual([]);
      expect(await missingEvents(shop)).toEqual([]);
      // A run in which nothing was refused, or nobody changed their mind, proves less than it says.
      const ends = await countEnds(shop, placedOrders);
      expect(Object.keys(ends).toSorted()).toEqual([
        'by-customer',
        'confirmed',
        'payment-failed',
        'stock-rejected',
      ]);
    },
    480_000,
  );

  it('lose events without the outbox', async () => {
    const { shop } = await rush(SEEDS[0]!, CHECKOUTS_OF_CONTROLS, { off: 'outbox' });
    const report = await reconcileOrders(shop.databaseUrl, 5_000);
    // What is still only in memory is lost with this.
    await shop.stop();
    expect(await missingEvents(shop)).not.toEqual([]);
    expect(report.pending).not.toEqual([]);
  }, 120_000);

  /**
   * There is no control without the inbox: orders, reservations and payments decide by their state, so that a repeated event changes
   * nothing even where no inbox knows it. Nor one without the stored answers alone: an order's id is made of customer and key. Without
   * both, a customer who gets no answer and asks again has two orders.
   */
  it('place orders twice without idempotency, also where nothing is killed', async () => {
    const { shop, placedOrders } = await rush(SEEDS[0]!, CHECKOUTS_OF_CONTROLS, {
      off: 'idempotency',
      isCalm: true,
    });
    expect(await wrongOrders(shop, placedOrders)).not.toEqual([]);
  }, 120_000);
});
