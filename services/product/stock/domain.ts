// What becomes of the stock: counted, set aside for an order, sold or given back. Pure: a command and the state in, a decision out.
// Events may come twice, late and in any order; what no longer applies is ignored.
import { isSameMoney } from '#contracts/money.ts';
import { isTotalOfLines, type OrderLine, type OrderPlaced } from '#contracts/orders.ts';
import type { StockRejected } from '#contracts/products.ts';
import type { CommandHandler, Decided } from '#runtime/decisions.ts';
import type { PageOf } from '../domain.ts';

/** `unknown`: no event of the order has come yet. `rejected`, `final` and `released` are ends. */
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

/** Whose order it is, and over what: each event of an order says the same. */
export type OrderFacts = Pick<OrderPlaced, 'userId' | 'total'>;

/** What an order's event asks of the stock: placed, confirmed, cancelled. */
export type Command =
  | { readonly kind: 'reserve'; readonly order: OrderPlaced }
  | { readonly kind: 'sell' | 'release'; readonly order: OrderFacts };

/** What is set aside for one order. */
export interface Reservation {
  readonly state: ReservationState;
  /** As it was placed; undefined when it was not yet, or before we kept that. */
  readonly placed?: OrderFacts | undefined;
  /** What is set aside now. */
  readonly lines: readonly ReservationLine[];
  /** Of the order to reserve. */
  readonly shelves: readonly Shelf[];
  /** A product of the order has a price that the product never had. */
  readonly neverPriced?: string | undefined;
}

export type ReservationEvent =
  | { readonly kind: 'reserved'; readonly order: OrderFacts; readonly lines: readonly ReservationLine[] }
  | {
      readonly kind: 'rejected';
      readonly order: OrderFacts;
      readonly productId: string;
      readonly reason: StockRejected['reason'];
    }
  /** Without lines, the cancellation came before the order: the order must find it. */
  | { readonly kind: 'sold' | 'released'; readonly lines: readonly ReservationLine[] };

export type Impossible =
  | 'order-total-is-not-its-lines'
  | 'price-never-was'
  | 'order-contradicts-earlier-one'
  | 'reservation-impossible';

export type Decision =
  | { readonly kind: 'happened'; readonly events: readonly [ReservationEvent] }
  | { readonly kind: 'ignored'; readonly why: 'repeated' | 'ended' }
  | { readonly kind: 'impossible'; readonly why: Impossible; readonly detail: string };

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

/** What follows from an order's event. */
export function decide(command: Command, reservation: Reservation): Decision {
  return contradictionOf(command, reservation) ?? follow(command, reservation);
}

function follow(command: Command, { state, lines, shelves }: Reservation): Decision {
  switch (command.kind) {
    case 'reserve':
      return state === 'unknown' ? happened(reserve(command.order, shelves)) : ignored('repeated');
    case 'sell':
      if (state === 'final') return ignored('repeated');
      // An order is confirmed only after our own answer that its stock is set aside, and is never cancelled then.
      return state === 'open' ? happened({ kind: 'sold', lines }) : impossibleAt(state, 'confirmed');
    case 'release':
      if (state === 'final') return impossibleAt(state, 'cancelled');
      if (state === 'rejected' || state === 'released') return ignored('ended');
      return happened({ kind: 'released', lines });
  }
}

const happened = (event: ReservationEvent): Decision => ({ kind: 'happened', events: [event] });
const ignored = (why: 'repeated' | 'ended'): Decision => ({ kind: 'ignored', why });
const impossible = (why: Impossible, detail: string): Decision => ({ kind: 'impossible', why, detail });
const impossibleAt = (state: ReservationState, end: string): Decision =>
  impossible('reservation-impossible', `it is ${end}, and its reservation is ${state}`);

/** No order is over another sum than its lines', at a price that a product never had, or ends as another than it was placed. */
function contradictionOf(command: Command, { placed, neverPriced }: Reservation): Decision | undefined {
  if (command.kind === 'reserve') {
    if (!isTotalOfLines(command.order))
      return impossible('order-total-is-not-its-lines', 'its total is not that of its lines');
    if (neverPriced !== undefined) return impossible('price-never-was', `product ${neverPriced}`);
  }
  const { userId, total } = command.order;
  if (!placed || (placed.userId === userId && isSameMoney(placed.total, total))) return undefined;
  return impossible('order-contradicts-earlier-one', 'another customer or total');
}

/** All lines or none. The first line that cannot be had, by product id, is the reason of a rejection. */
function reserve(
  { userId, total, lines: ordered }: OrderPlaced,
  shelves: readonly Shelf[],
): ReservationEvent {
  const [order, lines] = [{ userId, total }, mergeLines(ordered)];
  const shelfOf = new Map(shelves.map((shelf) => [shelf.productId, shelf]));
  for (const { productId, quantity } of lines) {
    const shelf = shelfOf.get(productId);
    if (!shelf?.isActive) return { kind: 'rejected', order, productId, reason: 'unknown-product' };
    if (available(shelf) < quantity) return { kind: 'rejected', order, productId, reason: 'out-of-stock' };
  }
  return { kind: 'reserved', order, lines };
}

const STATE_AFTER = {
  reserved: 'open',
  rejected: 'rejected',
  sold: 'final',
  released: 'released',
} as const satisfies Record<ReservationEvent['kind'], ReservationState>;

/** The reservation after an event. */
export const evolve = (reservation: Reservation, event: ReservationEvent): Reservation => ({
  ...reservation,
  state: STATE_AFTER[event.kind],
  placed: 'order' in event ? event.order : reservation.placed,
  lines: event.kind === 'reserved' ? event.lines : [],
});

/** The events that change the shelf of each of their lines. */
export type Movement = Exclude<ReservationEvent['kind'], 'rejected'>;

/** The change of a product's stock: what to add to each number. */
export function stockChange(movement: Movement, quantity: number): Stock {
  switch (movement) {
    case 'reserved':
      return { onHand: 0, reserved: quantity };
    case 'sold':
      return { onHand: -quantity, reserved: -quantity };
    case 'released':
      return { onHand: 0, reserved: -quantity };
  }
}

/** Pieces that can still be promised. */
export const available = ({ onHand, reserved }: Stock): number => onHand - reserved;

/** More pieces of one product than any shelf of ours holds: a slip of the keyboard. */
export const ON_HAND_MAX = 10_000_000;

export type AdjustmentReason = 'delivered' | 'counted' | 'damaged' | 'returned';

export interface Adjustment {
  readonly productId: string;
  /** Pieces, negative when there are fewer now; never 0. */
  readonly delta: number;
  readonly reason: AdjustmentReason;
  /** The same cause counts once. */
  readonly cause: string;
}

/** The stock of a product, undefined where there is no such product; and how it was adjusted by the same cause before. */
export interface CountedStock {
  readonly stock?: Stock | undefined;
  readonly before?: Pick<Adjustment, 'delta' | 'reason'> | undefined;
}

export type AdjustmentDecision =
  | { readonly kind: 'happened'; readonly events: readonly [Adjustment] }
  | { readonly kind: 'ignored'; readonly why: 'repeated' }
  | { readonly kind: 'refused'; readonly why: StockRefusal };

export type StockRefusal = 'product-unknown' | 'cause-reused' | 'stock-below-reserved' | 'stock-too-large';

/** Adds to what is there, or takes from it; what is promised to orders cannot be taken. */
export function decideAdjustment(
  adjustment: Adjustment,
  { stock, before }: CountedStock,
): AdjustmentDecision {
  const refused = (why: StockRefusal) => ({ kind: 'refused', why }) as const;
  const { delta, reason } = adjustment;
  if (!stock) return refused('product-unknown');
  if (before)
    return before.delta === delta && before.reason === reason
      ? { kind: 'ignored', why: 'repeated' }
      : refused('cause-reused');
  const onHand = stock.onHand + delta;
  if (onHand < stock.reserved) return refused('stock-below-reserved');
  if (onHand > ON_HAND_MAX) return refused('stock-too-large');
  return { kind: 'happened', events: [adjustment] };
}

/** The stock after an adjustment. */
export const evolveStock = ({ stock }: CountedStock, { delta, reason }: Adjustment): CountedStock => ({
  stock: stock && { ...stock, onHand: stock.onHand + delta },
  before: { delta, reason },
});

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
  adjust(adjustment: Adjustment): Promise<Decided<CountedStock, AdjustmentDecision>>;
  /** The latest first. */
  entries(productId: string, page: PageOf<{ readonly entryId: number }>): Promise<StockEntry[]>;
}

/** What is set aside for orders, by their ids. */
export type Reservations = Pick<CommandHandler<Reservation, Command, Decision>, 'handle'>;
