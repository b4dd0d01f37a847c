// The live services under load: the k6 script of the cluster runs as it stands; every process is replaced while customers buy, and
// none of their requests fails, no order and no event is lost. Where a pod ends before the balancer knows of it, requests do fail,
// and the spec sees it.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reconcile } from '../../analytics/reconcile/reconcile.ts';
import type { Sent } from '../../bench/load/drive.ts';
import { ORIGINS, runLoad } from '../../bench/load/run.ts';
import { figuresOf, type Tally } from '../../bench/load/tally.ts';
import { bundleScript } from '../../k8s/load/k6/bundle.ts';
import { type Profile, profileOf } from '../../k8s/load/scenario/profiles.ts';
import { reconcileOrders } from '../../services/reconcile-orders.ts';
import { Fleet, type Going, type Member } from './fleet.ts';
import { runK6 } from './k6-run.ts';

/** `npm test` has half a minute: two services that answer customers and consume; `npm run test:faults` replaces everything. */
const IS_WHOLE = process.env.FAULT_SEEDS !== undefined;
const SHORT: readonly Member[] = ['order', 'product'];
/** The times of a cluster, divided by ten: pods wait 10 s, kube-proxies know within a second or two. */
const AS_DEPLOYED: Going = { preStopMs: 1_000, heardAfterMs: 300 };
/** All tests of a minute together may register ten from one address, and the k6 script's five come from one. */
const CUSTOMERS = Math.min(6, 2 * ORIGINS.length);
const SETTLE_MS = 60_000;

let own: Fleet;
beforeAll(async () => {
  own = await Fleet.open({ hasAnalytics: IS_WHOLE });
}, 120_000);
afterAll(() => own.close(), 60_000);

/** Customers until the work beside them is done, which may look at what has failed so far. */
async function underLoad(work: (failed: readonly string[]) => Promise<void>) {
  const { thresholds } = profileOf('load');
  const profile: Profile = {
    customers: CUSTOMERS,
    steps: [{ journeysPerSecond: 3, seconds: 600 }],
    thresholds,
  };
  const ending = new AbortController();
  const ready = Promise.withResolvers<void>();
  const failed: string[] = [];
  const onSent = ({ ask, failure }: Sent): void => {
    if (failure !== undefined) failed.push(`${ask.name}: ${failure}`);
  };
  const options = { addresses: own.addresses, profile, onSent, signal: ending.signal };
  const running = runLoad({ ...options, onReady: () => ready.resolve() });
  await Promise.race([ready.promise, running]);
  try {
    await work(failed);
  } finally {
    ending.abort();
  }
  const tallies: Tally[] = await running;
  return { failed, figures: figuresOf(tallies) };
}

describe('the k6 script of the cluster', () => {
  it('registers customers, who look around, buy, get their answer and come back', async () => {
    const env = Object.fromEntries(
      Object.entries(own.addresses).map(([name, address]) => [`${name.toUpperCase()}_SERVICE_URL`, address]),
    );
    // Five customers in a few seconds are below what one address may.
    const run = { script: bundleScript(), env, virtualUsers: 3, iterations: 24, pace: 0.2 };
    const { requests, added } = await runK6(run);
    expect(requests.filter(({ isFailed }) => isFailed)).toEqual([]);
    const unended = added.filter(({ metric }) => metric === 'orders_unended').map(({ value }) => value);
    expect(new Set(unended)).toEqual(new Set([false]));
    const names = new Set(requests.map(({ tags }) => tags.name));
    for (const name of [
      'register',
      'sign-in',
      'search',
      'product',
      'place-order',
      'order',
      'refresh',
      'erase',
    ])
      expect(names).toContain(name);
  }, 180_000);
});

describe('pods that are replaced under load', () => {
  it('fail no request and lose no event', async () => {
    const ends: (number | string)[] = [];
    const { failed, figures } = await underLoad(async () => {
      for (const name of IS_WHOLE ? own.names() : SHORT) ends.push(await own.roll(name, AS_DEPLOYED));
    });
    expect(failed).toEqual([]);
    // Who does not drain in time ends with 1.
    expect(ends).toEqual(ends.map(() => 0));
    // A load without orders, or with few requests, proves nothing.
    expect(figures.orders.get('confirmed')).toBeGreaterThan(ends.length);
    expect([...figures.orders.keys()]).not.toContain('unended');
    const { differences, pending } = await reconcileOrders(own.databaseUrl, SETTLE_MS);
    expect([...differences, ...pending]).toEqual([]);
    for (const schema of ['users', 'product', '"order"', 'payment'])
      expect(await own.query(`SELECT topic FROM ${schema}.outbox`)).toEqual([]);
    if (IS_WHOLE) {
      const counted = await reconcile({ env: own.env('analytics'), settleMs: SETTLE_MS });
      expect([...counted.differences, ...counted.pending]).toEqual([]);
    }
  }, 300_000);

  it('fail requests where pods end before the balancer knows of it', async () => {
    const { failed } = await underLoad(async (soFar) => {
      // A pod that ends at once, without waiting for callers that still come: all open connections break.
      await own.roll('product', AS_DEPLOYED, { LAME_DUCK_MS_MAX: '0' });
      await sleep(2_000);
      await own.roll('product', { preStopMs: 0 });
      // The balancer sends every second connection to a pod that is gone.
      while (soFar.length === 0) await sleep(100);
    });
    expect(failed).not.toEqual([]);
  }, 120_000);
});
