import { describe, expect, it } from '@jest/globals';
import {
  type Adjustment,
  type CountedStock,
  type Decision,
  decide,
  decideAdjustment,
  evolve,
  evolveStock,
  mergeLines,
  ON_HAND_MAX,
  type Reservation,
  type ReservationLine,
  type ReservationState,
  type Shelf,
  stockChange,
} from './domain.ts';

const shelf = (productId: string, onHand: number, reserved = 0, isActive = true): Shelf => ({
  productId,
  isActive,
  onHand,
  reserved,
});
const line = (productId: string, quantity: number) => ({ productId, quantity, unitPriceMinor: 100 });
type Line = ReturnType<typeof line>;
const totalOf = (lines: readonly Line[]) => ({
  amountMinor: lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0),
  currency: 'EUR',
});
const order = (...lines: Line[]) => ({ orderId: 'o-1', userId: 'u-1', lines, total: totalOf(lines) });
const SET_ASIDE: readonly ReservationLine[] = [{ productId: 'cup', quantity: 1 }];
const reservation = (state: ReservationState): Reservation => ({
  state,
  lines: state === 'open' ? SET_ASIDE : [],
  shelves: [],
});
const given = (shelves: readonly Shelf[], state: ReservationState = 'unknown') => ({
  whenPlaced: (...lines: Line[]) =>
    decide({ kind: 'reserve', order: order(...lines) }, { ...reservation(state), shelves }),
});
const happened = (event: object): object => ({
  kind: 'happened',
  events: [expect.objectContaining(event)],
});

describe('an order that is placed', () => {
  it('has all its lines set aside when each is there', () => {
    expect(given([shelf('cup', 3), shelf('pot', 1)]).whenPlaced(line('pot', 1), line('cup', 3))).toEqual({
      kind: 'happened',
      events: [
        {
          kind: 'reserved',
          order: { userId: 'u-1', total: { amountMinor: 400, currency: 'EUR' } },
          lines: [
            { productId: 'cup', quantity: 3 },
            { productId: 'pot', quantity: 1 },
          ],
        },
      ],
    });
  });

  it('has nothing set aside when one line is short, and that line is the reason', () => {
    const decision = given([shelf('cup', 9), shelf('pot', 1)]).whenPlaced(line('cup', 1), line('pot', 2));
    expect(decision).toEqual(happened({ kind: 'rejected', productId: 'pot', reason: 'out-of-stock' }));
  });

  it('cannot have what is promised to others', () => {
    const decision = given([shelf('cup', 9, 8)]).whenPlaced(line('cup', 2));
    expect(decision).toEqual(happened({ kind: 'rejected', reason: 'out-of-stock' }));
  });

  it('is short when two lines of one product ask for more together than there is', () => {
    const decision = given([shelf('cup', 3)]).whenPlaced(line('cup', 2), line('cup', 2));
    expect(decision).toEqual(happened({ kind: 'rejected', productId: 'cup' }));
  });

  it('is rejected for a product that is unknown or no longer sold', () => {
    const expected = happened({ kind: 'rejected', productId: 'pot', reason: 'unknown-product' });
    expect(given([]).whenPlaced(line('pot', 1))).toEqual(expected);
    expect(given([shelf('pot', 5, 0, false)]).whenPlaced(line('pot', 1))).toEqual(expected);
  });

  it.each(['open', 'rejected', 'final', 'released'] as const)(
    'a second time when %s changes nothing',
    (state) => {
      expect(given([shelf('cup', 3)], state).whenPlaced(line('cup', 1))).toEqual({
        kind: 'ignored',
        why: 'repeated',
      });
    },
  );
});

/** What happened, or the kind of a decision by which nothing does; with the state after it. */
function outcomeOf(decision: Decision, before: Reservation): string {
  if (decision.kind !== 'happened') return decision.kind;
  const [event] = decision.events;
  const count = event.kind === 'rejected' ? 0 : event.lines.length;
  return `${event.kind} of ${count}, then ${evolve(before, event).state}`;
}
const FACTS = { userId: 'u-1', total: { amountMinor: 100, currency: 'EUR' } };

it.each([
  ['open', 'sold of 1, then final'],
  ['final', 'ignored'],
  ['unknown', 'impossible'],
  ['rejected', 'impossible'],
  ['released', 'impossible'],
] as const)('a confirmed order whose reservation is %s: %s', (state, outcome) => {
  const before = reservation(state);
  expect(outcomeOf(decide({ kind: 'sell', order: FACTS }, before), before)).toBe(outcome);
});

it.each([
  ['open', 'released of 1, then released'],
  ['unknown', 'released of 0, then released'],
  ['rejected', 'ignored'],
  ['released', 'ignored'],
  ['final', 'impossible'],
] as const)('a cancelled order whose reservation is %s: %s', (state, outcome) => {
  const before = reservation(state);
  expect(outcomeOf(decide({ kind: 'release', order: FACTS }, before), before)).toBe(outcome);
});

describe('an event that contradicts what is known', () => {
  const wanted = order(line('cup', 1));
  const shelves = [shelf('cup', 1)];
  it.each<[string, Decision]>([
    [
      'order-total-is-not-its-lines',
      decide(
        { kind: 'reserve', order: { ...wanted, total: { amountMinor: 99, currency: 'EUR' } } },
        { ...reservation('unknown'), shelves },
      ),
    ],
    [
      'price-never-was',
      decide({ kind: 'reserve', order: wanted }, { ...reservation('unknown'), shelves, neverPriced: 'cup' }),
    ],
    [
      'order-contradicts-earlier-one',
      decide({ kind: 'sell', order: { ...FACTS, userId: 'u-2' } }, { ...reservation('open'), placed: FACTS }),
    ],
    [
      'order-contradicts-earlier-one',
      decide(
        { kind: 'release', order: { ...FACTS, total: { amountMinor: 100, currency: 'JPY' } } },
        { ...reservation('open'), placed: FACTS },
      ),
    ],
  ])('is impossible: %s', (why, decision) => {
    expect(decision).toMatchObject({ kind: 'impossible', why });
  });
});

describe('lines of an order', () => {
  it('are sorted by product, so that all orders lock in one order', () => {
    const ids = mergeLines([line('b', 1), line('a', 1), line('B', 1)]).map(({ productId }) => productId);
    expect(ids).toEqual(['B', 'a', 'b']);
  });
});

describe('a shelf', () => {
  it('is as before when what was set aside is given back', () => {
    const [taken, given] = [stockChange('reserved', 4), stockChange('released', 4)];
    expect([taken.onHand + given.onHand, taken.reserved + given.reserved]).toEqual([0, 0]);
  });

  it('loses the pieces and the promise when they are sold', () => {
    expect(stockChange('sold', 4)).toEqual({ onHand: -4, reserved: -4 });
  });
});

describe('an adjustment', () => {
  const adjustment = (delta: number): Adjustment => ({
    productId: 'cup',
    delta,
    reason: 'counted',
    cause: 'c-1',
  });
  const adjusted = (state: CountedStock, delta: number) => {
    const decision = decideAdjustment(adjustment(delta), state);
    return decision.kind === 'happened' ? evolveStock(state, decision.events[0]).stock : decision.why;
  };
  const counted = { stock: { onHand: 5, reserved: 2 } };

  it('adds pieces, or takes them down to what is promised', () => {
    expect(adjusted(counted, 3)).toEqual({ onHand: 8, reserved: 2 });
    expect(adjusted(counted, -3)).toEqual({ onHand: 2, reserved: 2 });
  });

  it('is refused when it would take promised pieces', () => {
    expect(adjusted(counted, -4)).toBe('stock-below-reserved');
  });

  it('is refused beyond what shelves hold', () => {
    expect(adjusted({ stock: { onHand: ON_HAND_MAX, reserved: 0 } }, 1)).toBe('stock-too-large');
  });

  it('is refused for a product that does not exist', () => {
    expect(adjusted({}, 1)).toBe('product-unknown');
  });

  it('by the same cause changes nothing, and another one by it is refused', () => {
    const before = { ...counted, before: { delta: 3, reason: 'counted' as const } };
    expect(decideAdjustment(adjustment(3), before)).toEqual({ kind: 'ignored', why: 'repeated' });
    expect(adjusted(before, 4)).toBe('cause-reused');
  });
});
