// The life of an order, and so the saga: placed, then reserved (its stock is set aside, its payment asked for), then
// confirmed or cancelled. A command and the order as it is in; an event, or why there is none, out. Pure.
import { isSameMoney, type Money } from '#contracts/money.ts';
import type {
  CancellationReason,
  OrderCancelled,
  OrderConfirmed,
  OrderLine,
  OrderPlaced,
} from '#contracts/orders.ts';
import type { PaymentFailed, PaymentRequested, PaymentSucceeded } from '#contracts/payments.ts';
import type { CommandHandler } from '#runtime/decisions.ts';
import {
  type CommandType,
  type EventType,
  type IgnoredWhy,
  type ImpossibleWhy,
  OUTCOMES,
  type Outcome,
  REASONS,
  type Stage,
} from './transitions.ts';

export type OrderStatus = Exclude<Stage, 'absent'>;
export const ORDER_STATUSES = [
  'placed',
  'reserved',
  'confirmed',
  'cancelled',
] as const satisfies OrderStatus[];

/** One step of an order's history; `at` is RFC 3339 in UTC. */
export interface Transition {
  readonly status: OrderStatus;
  readonly at: string;
  /** Of a cancellation. */
  readonly reason?: CancellationReason;
}

export interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  readonly status: OrderStatus;
  /** The transitions that it has seen, oldest first. */
  readonly history: readonly Transition[];
  /** The provider's token: there until the payment is asked for, and never after that. */
  readonly paymentMethod?: string;
  /** Of the payment that confirmed it. */
  readonly paymentId?: string;
}

interface AboutPayment {
  readonly paymentId: string;
  /** Whether the id is that of the order's one payment. */
  readonly isOfOrder: boolean;
}

/** What a caller wants, or what another service answered; `at` is our clock. */
export type Command = { readonly at: string } & (
  | ({ readonly type: 'place'; readonly paymentMethod: string } & OrderPlaced)
  | ({ readonly type: 'paymentSucceeded' } & AboutPayment & Pick<PaymentSucceeded, 'userId' | 'amount'>)
  | ({ readonly type: 'paymentFailed' } & AboutPayment & Pick<PaymentFailed, 'userId'>)
  | { readonly type: 'stockRejected'; readonly productId: string }
  | {
      readonly type: Exclude<CommandType, 'place' | 'paymentSucceeded' | 'paymentFailed' | 'stockRejected'>;
    }
);

/** What happened; the data is that of the contract by which it is published. */
export type OrderEvent = { readonly at: string } & (
  | { readonly type: 'placed'; readonly data: OrderPlaced; readonly paymentMethod: string }
  | { readonly type: 'paymentRequested'; readonly data: PaymentRequested }
  | { readonly type: 'confirmed'; readonly data: OrderConfirmed }
  | { readonly type: 'cancelled'; readonly data: OrderCancelled }
);

export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly [OrderEvent] }
  | { readonly kind: 'ignored'; readonly why: IgnoredWhy }
  | { readonly kind: 'impossible'; readonly why: ImpossibleWhy };

/** What follows from a command. Nothing is thrown for what others may do wrong, so that callers must look at each kind. */
export function decide(command: Command, order: Order | undefined): Decision {
  const outcome = (order && exceptionTo(command, order)) ?? OUTCOMES[order?.status ?? 'absent'][command.type];
  switch (outcome) {
    case 'placed':
    case 'paymentRequested':
    case 'confirmed':
    case 'cancelled':
      return { kind: 'happened', events: [eventOf(outcome, command, order)] };
    case 'duplicate':
    case 'late':
      return { kind: 'ignored', why: outcome };
    default:
      return { kind: 'impossible', why: outcome };
  }
}

/** What an answer says of the order that is false: then it is no answer to it, whatever the order's status. */
function falsehoodOf(command: Command, order: Order): ImpossibleWhy | undefined {
  if (command.type === 'stockRejected')
    return order.lines.some(({ productId }) => productId === command.productId) ? undefined : 'other-product';
  if (command.type !== 'paymentSucceeded' && command.type !== 'paymentFailed') return undefined;
  if (!command.isOfOrder) return 'other-payment';
  if (command.userId !== order.userId) return 'other-customer';
  const isOtherAmount = command.type === 'paymentSucceeded' && !isSameMoney(command.amount, order.total);
  return isOtherAmount ? 'other-amount' : undefined;
}

/** Pairs that turn on more than the order's status. */
function exceptionTo(command: Command, order: Order): Outcome | undefined {
  const falsehood = falsehoodOf(command, order);
  if (falsehood) return falsehood;
  const isPaid = command.type === 'paymentSucceeded';
  if (order.status === 'confirmed' && isPaid && command.paymentId !== order.paymentId)
    return 'second-payment';
  if (order.status !== 'cancelled') return undefined;
  const reason = order.history.at(-1)?.reason;
  if (reason !== undefined && reason === REASONS[command.type]) return 'duplicate';
  // The product service answers once for each order, and no payment is asked for before the stock is reserved.
  if (reason === 'stock-rejected' && (isPaid || command.type === 'stockReserved')) return 'contradiction';
  return undefined;
}

function eventOf(type: EventType, command: Command, order: Order | undefined): OrderEvent {
  const { at } = command;
  if (command.type === 'place') {
    const { orderId, userId, lines, total, paymentMethod } = command;
    return { type: 'placed', at, data: { orderId, userId, lines, total }, paymentMethod };
  }
  if (order) {
    const { orderId, userId, total, paymentMethod } = order;
    const reason = REASONS[command.type];
    if (type === 'paymentRequested' && paymentMethod)
      return { type, at, data: { orderId, userId, amount: total, paymentMethod } };
    if (type === 'confirmed' && command.type === 'paymentSucceeded')
      return { type, at, data: { orderId, userId, paymentId: command.paymentId, total } };
    if (type === 'cancelled' && reason) return { type, at, data: { orderId, userId, reason, total } };
  }
  throw new Error(`${command.type} cannot end in ${type}`);
}

/** The order after an event. */
export function evolve(order: Order | undefined, event: OrderEvent): Order {
  const { at } = event;
  if (event.type === 'placed') {
    const { data, paymentMethod } = event;
    return { ...data, paymentMethod, status: 'placed', history: [{ status: 'placed', at }] };
  }
  if (!order) throw new Error('an order begins by being placed');
  const { paymentMethod: _spent, ...kept } = order;
  const moved = (transition: Transition): Order => ({
    ...kept,
    status: transition.status,
    history: [...order.history, transition],
  });
  switch (event.type) {
    case 'paymentRequested':
      return moved({ status: 'reserved', at });
    case 'confirmed':
      return { ...moved({ status: 'confirmed', at }), paymentId: event.data.paymentId };
    case 'cancelled':
      return moved({ status: 'cancelled', at, reason: event.data.reason });
  }
}

/** Which orders a list shows, newest first; everybody's without `userId`. */
export interface OrderQuery {
  readonly userId?: string | undefined;
  readonly status?: OrderStatus | undefined;
  /** Where the page before ended. */
  readonly after?: { readonly placedAt: string; readonly orderId: string } | undefined;
  readonly countMax: number;
}

/** Why an order is not placed. */
export type Refusal =
  | 'price-changed'
  | 'unknown-product'
  | 'inactive-product'
  | 'duplicate-product'
  | 'currency-mismatch'
  | 'total-too-large'
  | 'idempotency-key-reused';

/** How a wish to order ends; `facts` help to put it right. */
export type Placement =
  | { readonly kind: 'placed'; readonly order: Order }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly facts: Readonly<Record<string, unknown>> };

/** Keeps the orders of the shop. What `find` and `list` read holds no payment method. */
export interface OrderStore extends Pick<CommandHandler<Order | undefined, Command, Decision>, 'handle'> {
  find(orderId: string): Promise<Order | undefined>;
  list(query: OrderQuery): Promise<Order[]>;
  /** Cancels open orders that were placed before a time; returns how many. */
  expire(placedBefore: string, at: string, countMax: number): Promise<number>;
}
