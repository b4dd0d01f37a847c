// The life of an order: placed, then confirmed or cancelled, never both. Owner: services/order.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { id } from './ids.ts';
import { exactTotalMinor, money } from './money.ts';
import { productId } from './products.ts';
import { userId } from './users.ts';

export const orderId = id;

/** One product of an order, at the price of the moment it was placed. */
export const orderLine = z.object({
  productId,
  quantity: z.int().min(1).max(99),
  unitPriceMinor: z.int().nonnegative(),
});
export type OrderLine = z.infer<typeof orderLine>;

/** Data of `order.placed`. All prices are in the currency of the total. */
export const orderPlacedData = z.object({
  orderId,
  userId,
  lines: z.array(orderLine).min(1).max(50),
  total: money,
});
export type OrderPlaced = z.infer<typeof orderPlacedData>;

/** Whether the total is the sum of the lines. An order with another total was not placed by the order service. */
export const isTotalOfLines = ({ lines, total }: Pick<OrderPlaced, 'lines' | 'total'>): boolean =>
  exactTotalMinor(lines) === total.amountMinor;

/** Data of `order.confirmed`: stock is set aside and the payment has succeeded. */
export const orderConfirmedData = z.object({
  orderId,
  userId,
  paymentId: id,
  total: money,
});
export type OrderConfirmed = z.infer<typeof orderConfirmedData>;

export const cancellationReason = z.enum(['stock-rejected', 'payment-failed', 'expired', 'by-customer']);
export type CancellationReason = z.infer<typeof cancellationReason>;

/** Data of `order.cancelled`: product gives the stock back, payment refunds the money. */
export const orderCancelledData = z.object({ orderId, userId, reason: cancellationReason, total: money });
export type OrderCancelled = z.infer<typeof orderCancelledData>;

export const ORDER_PLACED: EventContract<OrderPlaced> = {
  type: 'shop.order.placed.v1',
  schema: orderPlacedData,
};
export const ORDER_CONFIRMED: EventContract<OrderConfirmed> = {
  type: 'shop.order.confirmed.v1',
  schema: orderConfirmedData,
};
export const ORDER_CANCELLED: EventContract<OrderCancelled> = {
  type: 'shop.order.cancelled.v1',
  schema: orderCancelledData,
};
