// The decisions about one payment: requests, cancellations and the provider's answers; pure. `domain.ts` says what the words mean.
import type { ChargeAnswer, Decision, Fact, OrderMoney, Payment, PaymentRequest } from './domain.ts';

/** The command is taken, and this came of it. */
export const accepted = (...facts: Fact[]): Decision => ({ kind: 'accepted', facts });
export const ignored = (because: string): Decision => ({ kind: 'ignored', because });
export const refused = (because: string): Decision => ({ kind: 'refused', because });
const CANCELLED: Fact = { kind: 'charge-failed', failureReason: 'order-cancelled' };

/** One payment an order, however often it is asked for. */
export function decideRequest(request: PaymentRequest, { payment, isOrderCancelled }: OrderMoney): Decision {
  if (!payment) return accepted({ kind: 'requested', request }, ...(isOrderCancelled ? [CANCELLED] : []));
  const isSame =
    payment.amount.amountMinor === request.amount.amountMinor &&
    payment.amount.currency === request.amount.currency &&
    payment.userId === request.userId;
  return isSame ? ignored('already-requested') : refused('request-contradicts-earlier-one');
}

/** A cancelled order keeps no money. */
export function decideCancellation({ payment, isOrderCancelled }: OrderMoney): Decision {
  if (isOrderCancelled) return ignored('already-cancelled');
  const noted: Fact = { kind: 'order-cancelled' };
  switch (payment?.status) {
    // `charging` is committed before the provider is called, so `requested` was certainly never charged.
    case 'requested':
      return accepted(noted, CANCELLED);
    case 'succeeded':
      return accepted(noted, { kind: 'refund-begun' });
    default:
      return accepted(noted);
  }
}

/** What the provider says counts once; what comes too late goes back. */
export function decideAnswer(answer: ChargeAnswer, payment: Payment, isOrderCancelled: boolean): Decision {
  const { status, providerRef } = payment;
  if (status === 'requested') return refused('answer-without-charge');
  if (answer.kind === 'succeeded') {
    const charged = { providerRef: answer.providerRef };
    if (status === 'charging') {
      return accepted(
        { kind: 'charged', ...charged },
        ...(isOrderCancelled ? [{ kind: 'refund-begun' } as const] : []),
      );
    }
    if (status === 'failed') return accepted({ kind: 'charged-late', ...charged });
    return providerRef === answer.providerRef ? ignored('already-charged') : refused('charged-twice');
  }
  if (status !== 'charging') return ignored('already-answered');
  if (answer.kind === 'failed') return accepted({ kind: 'charge-failed', failureReason: answer.reason });
  return answer.providerRef && answer.providerRef !== providerRef
    ? accepted({ kind: 'charge-named', providerRef: answer.providerRef })
    : ignored('still-pending');
}
