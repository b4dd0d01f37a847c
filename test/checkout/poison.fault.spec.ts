// Every kind of bad record, and every forgery that we can think of, on every consumed topic, while customers check out. No process
// ends and no customer waits longer. Each consumer that can recognise a bad event makes it a dead letter; the reconciliations report the
// others.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderPlaced } from '#contracts/shop-topics.ts';
import { learnLz4 } from '#runtime/kafka/test-codecs.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { SEEDS } from '../faults/seeds.ts';
import { consumedTopics, consumersOf, untilAtRest } from './at-rest.ts';
import { type Checkout, checkOutAll, type PlacedOrder, planCheckouts } from './customers.ts';
import { mailsForForgedEvents, missingEvents, wrongCharges, wrongOrders } from './findings.ts';
import { FORGERIES } from './forgeries.ts';
import {
  type Forged,
  findVictims,
  forge,
  forgeCharge,
  forgeResult,
  wantedDifferences,
  wantedLetters,
} from './forging.ts';
import { type Letter, readLetters, type Wanted, wrongDeadLetters } from './letters.ts';
import { publishRenditions } from './photos.ts';
import { type Placed, POISONS, poison } from './poisons.ts';
import { NO_DIFFERENCES, reconcileAll } from './reconciliations.ts';
import type { Shop } from './shop.ts';
import { shopStage } from './stage.ts';
import { fillShelves, openAccounts } from './stock.ts';
import { heldUp, p99, waitsMs } from './waits.ts';

/** `npm run test:faults`, which names its seeds, compares the waits of many customers; `npm test` has a few, and prints theirs. */
const IS_LONG = process.env.FAULT_SEEDS !== undefined;
const CHECKOUTS = IS_LONG ? 160 : 40;
const FIRST_CHECKOUTS = 10;
const REJECTED_ORDERS = 4;
const FORGED_PRODUCTS = Array.from({ length: 10 }, (_, at) => `Forged ${at}`);
const LETTERS_WAIT_MS = 60_000;

const stage = shopStage();
beforeAll(learnLz4);

/** One dead letter of each consumer of the record's topic. */
const lettersOfPoison = (shop: Shop, placed: readonly Placed[]): Wanted[] =>
  placed.flatMap(({ kind, topic, place }) =>
    consumersOf(shop)
      .filter(({ consumes }) => consumes.some(({ name }) => name === topic))
      .map(({ name: consumer }) => ({ what: kind, topic, place, consumer })),
  );

/** What is wrong with the dead letters: nothing as soon as they are right, or what is still wrong when the time is over. */
async function deadLetterFaults(shop: Shop, wanted: readonly Wanted[]): Promise<string[]> {
  const deadline = performance.now() + LETTERS_WAIT_MS;
  for (;;) {
    const faults = wrongDeadLetters(wanted, await readLetters(shop, consumedTopics(shop)));
    if (faults.length === 0 || performance.now() > deadline) return faults;
    await sleep(500);
  }
}

/** The shop of a run with its stock, and groups of customers who all do the same. */
async function openCampaign(seed: number) {
  const shop = await stage.open({ hasAnalytics: true });
  const productIds = await fillShelves(shop, CHECKOUTS * 8);
  const toForge = await fillShelves(shop, 1, FORGED_PRODUCTS);
  const plan = (who: string, count: number): Checkout[] =>
    planCheckouts(createRandom(seed), count, productIds).map((one) => ({
      ...one,
      userId: `${who}-${one.userId}`,
      // The checkout spec has a provider that is away for ten seconds; here it would only make customers wait.
      paymentMethod: one.paymentMethod === 'pm_error_503_twice' ? 'pm_ok' : one.paymentMethod,
    }));
  const crowds = {
    first: [...plan('first', FIRST_CHECKOUTS), ...rejectedOrders(toForge[0]!)],
    calm: plan('calm', CHECKOUTS),
    poisoned: plan('poisoned', CHECKOUTS),
    deceived: plan('deceived', CHECKOUTS),
  };
  await openAccounts(
    shop,
    Object.values(crowds).flatMap((crowd) => crowd.map(({ userId }) => userId)),
  );
  return { shop, productIds, toForge, crowds };
}

/** Checkouts of more pieces than there are. */
const rejectedOrders = (productId: string): Checkout[] =>
  planCheckouts(createRandom(1), REJECTED_ORDERS, [productId]).map((one, at) => ({
    ...one,
    userId: `rejected-${at}`,
    lines: [{ productId, quantity: 5 }],
    cancelsAfterMs: undefined,
  }));

/** No order and no event is lost or doubled, and no process has ended or reports a trouble. */
async function expectUnharmed(
  shop: Shop,
  placedOrders: readonly PlacedOrder[],
  pids: Record<string, number>,
) {
  expect(await wrongOrders(shop, placedOrders)).toEqual([]);
  expect(await missingEvents(shop)).toEqual([]);
  expect(shop.pids()).toEqual(pids);
  expect(await shop.troubles()).toEqual({});
}

const givenBack = (forged: readonly Forged[]): string[] =>
  forged
    .filter(({ forgery }) => forgery.givesBack)
    .map(({ key }) => `order ${key} is confirmed, the provider has kept 0`);

describe('bad records and forgeries on every topic', () => {
  it.each(SEEDS)(
    'end no process and delay no checkout; each becomes a dead letter, or a reconciliation finds it (seed %i)',
    async (seed) => {
      const { shop, productIds, toForge, crowds } = await openCampaign(seed);
      const pids = shop.pids();
      const placedOrders = await checkOutAll(shop, crowds.first);
      await untilAtRest(shop);
      const calm = await checkOutAll(shop, crowds.calm);
      await untilAtRest(shop);

      const topics = consumedTopics(shop);
      const comingMs = crowds.poisoned.reduce((sum, { pauseMs }) => sum + pauseMs, 0);
      const [placed, poisoned, renditions] = await Promise.all([
        poison(shop.client, topics, comingMs / topics.length / 2),
        checkOutAll(shop, crowds.poisoned),
        publishRenditions(shop.client, productIds),
      ]);
      placedOrders.push(...calm, ...poisoned);
      expect(placed).toHaveLength(topics.length * POISONS.length);
      await untilAtRest(shop);
      const buried = lettersOfPoison(shop, placed);
      expect(await deadLetterFaults(shop, buried)).toEqual([]);
      const found = await reconcileAll(shop);
      expect(found.differences).toEqual(NO_DIFFERENCES);
      expect(await wrongCharges(shop)).toEqual([]);
      await expectUnharmed(shop, placedOrders, pids);
      const counted = found.analytics.partitions.reduce((sum, { events }) => sum + events, 0);
      expect(counted).toBe(renditions);
      expect(found.analytics.activity.documents.log).toBeGreaterThan(placedOrders.length * 2);

      const victims = await findVictims(shop, toForge);
      const [forged, deceived] = await Promise.all([
        forge(shop.client, FORGERIES, victims),
        checkOutAll(shop, crowds.deceived),
      ]);
      placedOrders.push(...deceived);
      const elsewhere = {
        payments: [await forgeCharge(shop)],
        analytics: [await forgeResult(shop.client)],
      };
      await untilAtRest(shop);
      expect(await deadLetterFaults(shop, [...buried, ...wantedLetters(forged)])).toEqual([]);
      const { differences } = await reconcileAll(shop);
      expect(differences).toEqual({ orders: wantedDifferences(forged), ...elsewhere });
      expect(await wrongCharges(shop)).toEqual(givenBack(forged));
      expect(await mailsForForgedEvents(shop)).toEqual([]);
      await expectUnharmed(shop, placedOrders, pids);

      const waits = {
        calm: await waitsMs(shop, calm),
        poisoned: await waitsMs(shop, poisoned),
        deceived: await waitsMs(shop, deceived),
      };
      const figures = Object.entries(waits).map(([crowd, all]) => `${crowd} ${p99(all)} ms`);
      process.stderr.write(`p99 of a checkout: ${figures.join(', ')}\n`);
      // A busy machine is no reason to fail every run.
      if (IS_LONG)
        expect([...heldUp(waits.calm, waits.poisoned), ...heldUp(waits.calm, waits.deceived)]).toEqual([]);
    },
    600_000,
  );

  it('negative control: a consumer that drops bad records without a dead letter is found', async () => {
    const shop = await stage.open({ switchedOff: 'dead-letters' });
    const placed = await poison(shop.client, [orderPlaced]);
    const wanted = lettersOfPoison(shop, placed);
    await untilAtRest(shop);
    const letters: Letter[] = await readLetters(shop, [orderPlaced]);
    expect(wrongDeadLetters(wanted, letters)).toEqual(
      placed.map(({ kind, place }) => `${kind}, on order.placed ${place}: no dead letter of cart`),
    );
  }, 120_000);
});
