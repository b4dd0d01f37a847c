// The port to the one who moves the money. Guarantee asked of every adapter: a charge happens at most once for a payment id,
// however often they are called, and a refund id once; an error means that the outcome is unknown. `provider.int.spec.ts` holds
// adapters to it. Amounts are in minor units as `contracts/money.ts` has them; an adapter converts, exactly or not at all.
import type { Money } from '#contracts/money.ts';
import type { ChargeAnswer, RefundAnswer } from './domain.ts';

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
  /** The same wish again is the same refund. */
  readonly refundId: string;
  /** What was charged. */
  readonly charged: Money;
  /** Exactly so much goes back; undefined: all that is left. */
  readonly amountMinor?: number | undefined;
}

/** `unheard`: the provider has no such charge. */
export type ChargeState = ChargeAnswer | { readonly kind: 'unheard' };

/** A charge as the provider's own books have it. */
export interface ProviderCharge {
  readonly paymentId: string;
  readonly orderId: string;
  readonly providerRef: string;
  readonly amount: Money;
  readonly status: 'succeeded' | 'failed' | 'pending';
  /** What has gone back of it in all; a refund on its way counts, one that failed does not. */
  readonly refundedMinor: number;
}

/** What the provider reports without being asked. The same news may come more than once. */
export type ProviderNews =
  | {
      readonly eventId: string;
      readonly orderId: string;
      readonly paymentId: string;
      /** `refunded`: the sum of all refunds of the charge up to then. */
      readonly answer: ChargeAnswer | { readonly kind: 'refunded'; readonly refundedMinor: number };
    }
  /** Something became of a refund: what, must be asked. */
  | { readonly eventId: string; readonly providerRef: string };

/** @throws AppError `provider-unreachable` from every call whose outcome is unknown. */
export interface PaymentProvider {
  readonly name: string;
  charge(order: ChargeOrder): Promise<ChargeAnswer>;
  lookup(clue: ChargeClue): Promise<ChargeState>;
  /** A charge as it is now; undefined: there is none of that name. */
  read(providerRef: string): Promise<ProviderCharge | undefined>;
  refund(order: RefundOrder): Promise<RefundAnswer>;
  /** False for an amount that the provider cannot move exactly. */
  accepts(amount: Money): boolean;
  /**
   * Charges that were made, or of which something went back, since then, in an order that does not change; a charge may come twice.
   * Without `next` it was the last page.
   */
  listCharges(sinceMs: number, cursor?: string): Promise<{ charges: ProviderCharge[]; next?: string }>;
}
