// Whatever the order in which topics are read: the shelves never promise what is not there, and end as the orders ended.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decideCancelled,
  decideConfirmed,
  decidePlaced,
  type Movement,
  mergeLines,
  type ReservationLine,
  type ReservationState,
  type Shelf,
  stockChange,
} from './domain.ts';

interface Order {
  readonly lines: readonly ReservationLine[];
  /** What the order becomes once its stock is set aside. */
  readonly end: 'confirmed' | 'cancelled';
}
interface Step {
  readonly order: number;
  readonly event: 'placed' | 'confirmed' | 'cancelled';
}

/** The service with its database, as far as decisions go. */
class World {
  readonly shelves: Map<string, Shelf>;
  readonly ledger = new Map<string, number>();
  readonly states: ReservationState[];
  readonly answers: ('reserve' | 'reject')[][];
  /** Orders whose cancellation came first. */
  private readonly overtaken = new Set<number>();
  private readonly orders: readonly Order[];

  constructor(orders: readonly Order[], stock: Readonly<Record<string, number>>) {
    this.orders = orders;
    this.states = orders.map(() => 'unknown');
    this.answers = orders.map(() => []);
    this.shelves = new Map(
      Object.entries(stock).map(([productId, onHand]) => [
        productId,
        { productId, onHand, reserved: 0, isActive: true },
      ]),
    );
    for (const [productId, onHand] of Object.entries(stock)) this.ledger.set(productId, onHand);
  }

  take({ order, event }: Step): void {
    const state = this.states[order]!;
    const lines = mergeLines(this.orders[order]!.lines.map((line) => ({ ...line, unitPriceMinor: 1 })));
    if (event === 'placed') return this.place(order, state, lines);
    if (event === 'cancelled' && state === 'unknown') this.overtaken.add(order);
    const decision = event === 'confirmed' ? decideConfirmed(state) : decideCancelled(state);
    if (decision === 'impossible') throw new Error(`${event} when ${state}`);
    if (decision === 'ignore') return;
    if (decision === 'sell') {
      for (const { productId, quantity } of lines)
        this.ledger.set(productId, this.ledger.get(productId)! - quantity);
    }
    if (decision !== 'remember') this.move(decision, lines);
    this.states[order] = decision === 'sell' ? 'final' : 'released';
  }

  private place(order: number, state: ReservationState, lines: readonly ReservationLine[]): void {
    const decision = decidePlaced(state, lines, [...this.shelves.values()]);
    if (decision.kind === 'ignore') return;
    this.answers[order]!.push(decision.kind);
    if (decision.kind === 'reserve') this.move('reserve', decision.lines);
    this.states[order] = decision.kind === 'reserve' ? 'open' : 'rejected';
  }

  private move(movement: Movement, lines: readonly ReservationLine[]): void {
    for (const { productId, quantity } of lines) {
      const shelf = this.shelves.get(productId)!;
      const change = stockChange(movement, quantity);
      const [onHand, reserved] = [shelf.onHand + change.onHand, shelf.reserved + change.reserved];
      this.shelves.set(productId, { ...shelf, onHand, reserved });
    }
  }

  /** What the order service may tell now: it confirms after our answer alone, and never both confirms and cancels. */
  allows({ order, event }: Step, isConfirmed: boolean): boolean {
    if (event === 'placed') return true;
    const { end } = this.orders[order]!;
    if (event === 'cancelled') return end === 'cancelled' || this.answers[order]!.includes('reject');
    return end === 'confirmed' && (isConfirmed || this.answers[order]!.includes('reserve'));
  }

  /** What is not as it must always be; plain comparisons, since this is asked many thousand times. */
  faults(): string[] {
    const shelves = [...this.shelves.values()].filter(({ productId, onHand, reserved }) => {
      const open = this.orders
        .filter((_, at) => this.states[at] === 'open')
        .flatMap(({ lines }) => lines)
        .filter((line) => line.productId === productId)
        .reduce((sum, { quantity }) => sum + quantity, 0);
      return onHand !== this.ledger.get(productId) || reserved !== open || reserved < 0 || reserved > onHand;
    });
    return [
      ...shelves.map((shelf) => `shelf ${JSON.stringify(shelf)}`),
      ...this.answers
        .filter(({ length }, order) => length > (this.overtaken.has(order) ? 0 : 1))
        .map((answers) => `answers ${answers.join()}`),
    ];
  }
}

const line = fc.record({
  productId: fc.constantFrom('a', 'b', 'c'),
  quantity: fc.integer({ min: 1, max: 4 }),
});
const order: fc.Arbitrary<Order> = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom('confirmed', 'cancelled'),
});
const stock = fc.record({ a: fc.nat(8), b: fc.nat(8), c: fc.nat(8) });
const step: fc.Arbitrary<Step> = fc.record({
  order: fc.nat(4),
  event: fc.constantFrom('placed', 'confirmed', 'cancelled'),
});

it('keeps the stock true after every event, with repeated and overtaking ones', () => {
  fc.assert(
    fc.property(
      fc.array(order, { minLength: 5, maxLength: 5 }),
      stock,
      fc.array(step, { maxLength: 60 }),
      (orders, stock, steps) => {
        const world = new World(orders, stock);
        const confirmed = new Set<number>();
        for (const one of steps) {
          if (!world.allows(one, confirmed.has(one.order))) continue;
          world.take(one);
          if (one.event === 'confirmed') confirmed.add(one.order);
          const faults = world.faults();
          if (faults.length > 0) throw new Error(faults.join('; '));
        }
        // Nothing stays promised once every order has come to its end.
        for (const event of ['placed', 'confirmed', 'cancelled'] as const) {
          for (const order of orders.keys()) {
            if (world.allows({ order, event }, confirmed.has(order))) world.take({ order, event });
          }
        }
        expect(world.faults()).toEqual([]);
        expect([...world.shelves.values()].every(({ reserved }) => reserved === 0)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
