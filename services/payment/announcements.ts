// Facts in, events of the outbox out. Ids come from the payment, so that a repeated cause repeats them.
import { encodeEvent } from '#contracts/envelope.ts';
import { PAYMENT_FAILED, PAYMENT_REFUNDED, PAYMENT_SUCCEEDED } from '#contracts/payments.ts';
import { paymentFailed, paymentRefunded, paymentSucceeded } from '#contracts/shop-topics.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import type { FactWriter } from './store.ts';

/** Announces how a payment ended, to the topics keyed by its order. A late charge is announced by its refund alone. */
export const announceFact =
  (schema: string): FactWriter =>
  async (client, payment, fact) => {
    const { paymentId, orderId, userId, amount } = payment;
    const envelope = (what: string) => ({
      id: `${paymentId}/${what}`,
      source: '/services/payment',
      time: new Date().toISOString(),
    });
    switch (fact.kind) {
      case 'charged': {
        const data = { paymentId, orderId, userId, amount };
        const record = encodeEvent(PAYMENT_SUCCEEDED, orderId, { ...envelope('succeeded'), data });
        return saveToOutbox(client, schema, paymentSucceeded, record);
      }
      case 'charge-failed': {
        const data = { paymentId, orderId, userId, reason: fact.failureReason };
        const record = encodeEvent(PAYMENT_FAILED, orderId, { ...envelope('failed'), data });
        return saveToOutbox(client, schema, paymentFailed, record);
      }
      case 'refunded': {
        const part = { amountMinor: fact.amountMinor, currency: amount.currency };
        const data = { paymentId, orderId, userId, amount: part };
        const record = encodeEvent(PAYMENT_REFUNDED, orderId, {
          ...envelope(`refunded/${payment.refundCount}`),
          data,
        });
        return saveToOutbox(client, schema, paymentRefunded, record);
      }
      default:
        return;
    }
  };
