// What people did in the shop, one document per event in Firestore, and what the days earned. Ids and amounts only: no
// name, no address, no card. Owner: analytics.
import { z } from 'zod';
import { currency } from './money.ts';
import { orderId } from './orders.ts';
import { userId } from './users.ts';

/** Firestore collection: what people did in the shop, one document per event. */
export const USER_ACTIVITY_COLLECTION = 'user_activity';

export const activityKind = z.enum([
  'user-registered',
  'order-placed',
  'order-confirmed',
  'order-cancelled',
  'payment-succeeded',
  'payment-failed',
  'payment-refunded',
]);
export type ActivityKind = z.infer<typeof activityKind>;

/**
 * A document of `user_activity`. Its id is the SHA-256 (base64url) of the JSON list `[kind, ce_source, ce_id]`: the same for
 * each delivery of an event, and never rising, so that writes spread over the collection's range (Firestore, "Best
 * practices", hotspots).
 */
export const userActivity = z.object({
  userId,
  kind: activityKind,
  /** The event's own time, RFC 3339 UTC with milliseconds, so that the order of texts is that of times. */
  occurredAt: z.iso.datetime(),
  orderId: orderId.optional(),
  /** Of the order's total or of the payment; present together with `currency` only. */
  amountMinor: z.int().nonnegative().optional(),
  currency: currency.optional(),
});
export type UserActivity = z.infer<typeof userActivity>;
