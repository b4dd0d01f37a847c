// What a forgery is: a well-formed event that no service of ours would send, with what each consumer does with it, and what the
// reconciliation then reports. A consumer refuses what it can recognise; the reconciliation finds the rest (ADR 18).
import { randomUUID } from 'node:crypto';
import type { OrderPlaced } from '#contracts/orders.ts';
import type { Topic } from '#contracts/topic.ts';

/** An order that exists. */
export interface TrueOrder extends OrderPlaced {
  /** The id that its payment has, or would have. */
  readonly paymentId: string;
}

/** The true orders and products that forged events speak of; each call gives another one. */
export interface Victims {
  readonly confirmed: () => TrueOrder;
  /** Cancelled for lack of stock. */
  readonly rejected: () => TrueOrder;
  /** Has pieces, version 1 and this price; nobody buys it. */
  readonly product: () => { readonly productId: string; readonly priceMinor: number };
}

/** By process: `TAKEN`, or the code of the refusal, which is then the reason of a dead letter. */
export type Outcomes = Readonly<Record<string, string>>;
export const TAKEN = 'taken';

/** An event that a service publishes because it believed the forgery, and that another service refuses. */
export interface Consequence {
  readonly topic: Topic<unknown>;
  readonly consumer: string;
  readonly reason: string;
}

export interface Forgery {
  /** Unique. */
  readonly what: string;
  readonly topic: Topic<unknown>;
  readonly data: (victims: Victims) => unknown;
  /** Event time, from now. @default now */
  readonly afterMs?: number;
  readonly outcomes: Outcomes;
  readonly consequences?: readonly Consequence[];
  /** The rules of `reconcile:orders` that it breaks, under its key. */
  readonly found?: readonly string[];
  /** Whether the provider gives the money of the order back. */
  readonly givesBack?: boolean;
  /** Why it does no harm, where nobody notices it. */
  readonly harmless?: string;
}

/** What consumers and reconciliation make of a forgery. */
export type Expected = Omit<Forgery, 'what' | 'topic' | 'data'>;

export const forgery = <Data>(
  topic: Topic<Data>,
  how: string,
  data: (victims: Victims) => Data,
  expected: Expected,
): Forgery => ({ what: `${topic.name} ${how}`, topic, data, ...expected });

export const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
/** Ids of an order and a customer that do not exist; others at each call. */
export const never = () => ({ orderId: `never-${randomUUID()}`, userId: `nobody-${randomUUID()}` });

/** The order service refuses an answer about an order that it does not know. */
export const orderRefuses = (topic: Topic<unknown>): Consequence => ({
  topic,
  consumer: 'order',
  reason: 'order-impossible',
});
