// A user's cart: quantities in, a priced cart out. Pure; prices are those of the products as they are now, and a line
// remembers the price at which it was added.
import { exactTotalMinor, isSameMoney, type Money } from '#contracts/money.ts';
import type { OrderLine } from '#contracts/orders.ts';
import type { ProductChanged } from '#contracts/products.ts';
import type { AnyDecision, CommandHandler } from '#runtime/decisions.ts';

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
  /** 0 for a cart that was not used yet. */
  readonly version: number;
  /** In the order in which they were added. */
  readonly lines: readonly CartLine[];
}

/** A product as the product service last published it. */
export type Product = ProductChanged;

/** What a customer wants of a cart, or what an order does to it. */
export type Command =
  | {
      readonly kind: 'set-quantity';
      readonly productId: string;
      /** 0 takes it out. */
      readonly quantity: number;
      /** As it is known; undefined when no event has described it. */
      readonly product: Product | undefined;
    }
  | { readonly kind: 'empty' }
  | { readonly kind: 'take-out-ordered'; readonly ordered: readonly OrderLine[] };

export interface CartEvent {
  readonly kind: 'lines-changed';
  readonly lines: readonly CartLine[];
}

export type Refusal = 'unknown-product' | 'product-not-sold' | 'too-many-lines' | 'total-too-large';
export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly [CartEvent] }
  | { readonly kind: 'ignored'; readonly why: 'unchanged' | 'repeated' }
  | { readonly kind: 'refused'; readonly why: Refusal };

/** What follows from a command. */
export function decide(command: Command, cart: Cart): Decision {
  switch (command.kind) {
    case 'set-quantity':
      return setQuantity(command, cart);
    case 'empty':
      return cart.lines.length === 0 ? UNCHANGED : changed([]);
    case 'take-out-ordered':
      return takeOutOrdered(command.ordered, cart);
  }
}

/** The cart after an event. */
export const evolve = (cart: Cart, { lines }: CartEvent): Cart => ({
  ...cart,
  version: cart.version + 1,
  lines,
});

const UNCHANGED: Decision = { kind: 'ignored', why: 'unchanged' };
const changed = (lines: readonly CartLine[]): Decision => ({
  kind: 'happened',
  events: [{ kind: 'lines-changed', lines }],
});
const refused = (why: Refusal): Decision => ({ kind: 'refused', why });

/** Whatever the product, it can be taken out. Of what is no longer sold a cart may hold less than before, never more. */
function setQuantity(
  { productId, quantity, product }: Extract<Command, { kind: 'set-quantity' }>,
  { lines }: Cart,
): Decision {
  const present = lines.find((line) => line.productId === productId);
  if (quantity === (present?.quantity ?? 0)) return UNCHANGED;
  if (quantity === 0) return changed(lines.filter((line) => line !== present));
  if (!product) return refused('unknown-product');
  if (!product.isActive && quantity > (present?.quantity ?? 0)) return refused('product-not-sold');
  if (!present && lines.length >= LINES_MAX) return refused('too-many-lines');
  const next = present
    ? lines.map((line) => (line === present ? { ...line, quantity } : line))
    : [...lines, { productId, quantity, priceWhenAdded: product.price }];
  return isCountable(next, product) ? changed(next) : refused('total-too-large');
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

/** The quantities of a placed order go, and what was put in since stays. */
function takeOutOrdered(ordered: readonly OrderLine[], { lines }: Cart): Decision {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of ordered)
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  if (!lines.some(({ productId }) => quantities.has(productId))) return UNCHANGED;
  const left = lines.map((line) => ({
    ...line,
    quantity: line.quantity - (quantities.get(line.productId) ?? 0),
  }));
  return changed(left.filter(({ quantity }) => quantity > 0));
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
  /** What the available lines cost, one total per currency, sorted by it; one that no number holds exactly is missing. */
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

/** A line whose product is not known yet is shown at its old price and cannot be ordered. */
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

/** Keeps carts, by their users, and what is known of products. */
export interface CartStore extends Pick<CommandHandler<Cart, Command, Decision>, 'handle'> {
  /** The cart of a user; an empty one of version 0 for a user who has none. */
  load(userId: string): Promise<Cart>;
  /** What is known of these products, by their ids. */
  products(productIds: readonly string[]): Promise<ReadonlyMap<string, Product>>;
  /** Keeps what a product is now, unless a newer version is known. What cannot be the product service's is impossible. */
  learnProduct(product: Product): Promise<AnyDecision<Product>>;
  /** Deletes carts that were not used for so long, a limited number at once; returns how many. */
  forgetUntouched(sinceMs: number, countMax: number): Promise<number>;
}
