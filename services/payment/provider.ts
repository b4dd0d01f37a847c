// The port to whoever moves the money. Guarantee asked of every adapter: a charge and a refund happen at most once for a payment id,
// however often they are called; an error means that the outcome is unknown. `provider.int.spec.ts` holds adapters to it.
import type { Money } from '#contracts/money.ts';
import type { ChargeAnswer } from './domain.ts';

/** What is charged. */
export interface ChargeOrder {
  /** The idempotency key, too. */
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: Money;
  /** The provider's token of a means of payment. */
  readonly paymentMethod: string;
}

/** Where to look for a charge. */
export interface ChargeClue {
  readonly paymentId: string;
  readonly providerRef?: string | undefined;
  /** The charge is not older than this. */
  readonly requestedAtMs: number;
}

export interface RefundOrder {
  readonly paymentId: string;
  readonly providerRef: string;
  readonly amount: Money;
}

/** `unheard`: the provider has no such charge. */
export type ChargeState = ChargeAnswer | { readonly kind: 'unheard' };

/** A charge as the provider's own books have it. */
export interface ProviderCharge {
  readonly paymentId: string;
  readonly orderId: string;
  readonly providerRef: string;
  readonly amount: Money;
  readonly status: 'succeeded' | 'failed' | 'pending' | 'refunded';
}

/** What the provider tells without being asked. The same news may come more than once. */
export interface ProviderNews {
  readonly eventId: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly answer: ChargeAnswer | { readonly kind: 'refunded' };
}

/** @throws AppError `provider-unreachable` from every call whose outcome is unknown. */
export interface PaymentProvider {
  readonly name: string;
  charge(order: ChargeOrder): Promise<ChargeAnswer>;
  lookup(clue: ChargeClue): Promise<ChargeState>;
  /** All of the amount. `pending`: ask again later. */
  refund(order: RefundOrder): Promise<'refunded' | 'pending'>;
  /** Charges made since then, in an order that does not change; without `next` it was the last page. */
  listCharges(sinceMs: number, cursor?: string): Promise<{ charges: ProviderCharge[]; next?: string }>;
}
