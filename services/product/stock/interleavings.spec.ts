// Whatever the order in which topics are read: the shelves never promise what is not there, and end as the orders ended.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Command,
  decide,
  evolve,
  type Movement,
  type Reservation,
  type ReservationLine,
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

/** The event as the service reads it, of an order whose pieces cost 1 each. */
function commandOf(event: Step['event'], { lines }: Order): Command {
  const amountMinor = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const facts = { userId: 'u-1', total: { amountMinor, currency: 'EUR' } };
  if (event !== 'placed') return { kind: event === 'confirmed' ? 'sell' : 'release', order: facts };
  const priced = lines.map((line) => ({ ...line, unitPriceMinor: 1 }));
  return { kind: 'reserve', order: { orderId: 'o-1', ...facts, lines: priced } };
}

/** The service with its database, as far as decisions go. */
class World {
  readonly shelves: Map<string, Shelf>;
  readonly ledger = new Map<string, number>();
  readonly reservations: Reservation[];
  readonly answers: ('reserved' | 'rejected')[][];
  /** Orders whose cancellation came first. */
  private readonly overtaken = new Set<number>();
  private readonly orders: readonly Order[];

  constructor(orders: readonly Order[], stock: Readonly<Record<string, number>>) {
    this.orders = orders;
    this.reservations = orders.map(() => ({ state: 'unknown', lines: [], shelves: [] }));
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
    const reservation = this.reservations[order]!;
    if (event === 'cancelled' && reservation.state === 'unknown') this.overtaken.add(order);
    const shelves = [...this.shelves.values()];
    const decision = decide(commandOf(event, this.orders[order]!), { ...reservation, shelves });
    if (decision.kind === 'impossible') throw new Error(`${event} when ${reservation.state}`);
    if (decision.kind === 'ignored') return;
    const [one] = decision.events;
    this.reservations[order] = evolve(reservation, one);
    if (one.kind === 'reserved' || one.kind === 'rejected') this.answers[order]!.push(one.kind);
    if (one.kind === 'rejected') return;
    this.move(one.kind, one.lines);
    if (one.kind !== 'sold') return;
    for (const { productId, quantity } of one.lines)
      this.ledger.set(productId, this.ledger.get(productId)! - quantity);
  }

  private move(movement: Movement, lines: readonly ReservationLine[]): void {
    for (const { productId, quantity } of lines) {
      const shelf = this.shelves.get(productId)!;
      const change = stockChange(movement, quantity);
      const [onHand, reserved] = [shelf.onHand + change.onHand, shelf.reserved + change.reserved];
      this.shelves.set(productId, { ...shelf, onHand, reserved });
    }
  }

  /** What the order service may publish now: it confirms after our answer alone, and never both confirms and cancels. */
  allows({ order, event }: Step, isConfirmed: boolean): boolean {
    if (event === 'placed') return true;
    const { end } = this.orders[order]!;
    if (event === 'cancelled') return end === 'cancelled' || this.answers[order]!.includes('rejected');
    return end === 'confirmed' && (isConfirmed || this.answers[order]!.includes('reserved'));
  }

  /** What is not as it must always be; plain comparisons, since this is asked many thousand times. */
  faults(): string[] {
    const shelves = [...this.shelves.values()].filter(({ productId, onHand, reserved }) => {
      const open = this.orders
        .filter((_, at) => this.reservations[at]!.state === 'open')
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
        // Nothing stays promised once every order has ended.
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
