// What a forgery is: an event that is well-formed and that no service of ours would send, with what each consumer does with it, and
// what the reconciliation then tells. What a consumer can know is refused, what it cannot is found (ADR 18).
import { randomUUID } from 'node:crypto';
import type { OrderPlaced } from '#contracts/orders.ts';
import type { Topic } from '#contracts/topic.ts';

/** An order that there is. */
export interface TrueOrder extends OrderPlaced {
  /** What its payment is called, whether it was asked for or not. */
  readonly paymentId: string;
}

/** Of whom events are forged; each call gives another one. */
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

/** What a service of ours tells because it believed the event, and another one refuses. */
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
  /** The rules by which `reconcile:orders` tells of it, under its key. */
  readonly found?: readonly string[];
  /** The provider gave the money of the order back. */
  readonly givesBack?: boolean;
  /** Why nobody tells of it, where nobody does. */
  readonly harmless?: string;
}

/** All but what is told. */
export type Expected = Omit<Forgery, 'what' | 'topic' | 'data'>;

export const forgery = <Data>(
  topic: Topic<Data>,
  how: string,
  data: (victims: Victims) => Data,
  expected: Expected,
): Forgery => ({ what: `${topic.name} ${how}`, topic, data, ...expected });

export const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
/** An order and a customer that there are not; others at each call. */
export const never = () => ({ orderId: `never-${randomUUID()}`, userId: `nobody-${randomUUID()}` });

/** The answer to an order that the order service does not know. */
export const orderRefuses = (topic: Topic<unknown>): Consequence => ({
  topic,
  consumer: 'order',
  reason: 'order-impossible',
});
