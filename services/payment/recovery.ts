// What to do next about a payment that waits for its provider, and when; pure. Guarantee: we give up only where no call of ours can
// still arrive, and charge again only while the provider knows the idempotency key of the call before.
import { backoffMs } from '#runtime/backoff.ts';
import type { FailureReason, OrderMoney, Payment } from './domain.ts';

/** Stripe keeps idempotency keys for at least 24 hours: https://docs.stripe.com/api/idempotent_requests */
const KEY_LIFETIME_MS = 23 * 3_600_000;
/** By then the pause before the attempt was at least 32 s, so a call whose answer got lost has arrived or never will. */
const QUIET_ATTEMPT = 6;
/** Attempts at a charge that never reached the provider; they take about half an hour. */
const ATTEMPT_COUNT_MAX = 10;
const DELAY_MS_MIN = 2_000;
const DELAY_MS_MAX = 600_000;

export type Step = 'charge' | 'look-up' | 'refund';

/** What an attempt has to do; the first one is 1. After the first the outcome of the one before is unknown: look it up. */
export function stepOf({ status }: Payment, attempt: number): Step | undefined {
  if (status === 'charging') return attempt === 1 ? 'charge' : 'look-up';
  return status === 'refunding' ? 'refund' : undefined;
}

export type AfterUnheard =
  | { readonly kind: 'charge' | 'wait' }
  | { readonly kind: 'give-up'; readonly reason: FailureReason };

/** What follows when the provider says that it does not know the charge. */
export function afterUnheard(state: OrderMoney, attempt: number, ageMs: number): AfterUnheard {
  const isQuiet = attempt >= QUIET_ATTEMPT;
  if (state.isOrderCancelled) {
    return isQuiet ? { kind: 'give-up', reason: 'order-cancelled' } : { kind: 'wait' };
  }
  const isKeyForgotten = ageMs > KEY_LIFETIME_MS;
  if (attempt < ATTEMPT_COUNT_MAX && !isKeyForgotten) return { kind: 'charge' };
  return isQuiet ? { kind: 'give-up', reason: 'provider-unavailable' } : { kind: 'wait' };
}

/** Pause after an attempt, in milliseconds: doubles from 2 s to 10 minutes, the upper half drawn by lot. */
export function stepDelayMs(attempt: number, random: () => number = Math.random): number {
  return backoffMs(attempt, DELAY_MS_MIN, DELAY_MS_MAX, random);
}
