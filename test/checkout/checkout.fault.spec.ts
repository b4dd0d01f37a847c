// Checkouts by the hundred on real services, while broker, database and every service are killed and started again. Afterwards
// all records agree. With a guard switched off they do not.
import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../../demo/samples/random.ts';
import { reconcileOrders } from '../../services/reconcile-orders.ts';
import { SEEDS } from '../faults/seeds.ts';
import { checkOutAll, planCheckouts } from './customers.ts';
import { planDisasters, startDoom } from './disasters.ts';
import { endsSeen, moneyAmiss, ordersAmiss, untold } from './findings.ts';
import type { SwitchedOff } from './service-plans.ts';
import { shopStage } from './stage.ts';
import { fillShelves, openAccounts } from './stock.ts';

/** `npm test` has a minute for it; `npm run test:faults`, which names its seeds, kills everything twice. */
const CHECKOUTS = process.env.FAULT_SEEDS ? 500 : 150;
const CHECKOUTS_OF_CONTROLS = 40;
/** Once nothing is killed any more. Two minutes is what payment waits before it gives an unheard charge up. */
const SETTLE_MS = 240_000;

const stage = shopStage();

/** A shop, and customers who have been through it while the disasters struck, if any. */
async function rush(seed: number, count: number, options: { off?: SwitchedOff; isCalm?: boolean } = {}) {
  const random = createRandom(seed);
  const shop = await stage.open({ switchedOff: options.off });
  const productIds = await fillShelves(shop, Math.round(count * 0.45));
  const checkouts = planCheckouts(random, count, productIds);
  await openAccounts(
    shop,
    checkouts.map(({ userId }) => userId),
  );
  const doom = startDoom(shop, stage.servers(), options.isCalm ? [] : planDisasters(random, count));
  const told = await checkOutAll(shop, checkouts, doom.come);
  await doom.over();
  return { shop, told };
}

describe('checkouts while everything is killed', () => {
  it.each(SEEDS)(
    'end once, with every record agreeing (seed %i)',
    async (seed) => {
      const { shop, told } = await rush(seed, CHECKOUTS);
      const report = await reconcileOrders(shop.databaseUrl, SETTLE_MS);
      expect(report.differences).toEqual([]);
      expect(report.pending).toEqual([]);
      expect(await ordersAmiss(shop, told)).toEqual([]);
      expect(await moneyAmiss(shop)).toEqual([]);
      expect(await untold(shop)).toEqual([]);
      // A run in which nothing was refused, or nobody changed their mind, proves less than it says.
      const ends = await endsSeen(shop, told);
      expect(Object.keys(ends).toSorted()).toEqual([
        'by-customer',
        'confirmed',
        'payment-failed',
        'stock-rejected',
      ]);
    },
    480_000,
  );

  it('lose events for good without the outbox', async () => {
    const { shop } = await rush(SEEDS[0]!, CHECKOUTS_OF_CONTROLS, { off: 'outbox' });
    const report = await reconcileOrders(shop.databaseUrl, 5_000);
    // What is only in memory by now counts as lost.
    await shop.stop();
    expect(await untold(shop)).not.toEqual([]);
    expect(report.pending).not.toEqual([]);
  }, 120_000);

  /**
   * Not the inbox: orders, reservations and payments decide on their state, so that a repeated event changes nothing even
   * where nobody remembers it. Nor the stored answers alone: an order's id is made of customer and key. Without both, the
   * customer who hears no answer and asks again has two orders.
   */
  it('place orders twice without idempotency, also where nothing is killed', async () => {
    const { shop, told } = await rush(SEEDS[0]!, CHECKOUTS_OF_CONTROLS, {
      off: 'idempotency',
      isCalm: true,
    });
    expect(await ordersAmiss(shop, told)).not.toEqual([]);
  }, 120_000);
});
