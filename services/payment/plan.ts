// The decisions about one payment: requests, cancellations, refunds and the provider's answers; pure. `domain.ts` says what the words mean.
import { isSameMoney } from '#contracts/money.ts';
import type {
  ChargeAnswer,
  Command,
  Decision,
  Fact,
  OrderMoney,
  Payment,
  PaymentRequest,
  Refund,
} from './domain.ts';

type Told<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** The command is taken, and this came of it. */
export const accepted = (...facts: Fact[]): Decision => ({ kind: 'accepted', facts });
export const ignored = (because: string): Decision => ({ kind: 'ignored', because });
export const refused = (because: string): Decision => ({ kind: 'refused', because });
const CANCELLED: Fact = { kind: 'charge-failed', failureReason: 'order-cancelled' };

/** One payment an order, however often it is asked for. */
export function decideRequest(request: PaymentRequest, { payment, isOrderCancelled }: OrderMoney): Decision {
  if (!payment) return accepted({ kind: 'requested', request }, ...(isOrderCancelled ? [CANCELLED] : []));
  const isSame = isSameMoney(payment.amount, request.amount) && payment.userId === request.userId;
  return isSame ? ignored('already-requested') : refused('request-contradicts-earlier-one');
}

/** A cancelled order keeps no money. A cancellation of another order than the one that was paid for is none. */
export function decideCancellation(
  { userId, total }: Told<'note-cancellation'>,
  { payment, isOrderCancelled }: OrderMoney,
): Decision {
  const isOther = payment && (payment.userId !== userId || !isSameMoney(payment.amount, total));
  if (isOther) return refused('cancellation-contradicts-payment');
  if (isOrderCancelled) return ignored('already-cancelled');
  const noted: Fact = { kind: 'order-cancelled' };
  switch (payment?.status) {
    // `charging` is committed before the provider is called, so `requested` was certainly never charged.
    case 'requested':
      return accepted(noted, CANCELLED);
    case 'succeeded':
    case 'refunding':
      return accepted(noted, ...askForRest(payment));
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
      return accepted({ kind: 'charged', ...charged }, ...(isOrderCancelled ? askForRest(payment) : []));
    }
    if (status === 'failed') return accepted({ kind: 'charged-late', ...charged, refund: restOf(payment) });
    return providerRef === answer.providerRef ? ignored('already-charged') : refused('charged-twice');
  }
  if (status !== 'charging') return ignored('already-answered');
  if (answer.kind === 'failed') return accepted({ kind: 'charge-failed', failureReason: answer.reason });
  return answer.providerRef && answer.providerRef !== providerRef
    ? accepted({ kind: 'charge-named', providerRef: answer.providerRef })
    : ignored('still-pending');
}

/** Whether nothing is left to give back. Of a payment over nothing that is so once a refund was asked for. */
export const isAllBack = ({ amount, refundedMinor, refunds }: Payment): boolean =>
  refundedMinor === amount.amountMinor &&
  (refundedMinor > 0 || refunds.some(({ state }) => state === 'done'));

const isCharged = ({ status }: Payment): boolean => ['succeeded', 'refunding', 'refunded'].includes(status);
const isOpen = ({ state }: Refund): boolean => state === 'open';
const isOfRest = ({ amountMinor }: Refund): boolean => amountMinor === undefined;

/** What can still be asked for: open refunds are as good as given. */
export function leftMinor({ amount, refundedMinor, refunds }: Payment): number {
  const open = refunds.filter(isOpen);
  if (open.some(isOfRest)) return 0;
  return Math.max(
    0,
    open.reduce((left, one) => left - one.amountMinor!, amount.amountMinor - refundedMinor),
  );
}

/** Numbered, so that it may be asked for again when the bank sends a refund back. */
const restOf = ({ paymentId, refunds }: Payment): Refund => ({
  refundId: `${paymentId}/rest/${refunds.length}`,
  state: 'open',
});

function askForRest(payment: Payment): Fact[] {
  const isComing = payment.refunds.some((one) => isOpen(one) && isOfRest(one));
  return isComing || isAllBack(payment) ? [] : [{ kind: 'refund-asked', refund: restOf(payment) }];
}

/** Exactly what is wished for, or nothing: an amount above what is left is refused. */
export function decideRefundWish(wish: Told<'begin-refund'>, payment: Payment): Decision {
  const { refundId, amountMinor } = wish;
  if (!isCharged(payment)) return refused('payment-not-refundable');
  if (payment.refunds.some((one) => one.refundId === refundId)) return ignored('refund-already-asked');
  if (amountMinor === undefined && askForRest(payment).length === 0) return ignored('refund-already-begun');
  if (amountMinor !== undefined && !(amountMinor >= 1 && amountMinor <= leftMinor(payment)))
    return refused('refund-too-large');
  return accepted({ kind: 'refund-asked', refund: { refundId, amountMinor, state: 'open' } });
}

/** The sum is the provider's, so that what others gave back meanwhile is booked with it. */
export function decideRefundAnswer(
  told: Told<'accept-refund'>,
  payment: Payment,
  isOrderCancelled: boolean,
): Decision {
  const sum = decideSum(told, payment, isOrderCancelled);
  const { refundId, outcome } = told;
  const isAwaited = payment.refunds.some((one) => one.refundId === refundId && isOpen(one));
  if (sum.kind === 'refused' || outcome === 'pending' || !isAwaited) return sum;
  const booked = sum.kind === 'accepted' ? sum.facts : [];
  return accepted(...booked, { kind: 'refund-closed', refundId, state: outcome });
}

/** A sum that is above ours is news. One below it is true only where nothing was booked since we asked: a refund has failed. */
export function decideSum(
  { refundedMinor, knownMinor }: Omit<Told<'accept-sum'>, 'kind'>,
  payment: Payment,
  isOrderCancelled: boolean,
): Decision {
  const before = payment.refundedMinor;
  if (!isCharged(payment))
    return refundedMinor === 0 ? ignored('nothing-refunded') : refused('refund-without-charge');
  if (refundedMinor > payment.amount.amountMinor) return refused('refund-exceeds-charge');
  if (refundedMinor > before) return accepted({ kind: 'refunded', amountMinor: refundedMinor - before });
  if (refundedMinor === before) return ignored('already-refunded');
  if (knownMinor !== before) return ignored('sum-overtaken');
  const failed: Fact = { kind: 'refund-failed', amountMinor: before - refundedMinor };
  // A cancelled order keeps no money: what came back goes again.
  const again = isOrderCancelled ? askForRest({ ...payment, refundedMinor }) : [];
  return accepted(failed, ...again);
}
