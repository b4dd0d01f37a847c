// In: what a customer wants to buy, and the prices that this service knows. Out: lines with prices, and their total.
import { exactTotalMinor, type Money } from '#contracts/money.ts';
import type { OrderLine } from '#contracts/orders.ts';

/** One product that a customer wants. */
export interface WantedLine {
  readonly productId: string;
  readonly quantity: number;
}

/** A product as the product service last published it. */
export interface ProductPrice {
  readonly productId: string;
  readonly price: Money;
  readonly isActive: boolean;
}

/** Why these lines cannot be ordered; `products` are the ones that it is about. */
export type PricingFault =
  | {
      readonly code: 'duplicate-product' | 'unknown-product' | 'inactive-product' | 'currency-mismatch';
      readonly products: readonly string[];
    }
  | { readonly code: 'total-too-large' }
  | { readonly code: 'price-changed'; readonly total: Money };

export type Pricing =
  | { readonly ok: true; readonly lines: readonly OrderLine[]; readonly total: Money }
  | { readonly ok: false; readonly fault: PricingFault };

/** Prices all lines in one currency; `expectedTotalMinor` is the total that the customer has seen. */
export function priceLines(
  wanted: readonly WantedLine[],
  currency: string,
  expectedTotalMinor: number | undefined,
  prices: ReadonlyMap<string, ProductPrice>,
): Pricing {
  const fault = (
    code: Exclude<PricingFault['code'], 'total-too-large' | 'price-changed'>,
    at: WantedLine[],
  ) =>
    ({ ok: false, fault: { code, products: [...new Set(at.map(({ productId }) => productId))] } }) as const;
  const repeated = wanted.filter(
    ({ productId }, index) => wanted.findIndex((line) => line.productId === productId) !== index,
  );
  if (repeated.length > 0) return fault('duplicate-product', repeated);
  const unknown = wanted.filter(({ productId }) => !prices.has(productId));
  if (unknown.length > 0) return fault('unknown-product', unknown);
  const inactive = wanted.filter(({ productId }) => !prices.get(productId)!.isActive);
  if (inactive.length > 0) return fault('inactive-product', inactive);
  const foreign = wanted.filter(({ productId }) => prices.get(productId)!.price.currency !== currency);
  if (foreign.length > 0) return fault('currency-mismatch', foreign);
  const lines = wanted.map(({ productId, quantity }) => ({
    productId,
    quantity,
    unitPriceMinor: prices.get(productId)!.price.amountMinor,
  }));
  const amountMinor = exactTotalMinor(lines);
  if (amountMinor === undefined) return { ok: false, fault: { code: 'total-too-large' } };
  const total = { amountMinor, currency };
  if (expectedTotalMinor !== undefined && expectedTotalMinor !== amountMinor)
    return { ok: false, fault: { code: 'price-changed', total } };
  return { ok: true, lines, total };
}
