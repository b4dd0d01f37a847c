// Customers who each place one order, with all payment methods of the sandbox. Some cancel; some lose the first answer and ask again.
// Out: the order of each customer.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../demo/samples/random.ts';
import { ask, askUntilAnswered } from './http.ts';
import type { Shop } from './shop.ts';

export interface Checkout {
  readonly userId: string;
  readonly key: string;
  readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
  readonly paymentMethod: string;
  /** The first answer does not reach the customer, who asks again. */
  readonly losesAnswer: boolean;
  /** How long after the answer the customer cancels; undefined for most. */
  readonly cancelsAfterMs?: number | undefined;
  /** Until the next customer comes. */
  readonly pauseMs: number;
}

/** A customer's order, as the order service answered. */
export interface PlacedOrder {
  readonly userId: string;
  readonly orderId: string;
  /** When they asked for the first time, in milliseconds since the epoch. */
  readonly askedMs: number;
  /** Whether only the shop decides how long the order takes: the provider answers at once, and the customer does not cancel. */
  readonly isPrompt: boolean;
}

const PAYMENT_METHODS = [
  ...Array.from({ length: 6 }, () => 'pm_ok'),
  'pm_declined',
  'pm_insufficient',
  'pm_timeout_then_ok',
  'pm_timeout_then_failed',
  'pm_duplicate_webhook',
  'pm_late_ok',
  'pm_late_ok',
  'pm_error_503_twice',
];
const PROMPT_METHODS = new Set(['pm_ok', 'pm_declined', 'pm_insufficient', 'pm_duplicate_webhook']);
const SHARE_OF_LOST_ANSWERS = 0.2;
const SHARE_OF_CANCELLATIONS = 0.12;
const IN_FLIGHT_MAX = 50;
const PAUSE_MS_MAX = 200;

/** The same checkouts for the same random numbers, but for the keys. */
export function planCheckouts(random: Random, count: number, productIds: readonly string[]): Checkout[] {
  return Array.from({ length: count }, (_, at) => {
    const cancels = random.next() < SHARE_OF_CANCELLATIONS;
    const first = random.pick(productIds);
    const second = random.pick(productIds);
    // An order that is cancelled before the provider received its charge waits two minutes, by a rule of the payment service.
    const methods = PAYMENT_METHODS.filter((method) => !cancels || method !== 'pm_error_503_twice');
    return {
      userId: `customer-${at}`,
      key: randomUUID(),
      lines: [...new Set([first, second])].map((productId) => ({ productId, quantity: random.whole(1, 3) })),
      paymentMethod: random.pick(methods),
      losesAnswer: random.next() < SHARE_OF_LOST_ANSWERS,
      cancelsAfterMs: cancels ? random.whole(0, 1_500) : undefined,
      pauseMs: random.whole(0, PAUSE_MS_MAX),
    };
  });
}

/** Starts one customer after another, at most 50 at the same time. `onStart` is called with the number of customers so far. */
export async function checkOutAll(
  shop: Shop,
  checkouts: readonly Checkout[],
  onStart: (count: number) => void = () => {},
): Promise<PlacedOrder[]> {
  const inFlight = new Set<Promise<unknown>>();
  const all: Promise<PlacedOrder>[] = [];
  for (const [at, checkout] of checkouts.entries()) {
    while (inFlight.size >= IN_FLIGHT_MAX) await Promise.race(inFlight);
    const placed = checkOut(shop, checkout);
    const settled: Promise<unknown> = placed.then(
      () => inFlight.delete(settled),
      () => inFlight.delete(settled),
    );
    inFlight.add(settled);
    all.push(placed);
    onStart(at + 1);
    await sleep(checkout.pauseMs);
  }
  return Promise.all(all);
}

async function checkOut(shop: Shop, checkout: Checkout): Promise<PlacedOrder> {
  const { userId, key, lines, paymentMethod, losesAnswer, cancelsAfterMs } = checkout;
  const token = await shop.tokenFor(userId, 'customer');
  const orders = `${shop.address('order')}/orders`;
  const body = { lines, currency: 'EUR', paymentMethod };
  const placement = { method: 'POST', url: orders, token, key, body } as const;
  const askedMs = Date.now();
  if (losesAnswer) await ask(placement).catch(() => {});
  const placed = await askUntilAnswered(placement);
  if (placed.status !== 201) throw new Error(`an order was refused: ${JSON.stringify(placed)}`);
  const orderId = String(placed.body.orderId);
  if (cancelsAfterMs !== undefined) {
    await sleep(cancelsAfterMs);
    const url = `${orders}/${orderId}/cancellation`;
    const answer = await askUntilAnswered({ method: 'POST', url, token, key: randomUUID() });
    const isTooLate = answer.body.code === 'order-confirmed';
    if (answer.status !== 200 && !isTooLate)
      throw new Error(`a cancellation was refused: ${JSON.stringify(answer)}`);
  }
  return {
    userId,
    orderId,
    askedMs,
    isPrompt: cancelsAfterMs === undefined && PROMPT_METHODS.has(paymentMethod),
  };
}
