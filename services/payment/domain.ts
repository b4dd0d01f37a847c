// Commands about an order's payment in, facts out; pure. Guarantee: an order is charged at most once, and money that came for an
// order which is no longer wanted goes back. What may follow what stands in TRANSITIONS, and nothing else can happen.
import type { Money } from '#contracts/money.ts';
import type { PaymentFailed } from '#contracts/payments.ts';
import { accepted, decideAnswer, decideCancellation, decideRequest, ignored, refused } from './plan.ts';

/** What may follow each status. A failed payment has one way on: money that arrives after we gave up must go back. */
export const TRANSITIONS = {
  requested: ['charging', 'failed'],
  charging: ['succeeded', 'failed'],
  succeeded: ['refunding'],
  refunding: ['refunded'],
  refunded: [],
  failed: ['refunding'],
} as const satisfies Record<string, readonly string[]>;

export type Status = keyof typeof TRANSITIONS;
export type FailureReason = PaymentFailed['reason'];

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
  /** The provider's name for the charge, once it has told us. */
  readonly providerRef?: string | undefined;
  readonly failureReason?: FailureReason | undefined;
}

/** What we know about an order: its cancellation may come before anybody asked for money. */
export interface OrderMoney {
  readonly isOrderCancelled: boolean;
  readonly payment?: Payment | undefined;
}

/** What the provider says about a charge. `pending`: it will tell later. */
export type ChargeAnswer =
  | { readonly kind: 'succeeded'; readonly providerRef: string }
  | { readonly kind: 'failed'; readonly reason: FailureReason }
  | { readonly kind: 'pending'; readonly providerRef?: string | undefined };

export type PaymentRequest = Omit<Payment, 'status' | 'providerRef' | 'failureReason'>;

export type Command =
  | { readonly kind: 'request'; readonly request: PaymentRequest }
  | { readonly kind: 'note-cancellation' }
  | { readonly kind: 'begin-charge' }
  | { readonly kind: 'accept-answer'; readonly answer: ChargeAnswer }
  | { readonly kind: 'begin-refund' }
  | { readonly kind: 'accept-refund' };

export type Fact =
  | { readonly kind: 'requested'; readonly request: PaymentRequest }
  | { readonly kind: 'order-cancelled' }
  | { readonly kind: 'charge-begun' }
  | { readonly kind: 'charge-named'; readonly providerRef: string }
  | { readonly kind: 'charged'; readonly providerRef: string }
  | { readonly kind: 'charged-late'; readonly providerRef: string }
  | { readonly kind: 'charge-failed'; readonly failureReason: FailureReason }
  | { readonly kind: 'refund-begun' }
  | { readonly kind: 'refunded' };

type Opening = { readonly kind: 'order-cancelled' | 'requested' };

/** `ignored`: a repeat, or an answer that no longer matters. `refused`: what can never be, so somebody must look. */
export type Decision =
  | { readonly kind: 'accepted'; readonly facts: readonly Fact[] }
  | { readonly kind: 'ignored'; readonly because: string }
  | { readonly kind: 'refused'; readonly because: string };

/** What a command means in this state. */
export function decide(command: Command, state: OrderMoney): Decision {
  if (command.kind === 'request') return decideRequest(command.request, state);
  if (command.kind === 'note-cancellation') return decideCancellation(state);
  if (!state.payment) return refused('payment-unknown');
  const { status } = state.payment;
  switch (command.kind) {
    case 'begin-charge':
      return status === 'requested' ? accepted({ kind: 'charge-begun' }) : ignored('charge-already-begun');
    case 'accept-answer':
      return decideAnswer(command.answer, state.payment, state.isOrderCancelled);
    case 'begin-refund':
      if (status === 'succeeded') return accepted({ kind: 'refund-begun' });
      return status === 'refunding' || status === 'refunded'
        ? ignored('refund-already-begun')
        : refused('payment-not-refundable');
    case 'accept-refund':
      if (status === 'refunding') return accepted({ kind: 'refunded' });
      // Given back by hand, at the provider's own console.
      if (status === 'succeeded') return accepted({ kind: 'refund-begun' }, { kind: 'refunded' });
      return status === 'refunded' ? ignored('already-refunded') : refused('refund-without-charge');
  }
}

/** The state after a fact. @throws Error on a transition that is not declared: then decide is wrong. */
export function evolve(state: OrderMoney, fact: Fact): OrderMoney {
  if (fact.kind === 'order-cancelled') return { ...state, isOrderCancelled: true };
  if (fact.kind === 'requested') return { ...state, payment: { ...fact.request, status: 'requested' } };
  if (!state.payment) throw new Error(`${fact.kind} without a payment`);
  return { ...state, payment: advance(state.payment, fact) };
}

const STATUS_AFTER = {
  'charge-begun': 'charging',
  charged: 'succeeded',
  'charged-late': 'refunding',
  'charge-failed': 'failed',
  'refund-begun': 'refunding',
  refunded: 'refunded',
} as const satisfies Record<string, Status>;

function advance(payment: Payment, { kind, ...told }: Exclude<Fact, Opening>): Payment {
  if (kind === 'charge-named') return { ...payment, ...told };
  const status = STATUS_AFTER[kind];
  const allowed: readonly Status[] = TRANSITIONS[payment.status];
  if (!allowed.includes(status)) throw new Error(`a ${payment.status} payment cannot become ${status}`);
  // Once the charge is settled nobody needs the token again.
  const paymentMethod = status === 'charging' ? payment.paymentMethod : undefined;
  return { ...payment, ...told, status, paymentMethod };
}

/** The event that brought a command: it counts once. */
export interface Cause {
  readonly group: string;
  readonly eventId: string;
  readonly traceparent?: string | undefined;
}

/** An order's money and the version of its payment, 0 where there is none. */
export type Found = OrderMoney & { readonly version: number };

/** Keeps payments, ledger and events together: each command is one transaction, and commands of one order come one by one. */
export interface PaymentStore {
  /** What came of the command; no facts where it was ignored. @throws AppError with the code of a refused one */
  execute(orderId: string, command: Command, cause?: Cause): Promise<readonly Fact[]>;
  find(orderId: string): Promise<Found>;
}

/** Whoever does what is due for an order's payment, in its own time. */
export interface Collector {
  /** Starts as soon as there is room; what fails is tried again later. */
  collect(orderId: string): Promise<void>;
}
