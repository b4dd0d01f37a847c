import { beforeAll, describe, expect, it } from '@jest/globals';
import { isDoneWithin } from '#runtime/deadline.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { createPaymentStore } from './store.ts';
import { newOrder, openPaymentStage } from './test-payments.ts';

const stage = openForSpec(async () => openPaymentStage(await freshDatabase()));
let schedule: Schedule;

beforeAll(() => {
  schedule = createSchedule(stage.pool);
});

const CANCELLATION = {
  kind: 'note-cancellation',
  userId: 'user-1',
  total: { amountMinor: 1_250, currency: 'EUR' },
} as const;
const requestOf = (orderId: string) =>
  ({
    kind: 'request',
    request: {
      paymentId: `pay_${orderId}`,
      orderId,
      userId: 'user-1',
      amount: { amountMinor: 1_250, currency: 'EUR' },
      paymentMethod: 'pm_ok',
      requestedAtMs: Date.now(),
    },
  }) as const;
const storeWith = (write: () => Promise<void>) => createPaymentStore({ pool: stage.pool, writers: [write] });
const store = () => storeWith(async () => {});

describe('commands of one order', () => {
  it('wait for each other, although the order has no row yet', async () => {
    const orderId = newOrder();
    const entered = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const slow = storeWith(async () => {
      entered.resolve();
      await released.promise;
    });
    const requested = slow.handle(orderId, requestOf(orderId));
    await entered.promise;
    const cancelled = store().handle(orderId, CANCELLATION);
    // Long enough for a cancellation that does not wait to have passed the request by.
    await isDoneWithin(100, cancelled);
    released.resolve();
    await Promise.all([requested, cancelled]);
    expect(await store().find(orderId)).toMatchObject({
      isOrderCancelled: true,
      payment: { status: 'failed', failureReason: 'order-cancelled' },
    });
  });

  it('leave nothing when one of their writers fails, and may come again by the same event', async () => {
    const orderId = newOrder();
    const cause = { cause: { from: 'payment.requested', eventId: `${orderId}/payment-requested` } };
    const failing = storeWith(() => Promise.reject(new Error('no outbox')));
    await expect(failing.handle(orderId, requestOf(orderId), cause)).rejects.toThrow('no outbox');
    expect(await store().find(orderId)).toEqual({ isOrderCancelled: false, payment: undefined, version: 0 });
    const first = await store().handle(orderId, requestOf(orderId), cause);
    expect(first.decision).toMatchObject({ kind: 'happened', events: [{ kind: 'requested' }] });
    const again = await store().handle(orderId, requestOf(orderId), cause);
    expect(again.decision).toEqual({ kind: 'ignored', why: 'repeated' });
  });
});

describe('a step', () => {
  it('is one taker’s until the lease ends, and counts its attempts', async () => {
    const orderId = newOrder();
    await store().handle(orderId, requestOf(orderId));
    const taken = await Promise.all([1, 2, 3].map(() => schedule.take(orderId, 60_000)));
    expect(taken.filter((attempt) => attempt !== undefined)).toEqual([1]);
    expect(await schedule.due(100)).not.toContain(orderId);
    await stage.letPausesEnd();
    expect(await schedule.due(100)).toContain(orderId);
    expect(await schedule.take(orderId, 60_000)).toBe(2);
  });

  it('keeps its lease and its count when the charge begins', async () => {
    const orderId = newOrder();
    await store().handle(orderId, requestOf(orderId));
    await schedule.take(orderId, 60_000);
    await store().handle(orderId, { kind: 'begin-charge' });
    expect(await schedule.take(orderId, 60_000)).toBeUndefined();
    await schedule.postpone(orderId, 1, 0);
    expect(await schedule.take(orderId, 60_000)).toBe(2);
  });

  it('of a refund is due at once, and counts from the first attempt', async () => {
    const orderId = newOrder();
    await store().handle(orderId, requestOf(orderId));
    await schedule.take(orderId, 60_000);
    await store().handle(orderId, { kind: 'begin-charge' });
    const answer = { kind: 'succeeded', providerRef: 'ref-1' } as const;
    await store().handle(orderId, { kind: 'accept-answer', answer });
    expect(await schedule.take(orderId, 60_000)).toBeUndefined();
    await store().handle(orderId, { kind: 'begin-refund', refundId: 'r-1' });
    expect(await schedule.take(orderId, 60_000)).toBe(1);
  });

  it('of a settled payment is none, also when postponed', async () => {
    const orderId = newOrder();
    await store().handle(orderId, CANCELLATION);
    await store().handle(orderId, requestOf(orderId));
    await schedule.postpone(orderId, 0, 0);
    expect(await schedule.take(orderId, 60_000)).toBeUndefined();
  });
});
