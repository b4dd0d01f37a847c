import { describe, expect, it } from '@jest/globals';
import type { OrderMoney, Payment } from './domain.ts';
import { afterUnheard, stepDelayMs, stepOf } from './recovery.ts';

const payment = (status: Payment['status']): Payment => ({
  paymentId: 'pay_1',
  orderId: 'order-1',
  userId: 'user-1',
  amount: { amountMinor: 1, currency: 'EUR' },
  requestedAtMs: 0,
  refundedMinor: 0,
  refundCount: 0,
  refunds: [],
  status,
});
const open: OrderMoney = { isOrderCancelled: false, payment: payment('charging') };
const cancelled: OrderMoney = { ...open, isOrderCancelled: true };
const HOUR_MS = 3_600_000;

describe('the next step', () => {
  it('charges first, and looks up before it ever charges again', () => {
    expect(stepOf(payment('charging'), 1)).toBe('charge');
    expect(stepOf(payment('charging'), 2)).toBe('look-up');
  });

  it('refunds while a refund is open, and is none for what is settled', () => {
    expect(stepOf(payment('refunding'), 3)).toBe('refund');
    for (const status of ['requested', 'succeeded', 'refunded', 'failed'] as const) {
      expect(stepOf(payment(status), 1)).toBeUndefined();
    }
  });
});

describe('a charge that never reached the provider', () => {
  it('is made again while its key is remembered', () => {
    expect(afterUnheard(open, 2, HOUR_MS)).toEqual({ kind: 'charge' });
  });

  it('is not made again once the provider may have deleted the key', () => {
    expect(afterUnheard(open, 9, 24 * HOUR_MS)).toEqual({ kind: 'give-up', reason: 'provider-unavailable' });
  });

  it('is given up after ten attempts', () => {
    expect(afterUnheard(open, 9, 0)).toEqual({ kind: 'charge' });
    expect(afterUnheard(open, 10, 0)).toEqual({ kind: 'give-up', reason: 'provider-unavailable' });
  });

  it('of a cancelled order is not made again, and given up when no call can still arrive', () => {
    expect(afterUnheard(cancelled, 2, 0)).toEqual({ kind: 'wait' });
    expect(afterUnheard(cancelled, 6, 0)).toEqual({ kind: 'give-up', reason: 'order-cancelled' });
  });
});

describe('the pause after an attempt', () => {
  it('doubles up to ten minutes, and at most half of it is by lot', () => {
    expect([1, 2, 3, 30].map((attempt) => stepDelayMs(attempt, () => 1))).toEqual([
      4_000, 8_000, 16_000, 600_000,
    ]);
    expect(stepDelayMs(1, () => 0)).toBe(2_000);
  });

  it('before giving up is longer than any call that may still arrive', () => {
    expect(stepDelayMs(5, () => 0)).toBeGreaterThanOrEqual(32_000);
  });
});
