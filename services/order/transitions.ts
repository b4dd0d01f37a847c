// The table of the saga: what follows from each command at each stage of an order. One table, so that no pair is left out. Pure.
import type { CancellationReason } from '#contracts/orders.ts';

/** Where an order stands; absent: we have none of that id. */
export type Stage = 'absent' | 'placed' | 'reserved' | 'confirmed' | 'cancelled';

export type CommandType =
  | 'place'
  | 'stockReserved'
  | 'stockRejected'
  | 'paymentSucceeded'
  | 'paymentFailed'
  | 'expire'
  | 'cancelByCustomer';

export type EventType = 'placed' | 'paymentRequested' | 'confirmed' | 'cancelled';

/** duplicate: it has had this effect before. late: the order has moved on, and another service corrects its part. */
export type IgnoredWhy = 'duplicate' | 'late';

/** What can never be while every service keeps its promises. */
export type ImpossibleWhy =
  | 'unknown-order'
  | 'payment-never-requested'
  | 'contradiction'
  | 'second-payment'
  | 'other-payment'
  | 'other-customer'
  | 'other-amount'
  | 'other-product';

export type Outcome = EventType | IgnoredWhy | ImpossibleWhy;

/** The transition table; `decide` looks closer at the few pairs that turn on more than the stage. */
export const OUTCOMES: Readonly<Record<Stage, Readonly<Record<CommandType, Outcome>>>> = {
  absent: {
    place: 'placed',
    stockReserved: 'unknown-order',
    stockRejected: 'unknown-order',
    paymentSucceeded: 'unknown-order',
    paymentFailed: 'unknown-order',
    expire: 'unknown-order',
    cancelByCustomer: 'unknown-order',
  },
  placed: {
    place: 'duplicate',
    stockReserved: 'paymentRequested',
    stockRejected: 'cancelled',
    paymentSucceeded: 'payment-never-requested',
    paymentFailed: 'payment-never-requested',
    expire: 'cancelled',
    cancelByCustomer: 'cancelled',
  },
  reserved: {
    place: 'duplicate',
    stockReserved: 'duplicate',
    stockRejected: 'contradiction',
    paymentSucceeded: 'confirmed',
    paymentFailed: 'cancelled',
    expire: 'cancelled',
    cancelByCustomer: 'cancelled',
  },
  confirmed: {
    place: 'duplicate',
    stockReserved: 'duplicate',
    stockRejected: 'contradiction',
    paymentSucceeded: 'duplicate',
    paymentFailed: 'contradiction',
    expire: 'late',
    cancelByCustomer: 'late',
  },
  // Stock and money that come now are given back without a command: their services consume the cancellation too.
  cancelled: {
    place: 'duplicate',
    stockReserved: 'late',
    stockRejected: 'late',
    paymentSucceeded: 'late',
    paymentFailed: 'late',
    expire: 'late',
    cancelByCustomer: 'late',
  },
};

/** The reason that a command gives when it cancels. */
export const REASONS: Partial<Readonly<Record<CommandType, CancellationReason>>> = {
  stockRejected: 'stock-rejected',
  paymentFailed: 'payment-failed',
  expire: 'expired',
  cancelByCustomer: 'by-customer',
};
