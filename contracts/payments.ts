// Money asked for, taken, refused and given back. Card data is nowhere in it: it never touches us. Owners: services/order
// asks, services/payment answers.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { id } from './ids.ts';
import { money } from './money.ts';
import { orderId } from './orders.ts';
import { userId } from './users.ts';

/** An order has one payment, whose id is made of the order's: `derivedId('pay', orderId)` (`runtime/derived-id.ts`). */
export const paymentId = id;

/** Data of `payment.requested`: one payment an order, however often it is asked for. */
export const paymentRequestedData = z.object({
  orderId,
  userId,
  amount: money,
  /** The provider's token of a means of payment, as the storefront got it: useless to anybody but the provider's account. */
  paymentMethod: z.string().min(1).max(128),
});
export type PaymentRequested = z.infer<typeof paymentRequestedData>;

/** Data of `payment.succeeded`: the provider has the money. */
export const paymentSucceededData = z.object({ paymentId, orderId, userId, amount: money });
export type PaymentSucceeded = z.infer<typeof paymentSucceededData>;

/** Data of `payment.failed`: it is final for this order. */
export const paymentFailedData = z.object({
  paymentId,
  orderId,
  userId,
  reason: z.enum([
    'declined',
    'insufficient-funds',
    'invalid-method',
    'provider-unavailable',
    'order-cancelled',
  ]),
});
export type PaymentFailed = z.infer<typeof paymentFailedData>;

/** Data of `payment.refunded`: `amount` went back, a part or all; those of one payment add up to what was paid at most. */
export const paymentRefundedData = z.object({ paymentId, orderId, userId, amount: money });
export type PaymentRefunded = z.infer<typeof paymentRefundedData>;

export const PAYMENT_REQUESTED: EventContract<PaymentRequested> = {
  type: 'shop.payment.requested.v1',
  schema: paymentRequestedData,
};
export const PAYMENT_SUCCEEDED: EventContract<PaymentSucceeded> = {
  type: 'shop.payment.succeeded.v1',
  schema: paymentSucceededData,
};
export const PAYMENT_FAILED: EventContract<PaymentFailed> = {
  type: 'shop.payment.failed.v1',
  schema: paymentFailedData,
};
export const PAYMENT_REFUNDED: EventContract<PaymentRefunded> = {
  type: 'shop.payment.refunded.v1',
  schema: paymentRefundedData,
};
