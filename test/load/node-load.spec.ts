// `npm run load`: what it counts, what it refuses, and when it says no.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { drive, type Sent } from '../../bench/load/drive.ts';
import { runLoad } from '../../bench/load/run.ts';
import { createSender } from '../../bench/load/send.ts';
import { exceeded, figuresOf, Tally } from '../../bench/load/tally.ts';
import { readTargets } from '../../bench/load/targets.ts';
import { profileOf } from '../../k8s/load/scenario/profiles.ts';
import { type Ask, ask, type Journey } from '../../k8s/load/scenario/step.ts';
import { type CannedShop, openCannedShop } from './canned-shop.ts';

const { thresholds } = profileOf('smoke');
const request: Ask = { name: 'cart', service: 'cart', method: 'GET', path: '/cart', answers: [200] };
const sent = (ms: number, failure?: string): Sent => ({
  ask: request,
  status: failure ? 500 : 200,
  ms,
  ...(failure && { failure }),
});

/** A run of one step, with so many requests that took 10 ms, and these. */
function run(count: number, others: readonly Sent[] = [], change: Partial<Tally> = {}): Tally {
  const tally = Object.assign(new Tally(), { journeyCount: count, ...change });
  tally.sent.push(...Array.from({ length: count }, () => sent(10)), ...others);
  return tally;
}

describe('the thresholds', () => {
  it('hold where everything went well', () => {
    expect(exceeded(figuresOf([run(100)]), thresholds)).toEqual([]);
  });

  it.each<[string, Tally, RegExp]>([
    ['nothing was asked', run(0), /no request was sent/],
    ['too many failed', run(100, [sent(10, '500 broken')]), /1 of 101 requests failed: at most 0.1 %/],
    ['the slow ones were too slow', run(90, Array(10).fill(sent(900))), /within 900 ms: at most 500 ms/],
    ['too many journeys never began', run(100, [], { droppedCount: 5 }), /5 journeys did not begin/],
    [
      'an order had no end',
      run(10, [], { results: [{ customer: undefined, outcome: 'unended' }] }),
      /1 of 1 orders had no end/,
    ],
  ])('are exceeded where %s', (_rule, tally, fault) => {
    expect(exceeded(figuresOf([tally]), thresholds)).toEqual([expect.stringMatching(fault)]);
  });
});

describe('the target', () => {
  const urls = Object.fromEntries(
    ['USER', 'PRODUCT', 'CART', 'ORDER', 'NOTIFICATION'].map((name) => [
      `${name}_SERVICE_URL`,
      'http://127.0.0.1:4011',
    ]),
  );
  const env = { ...urls, DATABASE_URL: 'postgres://postgres@localhost:15432/shop' };

  it('is this machine', () => {
    expect(readTargets(env).addresses.order).toBe('http://127.0.0.1:4011');
  });

  it.each([
    ['ORDER_SERVICE_URL', 'http://shop.example.com', 'ORDER_SERVICE_URL (shop.example.com)'],
    ['CART_SERVICE_URL', 'http://127.0.0.1.example.com:80', 'CART_SERVICE_URL (127.0.0.1.example.com)'],
    ['USER_SERVICE_URL', 'http://localhost@10.0.0.1/', 'USER_SERVICE_URL (10.0.0.1)'],
    ['DATABASE_URL', 'postgres://postgres@db.example.com/shop', 'DATABASE_URL (db.example.com)'],
  ])('is refused where %s is %s', (name, url, message) => {
    expect(() => readTargets({ ...env, [name]: url })).toThrow(message);
  });
});

describe('against a shop', () => {
  let shop: CannedShop;
  beforeEach(async () => {
    shop = await openCannedShop();
  });
  afterEach(() => shop.close());
  const addresses = (address: string) => ({
    user: address,
    product: address,
    cart: address,
    order: address,
    notification: address,
  });

  it('an answer that is not as it should be is a failure and ends the journey', async () => {
    const heard: Sent[] = [];
    function* journey(): Journey<string> {
      yield* ask({ ...request, answers: [201] });
      return 'not reached';
    }
    const sender = createSender(addresses(shop.address));
    expect(await drive(journey(), sender, (one) => heard.push(one))).toBeUndefined();
    sender.close();
    expect(heard).toMatchObject([{ status: 200, failure: '200' }]);
  });

  it('no answer at all is a failure', async () => {
    shop.close();
    const heard: Sent[] = [];
    const sender = createSender(addresses(shop.address));
    await drive(ask(request), sender, (one) => heard.push(one));
    sender.close();
    expect(heard).toMatchObject([{ status: 0, failure: expect.stringMatching(/ECONN|hang up/) }]);
  });

  it('journeys begin at the rate of the step, and are dropped when no virtual user is free', async () => {
    const profile = { customers: 1, steps: [{ journeysPerSecond: 20, seconds: 1 }], thresholds };
    const [tally] = await runLoad({ addresses: addresses(shop.address), profile, origins: [undefined] });
    expect(tally!.journeyCount + tally!.droppedCount).toBe(20);
    expect(tally!.droppedCount).toBeGreaterThan(0);
    expect(shop.asked.at(-1)).toMatch(/^DELETE \/users\/me/);
  });

  it('who interrupts it leaves no account behind', async () => {
    const ending = new AbortController();
    const profile = { customers: 2, steps: [{ journeysPerSecond: 5, seconds: 600 }], thresholds };
    const running = runLoad({
      addresses: addresses(shop.address),
      profile,
      origins: [undefined, undefined],
      signal: ending.signal,
      onReady: () => void setTimeout(() => ending.abort(), 500),
    });
    await running;
    expect(shop.asked.filter((line) => line.startsWith('DELETE /users/me'))).toHaveLength(2);
  });
});
