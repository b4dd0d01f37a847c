// Our minor units (ISO 4217) in, Stripe's units out, and back. Exact or not at all: no amount is ever rounded.
// Source: https://docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases", as read in
// November 2026; of ISK also https://support.stripe.com/questions/deprecation-of-fractional-isk-charges-and-refunds.
import { CURRENCY_DIGITS, type Money } from '#contracts/money.ts';

interface Unit {
  /** Digits behind the point in Stripe's amounts. */
  readonly digits: number;
  /** Stripe takes multiples of this alone. @default 1 */
  readonly step?: number;
}

/** Where Stripe's amounts are not those of ISO 4217. HUF and TWD have their rules for payouts only, which we do not make. */
const EXCEPTIONS: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  // No digits by ISO; amounts have two for compatibility, always 00.
  ['ISK', { digits: 2, step: 100 }],
  ['UGX', { digits: 2, step: 100 }],
  // Two digits by ISO, none at Stripe.
  ['MGA', { digits: 0 }],
  // Three digits, of which the last must be 0.
  ...['BHD', 'JOD', 'KWD', 'OMR', 'TND'].map((code): [string, Unit] => [code, { digits: 3, step: 10 }]),
]);

const unitOf = (currency: string): Unit | undefined => {
  const digits = CURRENCY_DIGITS.get(currency);
  return EXCEPTIONS.get(currency) ?? (digits === undefined ? undefined : { digits });
};

/** The amount for Stripe's API; undefined where Stripe cannot move exactly that. */
export function toStripe({ amountMinor, currency }: Money): number | undefined {
  const unit = unitOf(currency);
  if (!unit) return undefined;
  const amount = shift(amountMinor, unit.digits - CURRENCY_DIGITS.get(currency)!);
  return amount !== undefined && amount % (unit.step ?? 1) === 0 ? amount : undefined;
}

/** An amount of Stripe's in our minor units; undefined where it is none that we could have. */
export function fromStripe(amount: number, stripeCurrency: string): Money | undefined {
  const currency = stripeCurrency.toUpperCase();
  const unit = unitOf(currency);
  const amountMinor = unit && shift(amount, CURRENCY_DIGITS.get(currency)! - unit.digits);
  return amountMinor === undefined ? undefined : { amountMinor, currency };
}

/** Moves the point, as long as the number stays whole and exact. */
function shift(amount: number, digits: number): number | undefined {
  const factor = 10 ** Math.abs(digits);
  const shifted = digits >= 0 ? amount * factor : amount / factor;
  return Number.isSafeInteger(shifted) ? shifted : undefined;
}
