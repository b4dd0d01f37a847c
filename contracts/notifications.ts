// That a customer got a notification, without its text and address. Owner: services/notification.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { id } from './ids.ts';
import { userId } from './users.ts';

export const notificationTemplate = z.enum([
  'verify-email',
  'reset-password',
  'order-confirmed',
  'order-cancelled',
  'payment-refunded',
]);
export type NotificationTemplate = z.infer<typeof notificationTemplate>;

/** Data of `notification.sent`. */
export const notificationSentData = z.object({
  notificationId: id,
  userId,
  template: notificationTemplate,
  /** Id of the event that caused it. */
  causeId: z.string().min(1),
});
export type NotificationSent = z.infer<typeof notificationSentData>;

export const NOTIFICATION_SENT: EventContract<NotificationSent> = {
  type: 'shop.notification.sent.v1',
  schema: notificationSentData,
};
