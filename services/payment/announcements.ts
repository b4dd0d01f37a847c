// Events of payments in, events of the outbox out. Ids come from the payment, so that a repeated cause repeats them.
import { paymentService } from '#contracts/shop-processes.ts';
import { paymentFailed, paymentRefunded, paymentSucceeded } from '#contracts/shop-topics.ts';
import { publishEvent } from '#runtime/outbox/outbox.ts';
import type { EventWriter } from './store.ts';

/** Announces how a payment ended, to the topics keyed by its order. A late charge is announced by its refund alone. */
export const announceEvent: EventWriter = async (client, payment, event) => {
  const { paymentId, orderId, userId, amount, refundCount } = payment;
  const message = <Data>(kind: string, data: Data) => ({ key: orderId, id: `${paymentId}/${kind}`, data });
  switch (event.kind) {
    case 'charged': {
      const data = { paymentId, orderId, userId, amount };
      return publishEvent(paymentSucceeded, client, paymentService, message('succeeded', data));
    }
    case 'charge-failed': {
      const data = { paymentId, orderId, userId, reason: event.failureReason };
      return publishEvent(paymentFailed, client, paymentService, message('failed', data));
    }
    case 'refunded': {
      const part = { amountMinor: event.amountMinor, currency: amount.currency };
      const data = { paymentId, orderId, userId, amount: part };
      return publishEvent(paymentRefunded, client, paymentService, message(`refunded/${refundCount}`, data));
    }
    default:
      return;
  }
};
