// What becomes of the stock: counted, set aside for an order, sold or given back. Pure: the state of the reservation and of
// the shelves in, a decision out. Events may come twice, late and in any order; what no longer applies is ignored.
import type { Event } from '#contracts/envelope.ts';
import type { OrderCancelled, OrderConfirmed, OrderLine, OrderPlaced } from '#contracts/orders.ts';
import type { StockRejected } from '#contracts/products.ts';
import type { PageOf, Refused } from '../domain.ts';

/** `unknown`: nobody has told of the order yet. `rejected`, `final` and `released` are ends. */
export type ReservationState = 'unknown' | 'open' | 'rejected' | 'final' | 'released';

/** How many pieces of one product. */
export interface ReservationLine {
  readonly productId: string;
  readonly quantity: number;
}

/** Pieces that are there, and those among them that are promised. */
export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
}

/** What a reservation must know of a product. */
export interface Shelf extends Stock {
  readonly productId: string;
  readonly isActive: boolean;
}

export type PlacedDecision =
  | { readonly kind: 'reserve'; readonly lines: readonly ReservationLine[] }
  | { readonly kind: 'reject'; readonly productId: string; readonly reason: StockRejected['reason'] }
  | { readonly kind: 'ignore' };

/** Lines of one product become one, sorted by product: the order in which shelves are locked, by everybody. */
export function mergeLines(lines: readonly OrderLine[]): ReservationLine[] {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of lines) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  }
  return [...quantities]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .toSorted((one, other) => (one.productId < other.productId ? -1 : 1));
}

/** All lines or none. The first line that cannot be had, by product id, is the reason of a rejection. */
export function decidePlaced(
  state: ReservationState,
  lines: readonly ReservationLine[],
  shelves: readonly Shelf[],
): PlacedDecision {
  if (state !== 'unknown') return { kind: 'ignore' };
  const shelfOf = new Map(shelves.map((shelf) => [shelf.productId, shelf]));
  for (const { productId, quantity } of lines) {
    const shelf = shelfOf.get(productId);
    if (!shelf?.isActive) return { kind: 'reject', productId, reason: 'unknown-product' };
    if (available(shelf) < quantity) return { kind: 'reject', productId, reason: 'out-of-stock' };
  }
  return { kind: 'reserve', lines };
}

/** `impossible`: an order is confirmed only after our own answer that its stock is set aside, and is never cancelled then. */
export function decideConfirmed(state: ReservationState): 'sell' | 'ignore' | 'impossible' {
  switch (state) {
    case 'open':
      return 'sell';
    case 'final':
      return 'ignore';
    case 'unknown':
    case 'rejected':
    case 'released':
      return 'impossible';
  }
}

/** `remember`: the cancellation overtook the order, which must find it when it comes. */
export function decideCancelled(state: ReservationState): 'release' | 'remember' | 'ignore' | 'impossible' {
  switch (state) {
    case 'open':
      return 'release';
    case 'unknown':
      return 'remember';
    case 'rejected':
    case 'released':
      return 'ignore';
    case 'final':
      return 'impossible';
  }
}

/** What the step of a reservation does to the shelf of each of its lines. */
export type Movement = 'reserve' | 'sell' | 'release';

/** The change of a shelf, as what is to be added to each number. */
export function stockChange(movement: Movement, quantity: number): Stock {
  switch (movement) {
    case 'reserve':
      return { onHand: 0, reserved: quantity };
    case 'sell':
      return { onHand: -quantity, reserved: -quantity };
    case 'release':
      return { onHand: 0, reserved: -quantity };
  }
}

/** Pieces that can still be promised. */
export const available = ({ onHand, reserved }: Stock): number => onHand - reserved;

/** More pieces of one product than any shelf of ours holds: a slip of the keyboard. */
export const ON_HAND_MAX = 10_000_000;

/** Adds to what is there, or takes from it; what is promised to orders cannot be taken. */
export function decideAdjustment(stock: Stock, delta: number): Stock | Refused {
  const onHand = stock.onHand + delta;
  if (onHand < stock.reserved) return { fault: 'stock-below-reserved' };
  if (onHand > ON_HAND_MAX) return { fault: 'stock-too-large' };
  return { onHand, reserved: stock.reserved };
}

export type AdjustmentReason = 'delivered' | 'counted' | 'damaged' | 'returned';

export interface Adjustment {
  readonly productId: string;
  /** Pieces, negative when there are fewer now; never 0. */
  readonly delta: number;
  readonly reason: AdjustmentReason;
  /** The same cause counts once. */
  readonly cause: string;
}

/** A line of the ledger. */
export interface StockEntry {
  readonly entryId: number;
  readonly delta: number;
  readonly reason: AdjustmentReason | 'sold';
  readonly createdAt: Date;
}

/** Pieces on the shelves. */
export interface Warehouse {
  stock(productId: string): Promise<Stock | undefined>;
  adjust(adjustment: Adjustment): Promise<Stock | Refused>;
  /** The latest first. */
  entries(productId: string, page: PageOf<{ readonly entryId: number }>): Promise<StockEntry[]>;
}

/** What is set aside for orders. Each call takes effect once for an event. */
export interface Reservations {
  placed(event: Event<OrderPlaced>): Promise<void>;
  confirmed(event: Event<OrderConfirmed>): Promise<void>;
  cancelled(event: Event<OrderCancelled>): Promise<void>;
}
