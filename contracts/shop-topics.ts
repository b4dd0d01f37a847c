// The topics of the shop, by the service that writes them. Each is keyed so that what must stay in order does.
import { NOTIFICATION_SENT } from './notifications.ts';
import { ORDER_CANCELLED, ORDER_CONFIRMED, ORDER_PLACED } from './orders.ts';
import { PAYMENT_FAILED, PAYMENT_REFUNDED, PAYMENT_REQUESTED, PAYMENT_SUCCEEDED } from './payments.ts';
import { PRODUCT_CHANGED, STOCK_REJECTED, STOCK_RESERVED } from './products.ts';
import { consumedTopic, type Topic, unconsumedTopic } from './topic.ts';
import { USER_CHALLENGE_ISSUED, USER_REGISTERED } from './users.ts';

// user
export const userRegistered = consumedTopic('user.registered', 'userId', USER_REGISTERED);
export const userChallengeIssued = consumedTopic('user.challenge-issued', 'userId', USER_CHALLENGE_ISSUED);

// product
export const productChanged = consumedTopic('product.changed', 'productId', PRODUCT_CHANGED);
export const stockReserved = consumedTopic('stock.reserved', 'orderId', STOCK_RESERVED);
export const stockRejected = consumedTopic('stock.rejected', 'orderId', STOCK_REJECTED);

// order
export const orderPlaced = consumedTopic('order.placed', 'orderId', ORDER_PLACED);
export const orderConfirmed = consumedTopic('order.confirmed', 'orderId', ORDER_CONFIRMED);
export const orderCancelled = consumedTopic('order.cancelled', 'orderId', ORDER_CANCELLED);
export const paymentRequested = consumedTopic('payment.requested', 'orderId', PAYMENT_REQUESTED);

// payment
export const paymentSucceeded = consumedTopic('payment.succeeded', 'orderId', PAYMENT_SUCCEEDED);
export const paymentFailed = consumedTopic('payment.failed', 'orderId', PAYMENT_FAILED);
export const paymentRefunded = consumedTopic('payment.refunded', 'orderId', PAYMENT_REFUNDED);

// notification
export const notificationSent = unconsumedTopic('notification.sent', 'userId', NOTIFICATION_SENT);

/** All of them, in a fixed order. */
export const SHOP_TOPICS: readonly Topic<unknown>[] = [
  userRegistered,
  userChallengeIssued,
  productChanged,
  stockReserved,
  stockRejected,
  orderPlaced,
  orderConfirmed,
  orderCancelled,
  paymentRequested,
  paymentSucceeded,
  paymentFailed,
  paymentRefunded,
  notificationSent,
];
