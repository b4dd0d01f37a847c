// What each service promises, with the reason beside each number. Burn rates are measured against it: alerts/burn-rates.ts.
import { orderService, productService, storefront, userService } from '#contracts/shop-processes.ts';

export interface Objective {
  /** Part of the requests that may fail by our fault, over 30 days. */
  readonly failedMax: number;
  /** A request that takes longer counts as slow; a bound of the buckets in runtime/http/metrics.ts. */
  readonly slowS: 0.1 | 0.25 | 0.5 | 1 | 2.5;
  /** Part of the requests that may be slow. */
  readonly slowMax: number;
  readonly why: string;
}

const USUAL: Objective = {
  // 43 minutes of a month if all requests fail: what one bad deployment costs that is taken back at once.
  failedMax: 0.001,
  // A page asks several services one after another, and feels slow from one second on.
  slowS: 0.5,
  slowMax: 0.01,
  why: 'a customer asks it while a page loads',
};

/** By process; others have the usual one. */
const OBJECTIVES: ReadonlyMap<string, Objective> = new Map([
  [
    productService.name,
    { ...USUAL, slowS: 0.25, why: 'every page shows products, so it is asked most and must be the fastest' },
  ],
  [
    orderService.name,
    { ...USUAL, failedMax: 0.0005, why: 'who cannot place an order is a sale that is lost' },
  ],
  [
    storefront.name,
    {
      ...USUAL,
      slowS: 1,
      why: 'a page asks several services one after another, and feels slow from one second on',
    },
  ],
  [
    userService.name,
    {
      ...USUAL,
      slowS: 1,
      why: 'a password is hashed slowly on purpose, and answers that could tell whether an address is known take a set time',
    },
  ],
]);

export const objectiveOf = (process: string): Objective => OBJECTIVES.get(process) ?? USUAL;

/** Part of the orders that may expire because product or payment did not answer: each is a customer who waited for nothing. */
export const EXPIRED_MAX = 0.005;
