// Commands about an order's payment in, events out; pure. Guarantee: an order is charged at most once, and money that came for an
// order which is no longer wanted goes back. What may follow what stands in TRANSITIONS, and nothing else can happen. Refunds are sums:
// what has gone back is what the provider says has gone back, no matter who gave it, and never more than was charged.
import { isSameMoney, type Money } from '#contracts/money.ts';
import type { PaymentFailed } from '#contracts/payments.ts';
import type { CommandHandler } from '#runtime/decisions.ts';

/**
 * What may follow each status. A failed payment has one way on: money that arrives after we gave up must go back. `refunded`: all of
 * it went back; it may come back once more, when the customer's bank sends a refund back.
 */
export const TRANSITIONS = {
  requested: ['charging', 'failed'],
  charging: ['succeeded', 'failed'],
  succeeded: ['refunding', 'refunded'],
  refunding: ['succeeded', 'refunded'],
  refunded: ['succeeded', 'refunding'],
  failed: ['refunding'],
} as const satisfies Record<string, readonly string[]>;

export type Status = keyof typeof TRANSITIONS;
export type FailureReason = PaymentFailed['reason'];

/** A refund that an admin wants. */
export interface Refund {
  /** Of the wish: the same wish again is the same refund. */
  readonly refundId: string;
  /** In the payment's currency; undefined: all that is left when the provider is asked. */
  readonly amountMinor?: number | undefined;
  /** `refused`: the provider has less left than that. */
  readonly state: 'open' | 'done' | 'refused';
}

/** The one payment of an order. */
export interface Payment {
  readonly paymentId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: Money;
  readonly status: Status;
  readonly requestedAtMs: number;
  /** The provider's token; kept until the charge is settled, and never shown or logged. */
  readonly paymentMethod?: string | undefined;
  /** The provider's name for the charge, once it has sent it. */
  readonly providerRef?: string | undefined;
  readonly failureReason?: FailureReason | undefined;
  /** What has gone back in all, by our refunds and by those that were made at the provider's own console. */
  readonly refundedMinor: number;
  /** How often that sum has changed: it numbers the bookings and the events. */
  readonly refundCount: number;
  /** In the order in which they were asked for. */
  readonly refunds: readonly Refund[];
}

/** What we know about an order: its cancellation may come before anybody asked for money. */
export interface OrderMoney {
  readonly isOrderCancelled: boolean;
  readonly payment?: Payment | undefined;
}

/** What the provider says about a charge. `pending`: it will answer later. */
export type ChargeAnswer =
  | { readonly kind: 'succeeded'; readonly providerRef: string }
  | { readonly kind: 'failed'; readonly reason: FailureReason }
  | { readonly kind: 'pending'; readonly providerRef?: string | undefined };

/** What came of asking the provider for a refund, and what has gone back in all by now. */
export interface RefundAnswer {
  /** `pending`: on its way, ask again later. `refused`: more than is left. */
  readonly outcome: 'done' | 'pending' | 'refused';
  readonly refundedMinor: number;
}

export type PaymentRequest = Omit<
  Payment,
  'status' | 'providerRef' | 'failureReason' | 'refundedMinor' | 'refundCount' | 'refunds'
>;

export type Command =
  | { readonly kind: 'request'; readonly request: PaymentRequest }
  | { readonly kind: 'note-cancellation'; readonly userId: string; readonly total: Money }
  | { readonly kind: 'begin-charge' }
  | { readonly kind: 'accept-answer'; readonly answer: ChargeAnswer }
  | ({ readonly kind: 'begin-refund' } & Pick<Refund, 'refundId' | 'amountMinor'>)
  | ({
      readonly kind: 'accept-refund';
      readonly refundId: string;
      readonly knownMinor: number;
    } & RefundAnswer)
  | {
      readonly kind: 'accept-sum';
      readonly refundedMinor: number;
      /** What was booked when we asked. Without it the sum is old news: it may raise ours, and never lower it. */
      readonly knownMinor?: number | undefined;
    };

export type PaymentEvent =
  | { readonly kind: 'requested'; readonly request: PaymentRequest }
  | { readonly kind: 'order-cancelled' }
  | { readonly kind: 'charge-begun' }
  | { readonly kind: 'charge-named'; readonly providerRef: string }
  | { readonly kind: 'charged'; readonly providerRef: string }
  | { readonly kind: 'charged-late'; readonly providerRef: string; readonly refund: Refund }
  | { readonly kind: 'charge-failed'; readonly failureReason: FailureReason }
  | { readonly kind: 'refund-asked'; readonly refund: Refund }
  | { readonly kind: 'refund-closed'; readonly refundId: string; readonly state: 'done' | 'refused' }
  /** `amountMinor` more has gone back; `refund-failed`: so much came back to us. */
  | { readonly kind: 'refunded' | 'refund-failed'; readonly amountMinor: number };

type Opening = { readonly kind: 'order-cancelled' | 'requested' };

/** `ignored`: a repeat, or an answer that no longer matters. `impossible`: a person must look at it. */
export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly PaymentEvent[] }
  | { readonly kind: 'ignored' | 'refused' | 'impossible'; readonly why: string };

/** What a command means in this state. */
export function decide(command: Command, state: OrderMoney): Decision {
  if (command.kind === 'request') return decideRequest(command.request, state);
  if (command.kind === 'note-cancellation') return decideCancellation(command, state);
  if (!state.payment) return impossible('payment-unknown');
  const { status } = state.payment;
  switch (command.kind) {
    case 'begin-charge':
      return status === 'requested' ? happened({ kind: 'charge-begun' }) : ignored('charge-already-begun');
    case 'accept-answer':
      return decideAnswer(command.answer, state.payment, state.isOrderCancelled);
    case 'begin-refund':
      return decideRefundWish(command, state.payment);
    case 'accept-refund':
      return decideRefundAnswer(command, state.payment, state.isOrderCancelled);
    case 'accept-sum':
      return decideSum(command, state.payment, state.isOrderCancelled);
  }
}

/** The state after a event. @throws Error on a transition that is not declared: then decide is wrong. */
export function evolve(state: OrderMoney, event: PaymentEvent): OrderMoney {
  if (event.kind === 'order-cancelled') return { ...state, isOrderCancelled: true };
  if (event.kind === 'requested') return { ...state, payment: { ...event.request, ...NEW } };
  if (!state.payment) throw new Error(`${event.kind} without a payment`);
  return { ...state, payment: advance(state.payment, event) };
}

const NEW = { status: 'requested', refundedMinor: 0, refundCount: 0, refunds: [] } as const;

/** Where each event may happen; what follows of it stands in TRANSITIONS. */
const HAPPENS_TO: Readonly<Record<Exclude<PaymentEvent, Opening>['kind'], readonly Status[]>> = {
  'charge-begun': ['requested'],
  'charge-named': ['charging'],
  charged: ['charging'],
  'charged-late': ['failed'],
  'charge-failed': ['requested', 'charging'],
  'refund-asked': ['succeeded', 'refunding', 'refunded'],
  'refund-closed': ['refunding'],
  refunded: ['succeeded', 'refunding', 'refunded'],
  'refund-failed': ['succeeded', 'refunding', 'refunded'],
};

function advance(payment: Payment, event: Exclude<PaymentEvent, Opening>): Payment {
  const changed = { ...payment, ...changesBy(event, payment) };
  const status = statusAfter(event, changed);
  const allowed: readonly Status[] = TRANSITIONS[payment.status];
  const isAllowed = status === payment.status || allowed.includes(status);
  if (!isAllowed || !HAPPENS_TO[event.kind].includes(payment.status))
    throw new Error(`${event.kind} cannot happen to a ${payment.status} payment`);
  // Once the charge is settled the token is not needed again.
  const paymentMethod = status === 'charging' ? payment.paymentMethod : undefined;
  return { ...changed, status, paymentMethod };
}

function changesBy(event: Exclude<PaymentEvent, Opening>, payment: Payment): Partial<Payment> {
  const { refunds, refundedMinor, refundCount } = payment;
  switch (event.kind) {
    case 'charged':
    case 'charge-named':
      return { providerRef: event.providerRef };
    case 'charged-late':
      return { providerRef: event.providerRef, refunds: [...refunds, event.refund] };
    case 'charge-failed':
      return { failureReason: event.failureReason };
    case 'refund-asked':
      return { refunds: [...refunds, event.refund] };
    case 'refund-closed':
      return {
        refunds: refunds.map((one) =>
          one.refundId === event.refundId ? { ...one, state: event.state } : one,
        ),
      };
    case 'refunded':
      return { refundedMinor: refundedMinor + event.amountMinor, refundCount: refundCount + 1 };
    case 'refund-failed':
      return { refundedMinor: refundedMinor - event.amountMinor, refundCount: refundCount + 1 };
    default:
      return {};
  }
}

function statusAfter(event: PaymentEvent, payment: Payment): Status {
  switch (event.kind) {
    case 'charge-begun':
    case 'charge-named':
      return 'charging';
    case 'charge-failed':
      return 'failed';
    default:
      if (payment.refunds.some(({ state }) => state === 'open')) return 'refunding';
      return isAllBack(payment) ? 'refunded' : 'succeeded';
  }
}

/** An order's money and the version of its payment, 0 where there is none. */
export type Found = OrderMoney & { readonly version: number };

/** Keeps payments, ledger and events together: each command is one transaction, and commands of one order come one by one. */
export interface PaymentStore extends Pick<CommandHandler<OrderMoney, Command, Decision>, 'handle'> {
  find(orderId: string): Promise<Found>;
  /** The order of a charge by the provider's own name for it; undefined when it is none of ours. */
  orderOf(providerRef: string): Promise<string | undefined>;
}

/** Does what is due for an order's payment, in its own time. */
export interface Collector {
  /** Starts as soon as there is room; what fails is tried again later. */
  collect(orderId: string): Promise<void>;
  /** Asks the provider what has gone back in all, and books it. When it is away that is left to the next step: no error. */
  refreshRefunds(orderId: string): Promise<void>;
  /** False for an amount that the provider cannot move exactly. */
  accepts(amount: Money): boolean;
}

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

const happened = (...events: PaymentEvent[]): Decision => ({ kind: 'happened', events });
const ignored = (why: string): Decision => ({ kind: 'ignored', why });
const refused = (why: string): Decision => ({ kind: 'refused', why });
const impossible = (why: string): Decision => ({ kind: 'impossible', why });
const CANCELLED: PaymentEvent = { kind: 'charge-failed', failureReason: 'order-cancelled' };

/** One payment an order, however often it is asked for. */
function decideRequest(request: PaymentRequest, { payment, isOrderCancelled }: OrderMoney): Decision {
  if (!payment) return happened({ kind: 'requested', request }, ...(isOrderCancelled ? [CANCELLED] : []));
  const isSame = isSameMoney(payment.amount, request.amount) && payment.userId === request.userId;
  return isSame ? ignored('already-requested') : impossible('request-contradicts-earlier-one');
}

/** The money of a cancelled order is refunded. A cancellation that contradicts the payment is refused. */
function decideCancellation(
  { userId, total }: CommandOf<'note-cancellation'>,
  { payment, isOrderCancelled }: OrderMoney,
): Decision {
  const isOther = payment && (payment.userId !== userId || !isSameMoney(payment.amount, total));
  if (isOther) return impossible('cancellation-contradicts-payment');
  if (isOrderCancelled) return ignored('already-cancelled');
  const noted: PaymentEvent = { kind: 'order-cancelled' };
  switch (payment?.status) {
    // `charging` is committed before the provider is called, so `requested` was certainly never charged.
    case 'requested':
      return happened(noted, CANCELLED);
    case 'succeeded':
    case 'refunding':
      return happened(noted, ...askForRest(payment));
    default:
      return happened(noted);
  }
}

/** What the provider says counts once; what comes too late goes back. */
function decideAnswer(answer: ChargeAnswer, payment: Payment, isOrderCancelled: boolean): Decision {
  const { status, providerRef } = payment;
  if (status === 'requested') return refused('answer-without-charge');
  if (answer.kind === 'succeeded') {
    const charged = { providerRef: answer.providerRef };
    if (status === 'charging') {
      return happened({ kind: 'charged', ...charged }, ...(isOrderCancelled ? askForRest(payment) : []));
    }
    if (status === 'failed') return happened({ kind: 'charged-late', ...charged, refund: restOf(payment) });
    return providerRef === answer.providerRef ? ignored('already-charged') : impossible('charged-twice');
  }
  if (status !== 'charging') return ignored('already-answered');
  if (answer.kind === 'failed') return happened({ kind: 'charge-failed', failureReason: answer.reason });
  return answer.providerRef && answer.providerRef !== providerRef
    ? happened({ kind: 'charge-named', providerRef: answer.providerRef })
    : ignored('still-pending');
}

/** Whether nothing is left to give back. Of a payment over nothing, once a refund was asked for. */
const isAllBack = ({ amount, refundedMinor, refunds }: Payment): boolean =>
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

function askForRest(payment: Payment): PaymentEvent[] {
  const isComing = payment.refunds.some((one) => isOpen(one) && isOfRest(one));
  return isComing || isAllBack(payment) ? [] : [{ kind: 'refund-asked', refund: restOf(payment) }];
}

/** Exactly what is wished for, or nothing: an amount above what is left is refused. */
function decideRefundWish(wish: CommandOf<'begin-refund'>, payment: Payment): Decision {
  const { refundId, amountMinor } = wish;
  if (!isCharged(payment)) return refused('payment-not-refundable');
  if (payment.refunds.some((one) => one.refundId === refundId)) return ignored('refund-already-asked');
  if (amountMinor === undefined && askForRest(payment).length === 0) return ignored('refund-already-begun');
  if (amountMinor !== undefined && !(amountMinor >= 1 && amountMinor <= leftMinor(payment)))
    return refused('refund-too-large');
  return happened({ kind: 'refund-asked', refund: { refundId, amountMinor, state: 'open' } });
}

/** The sum is the provider's, so that what others gave back meanwhile is booked with it. */
function decideRefundAnswer(
  answer: CommandOf<'accept-refund'>,
  payment: Payment,
  isOrderCancelled: boolean,
): Decision {
  const sum = decideSum(answer, payment, isOrderCancelled);
  const { refundId, outcome } = answer;
  const isAwaited = payment.refunds.some((one) => one.refundId === refundId && isOpen(one));
  if (sum.kind === 'refused' || sum.kind === 'impossible' || outcome === 'pending' || !isAwaited) return sum;
  const booked = sum.kind === 'happened' ? sum.events : [];
  return happened(...booked, { kind: 'refund-closed', refundId, state: outcome });
}

/** A sum that is above ours is news. One below it is true only where nothing was booked since we asked: a refund has failed. */
function decideSum(
  { refundedMinor, knownMinor }: Omit<CommandOf<'accept-sum'>, 'kind'>,
  payment: Payment,
  isOrderCancelled: boolean,
): Decision {
  const before = payment.refundedMinor;
  if (!isCharged(payment))
    return refundedMinor === 0 ? ignored('nothing-refunded') : refused('refund-without-charge');
  if (refundedMinor > payment.amount.amountMinor) return impossible('refund-exceeds-charge');
  if (refundedMinor > before) return happened({ kind: 'refunded', amountMinor: refundedMinor - before });
  if (refundedMinor === before) return ignored('already-refunded');
  if (knownMinor !== before) return ignored('sum-overtaken');
  const failed: PaymentEvent = { kind: 'refund-failed', amountMinor: before - refundedMinor };
  // A cancelled order keeps no money: what came back goes again.
  const again = isOrderCancelled ? askForRest({ ...payment, refundedMinor }) : [];
  return happened(failed, ...again);
}
