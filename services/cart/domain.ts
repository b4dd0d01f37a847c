// A user's cart: quantities in, a priced cart out. Pure; prices are those of the products as they are now, and a line
// remembers the price at which it was added.
import { exactTotalMinor, isSameMoney, type Money } from '#contracts/money.ts';
import type { OrderLine } from '#contracts/orders.ts';
import type { ProductChanged } from '#contracts/products.ts';

/** What an order takes at most (contracts/orders.ts): a cart that holds more could never be ordered. */
export const LINES_MAX = 50;
export const QUANTITY_MAX = 99;

/** One product in a cart. */
export interface CartLine {
  readonly productId: string;
  readonly quantity: number;
  readonly priceWhenAdded: Money;
}

export interface Cart {
  readonly userId: string;
  /** 0 for a cart that nobody has touched yet. */
  readonly version: number;
  /** In the order in which they were added. */
  readonly lines: readonly CartLine[];
}

/** A product as the catalogue last told of it. */
export type Product = ProductChanged;

/** Lines of a cart as they should be, or why they cannot be so. */
export type Decision =
  | { readonly ok: true; readonly lines: readonly CartLine[] }
  | { readonly ok: false; readonly refusal: Refusal };
export type Refusal = 'unknown-product' | 'product-not-sold' | 'too-many-lines' | 'total-too-large';

/**
 * Sets the quantity of one product; 0 takes it out, whatever the product. Of what is no longer sold a cart may hold less
 * than before, never more.
 */
export function setQuantity(
  { lines }: Cart,
  productId: string,
  quantity: number,
  product: Product | undefined,
): Decision {
  const present = lines.find((line) => line.productId === productId);
  if (quantity === (present?.quantity ?? 0)) return { ok: true, lines };
  if (quantity === 0) return { ok: true, lines: lines.filter((line) => line !== present) };
  if (!product) return { ok: false, refusal: 'unknown-product' };
  if (!product.isActive && quantity > (present?.quantity ?? 0))
    return { ok: false, refusal: 'product-not-sold' };
  if (!present && lines.length >= LINES_MAX) return { ok: false, refusal: 'too-many-lines' };
  const next = present
    ? lines.map((line) => (line === present ? { ...line, quantity } : line))
    : [...lines, { productId, quantity, priceWhenAdded: product.price }];
  return isCountable(next, product) ? { ok: true, lines: next } : { ok: false, refusal: 'total-too-large' };
}

/** Whether the lines in the product's currency have an exact total. Prices that rise later show in `priced`. */
function isCountable(lines: readonly CartLine[], { productId, price }: Product): boolean {
  const prices = lines.map(({ productId: id, quantity, priceWhenAdded }) => ({
    quantity,
    price: id === productId ? price : priceWhenAdded,
  }));
  const sameCurrency = prices.filter((one) => one.price.currency === price.currency);
  const counted = sameCurrency.map((one) => ({
    quantity: one.quantity,
    unitPriceMinor: one.price.amountMinor,
  }));
  return exactTotalMinor(counted) !== undefined;
}

/** What is left once an order is placed: its quantities go, and what was put in since stays. */
export function withoutOrdered({ lines }: Cart, ordered: readonly OrderLine[]): readonly CartLine[] {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of ordered)
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  if (!lines.some(({ productId }) => quantities.has(productId))) return lines;
  return lines
    .map((line) => ({ ...line, quantity: line.quantity - (quantities.get(line.productId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
}

/** A line as the customer sees it. */
export interface PricedLine {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  /** Missing when it is more than a number holds exactly: no amount is ever rounded. */
  readonly lineTotal?: Money;
  /** False when the product is no longer sold. */
  readonly isAvailable: boolean;
  /** The price when the line was added; only where it is another one now. */
  readonly priceChangedSince?: Money;
}

export interface PricedCart {
  readonly version: number;
  readonly lines: readonly PricedLine[];
  /** What the available lines cost, one total per currency, sorted by it; one that cannot be told exactly is missing. */
  readonly totals: readonly Money[];
  /** True when an order of exactly these lines could be placed: some, all available, in one currency, with an exact total. */
  readonly isOrderable: boolean;
}

/** The cart at today's prices. */
export function priced({ version, lines }: Cart, products: ReadonlyMap<string, Product>): PricedCart {
  const pricedLines = lines.map((line) => pricedLine(line, products.get(line.productId)));
  const available = pricedLines.filter(({ isAvailable }) => isAvailable);
  const byCurrency = [...Map.groupBy(available, ({ unitPrice }) => unitPrice.currency)].toSorted(
    ([one], [other]) => (one < other ? -1 : 1),
  );
  const totals = byCurrency.flatMap(([currency, own]) => {
    const amountMinor = exactTotalMinor(
      own.map(({ quantity, unitPrice }) => ({ quantity, unitPriceMinor: unitPrice.amountMinor })),
    );
    return amountMinor === undefined ? [] : [{ amountMinor, currency }];
  });
  return {
    version,
    lines: pricedLines,
    totals,
    isOrderable: byCurrency.length === 1 && totals.length === 1 && available.length === pricedLines.length,
  };
}

/** A line whose product nobody has told of is shown at its old price and cannot be ordered. */
function pricedLine({ productId, quantity, priceWhenAdded }: CartLine, product?: Product): PricedLine {
  const unitPrice = product?.price ?? priceWhenAdded;
  const amountMinor = exactTotalMinor([{ quantity, unitPriceMinor: unitPrice.amountMinor }]);
  return {
    productId,
    name: product?.name ?? productId,
    quantity,
    unitPrice,
    ...(amountMinor === undefined ? {} : { lineTotal: { amountMinor, currency: unitPrice.currency } }),
    isAvailable: product?.isActive ?? false,
    ...(isSameMoney(unitPrice, priceWhenAdded) ? {} : { priceChangedSince: priceWhenAdded }),
  };
}

/** Keeps carts and what is known of products. */
export interface CartStore {
  /** The cart of a user; an empty one of version 0 for whoever has none. */
  load(userId: string): Promise<Cart>;
  /** What is known of these products, by their ids. */
  products(productIds: readonly string[]): Promise<ReadonlyMap<string, Product>>;
  /**
   * Changes a cart by a decision on its present lines. The decision is made again when somebody else's change came
   * between; what it throws leaves the cart as it was. Lines handed back as they are write nothing.
   */
  change(userId: string, decide: (cart: Cart) => readonly CartLine[]): Promise<Cart>;
  /** The same, once per event. */
  changeOnce(eventId: string, userId: string, decide: (cart: Cart) => readonly CartLine[]): Promise<void>;
  /** Takes in what a product is now, unless a newer version is known. @throws RefusedEvent for what cannot be the product service's */
  learnProduct(product: Product): Promise<void>;
  /** Deletes carts that nobody has touched for so long, so many at most; how many. */
  forgetUntouched(sinceMs: number, countMax: number): Promise<number>;
}
