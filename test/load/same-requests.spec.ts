// The script that k6 runs in the cluster and `npm run load` send the same requests: the script is run as it stands in its ConfigMap.

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { drive } from '../../bench/load/drive.ts';
import { createSender } from '../../bench/load/send.ts';
import { bundleScript } from '../../k8s/load/k6/bundle.ts';
import { k6Options } from '../../k8s/load/k6/options.ts';
import { closeAccount, openAccount } from '../../k8s/load/scenario/customers.ts';
import { JOURNEYS } from '../../k8s/load/scenario/journeys.ts';
import { journeyOf, profileOf } from '../../k8s/load/scenario/profiles.ts';
import { type CannedShop, openCannedShop } from './canned-shop.ts';
import { runK6 } from './k6-run.ts';

/** Enough for every journey and every means of payment. */
const TURNS = 40;
/** Nobody needs to wait here. */
const PACE = 0;
const SERVICES = ['user', 'product', 'cart', 'order', 'notification'] as const;

let shop: CannedShop;
beforeEach(async () => {
  shop = await openCannedShop();
});
afterEach(() => shop.close());

const environment = (services: readonly string[]): Record<string, string> =>
  Object.fromEntries(services.map((name) => [`${name.toUpperCase()}_SERVICE_URL`, shop.address]));

const byK6 = (script: string, services: readonly string[] = SERVICES) =>
  runK6({ script, env: environment(services), virtualUsers: 1, iterations: TURNS, pace: PACE });

/** One customer more and the same turns, by what `npm run load` sends requests with. */
async function byNode(customers: number): Promise<void> {
  const { address } = shop;
  const addresses = { user: address, product: address, cart: address, order: address, notification: address };
  const sender = createSender(addresses);
  const onSent = () => {};
  const opened = [];
  for (let n = 0; n < customers; n += 1)
    opened.push(await drive(openAccount(randomUUID(), randomUUID()), sender, onSent, PACE));
  for (let turn = 0; turn < TURNS; turn += 1) {
    const journey = JOURNEYS[journeyOf(turn, true)];
    await drive(journey({ turn, customer: opened[0], newId: randomUUID }), sender, onSent, PACE);
  }
  for (const customer of opened) await drive(closeAccount(customer!), sender, onSent, PACE);
  sender.close();
}

describe('the k6 script', () => {
  it('sends what npm run load sends, request by request', async () => {
    const { options } = await byK6(bundleScript());
    const asked = shop.asked.splice(0);
    await byNode(profileOf('smoke').customers);
    expect(asked).toEqual(shop.asked);
    expect(options).toEqual(k6Options(profileOf('smoke')));
    for (const journey of ['POST /orders', 'pm_declined', 'POST /sessions/refresh', 'GET /products?q='])
      expect(asked.some((line) => line.includes(journey))).toBe(true);
  }, 120_000);

  it('only looks around where customers cannot register', async () => {
    const { requests } = await byK6(bundleScript(), ['product']);
    expect(requests.filter(({ isFailed }) => isFailed)).toEqual([]);
    expect(new Set(requests.map(({ tags }) => tags.service))).toEqual(new Set(['product']));
    expect(requests.filter(({ headers }) => 'Authorization' in headers)).toEqual([]);
  }, 120_000);

  it('is the same text whenever it is bundled, and knows no module but k6’s', () => {
    const script = bundleScript();
    expect(bundleScript()).toBe(script);
    const modules = [...script.matchAll(/^import .* from "(.+)";$/gm)].map(([, name]) => name);
    expect(modules.every((name) => /^k6(\/[a-z]+)?$/.test(name!))).toBe(true);
    expect(script).not.toMatch(/\brequire\(|node:/);
  });
});

describe('negative control: a script is refused that', () => {
  it('asks otherwise', async () => {
    const script = bundleScript().replace('limit=50', 'limit=49');
    await byK6(script);
    const asked = shop.asked.splice(0);
    await byNode(profileOf('smoke').customers);
    expect(asked).not.toEqual(shop.asked);
  }, 120_000);

  it('uses a parameter that k6 does not know', async () => {
    const script = bundleScript().replace('redirects: 0', 'redirect: 0');
    await expect(byK6(script)).rejects.toThrow(/no such parameters: redirect/);
  }, 120_000);

  it('imports what k6 has not', async () => {
    const script = bundleScript().replace('{ sleep } from "k6"', '{ sleepy as sleep } from "k6"');
    await expect(byK6(script)).rejects.toThrow(/sleepy/);
  }, 120_000);
});
