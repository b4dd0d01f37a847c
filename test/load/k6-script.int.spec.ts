// The script that the cluster's CronJob gives to k6, run as it stands against the live services for a bounded while.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bundleScript } from '../../k8s/load/k6/bundle.ts';
import { Fleet } from './fleet.ts';
import { runK6 } from './k6-run.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.open();
}, 120_000);
afterAll(() => fleet.close(), 60_000);

it('the k6 script registers customers, who look around, buy, hear how it ends and come back', async () => {
  const env = Object.fromEntries(
    Object.entries(fleet.addresses).map(([name, address]) => [`${name.toUpperCase()}_SERVICE_URL`, address]),
  );
  // Five customers in a few seconds are below what one address may.
  const run = { script: bundleScript(), env, virtualUsers: 3, iterations: 24, pace: 0.2 };
  const { requests, added } = await runK6(run);
  expect(requests.filter(({ isFailed }) => isFailed)).toEqual([]);
  expect(added.filter(({ metric }) => metric === 'orders_unended').map(({ value }) => value)).toContain(
    false,
  );
  expect(added.filter(({ metric, value }) => metric === 'orders_unended' && value === true)).toEqual([]);
  const names = new Set(requests.map(({ tags }) => tags.name));
  for (const name of ['register', 'sign-in', 'search', 'product', 'place-order', 'order', 'refresh', 'erase'])
    expect(names).toContain(name);
}, 180_000);
