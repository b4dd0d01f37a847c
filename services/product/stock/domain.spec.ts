import { describe, expect, it } from '@jest/globals';
import {
  decideAdjustment,
  decideCancelled,
  decideConfirmed,
  decidePlaced,
  mergeLines,
  ON_HAND_MAX,
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
const given = (shelves: readonly Shelf[], state: ReservationState = 'unknown') => ({
  whenPlaced: (...lines: ReturnType<typeof line>[]) => decidePlaced(state, mergeLines(lines), shelves),
});

describe('an order that is placed', () => {
  it('has all its lines set aside when each is there', () => {
    expect(given([shelf('cup', 3), shelf('pot', 1)]).whenPlaced(line('pot', 1), line('cup', 3))).toEqual({
      kind: 'reserve',
      lines: [
        { productId: 'cup', quantity: 3 },
        { productId: 'pot', quantity: 1 },
      ],
    });
  });

  it('has nothing set aside when one line is short, and that line is the reason', () => {
    const decision = given([shelf('cup', 9), shelf('pot', 1)]).whenPlaced(line('cup', 1), line('pot', 2));
    expect(decision).toEqual({ kind: 'reject', productId: 'pot', reason: 'out-of-stock' });
  });

  it('cannot have what is promised to others', () => {
    const decision = given([shelf('cup', 9, 8)]).whenPlaced(line('cup', 2));
    expect(decision).toMatchObject({ kind: 'reject', reason: 'out-of-stock' });
  });

  it('is short when two lines of one product ask for more together than there is', () => {
    const decision = given([shelf('cup', 3)]).whenPlaced(line('cup', 2), line('cup', 2));
    expect(decision).toMatchObject({ kind: 'reject', productId: 'cup' });
  });

  it('is rejected for a product that nobody knows, or that is no longer sold', () => {
    const expected = { kind: 'reject', productId: 'pot', reason: 'unknown-product' };
    expect(given([]).whenPlaced(line('pot', 1))).toEqual(expected);
    expect(given([shelf('pot', 5, 0, false)]).whenPlaced(line('pot', 1))).toEqual(expected);
  });

  it.each(['open', 'rejected', 'final', 'released'] as const)(
    'a second time when %s changes nothing',
    (state) => {
      expect(given([shelf('cup', 3)], state).whenPlaced(line('cup', 1))).toEqual({ kind: 'ignore' });
    },
  );
});

it.each([
  ['open', 'sell'],
  ['final', 'ignore'],
  ['unknown', 'impossible'],
  ['rejected', 'impossible'],
  ['released', 'impossible'],
] as const)('a confirmed order whose reservation is %s: %s', (state, decision) => {
  expect(decideConfirmed(state)).toBe(decision);
});

it.each([
  ['open', 'release'],
  ['unknown', 'remember'],
  ['rejected', 'ignore'],
  ['released', 'ignore'],
  ['final', 'impossible'],
] as const)('a cancelled order whose reservation is %s: %s', (state, decision) => {
  expect(decideCancelled(state)).toBe(decision);
});

describe('lines of an order', () => {
  it('are sorted by product, so that all orders lock in one order', () => {
    const ids = mergeLines([line('b', 1), line('a', 1), line('B', 1)]).map(({ productId }) => productId);
    expect(ids).toEqual(['B', 'a', 'b']);
  });
});

describe('a shelf', () => {
  it('is as before when what was set aside is given back', () => {
    const [taken, given] = [stockChange('reserve', 4), stockChange('release', 4)];
    expect([taken.onHand + given.onHand, taken.reserved + given.reserved]).toEqual([0, 0]);
  });

  it('loses the pieces and the promise when they are sold', () => {
    expect(stockChange('sell', 4)).toEqual({ onHand: -4, reserved: -4 });
  });
});

describe('an adjustment', () => {
  it('adds pieces, or takes them down to what is promised', () => {
    expect(decideAdjustment({ onHand: 5, reserved: 2 }, 3)).toEqual({ onHand: 8, reserved: 2 });
    expect(decideAdjustment({ onHand: 5, reserved: 2 }, -3)).toEqual({ onHand: 2, reserved: 2 });
  });

  it('is refused when it would take promised pieces', () => {
    expect(decideAdjustment({ onHand: 5, reserved: 2 }, -4)).toEqual({ fault: 'stock-below-reserved' });
  });

  it('is refused beyond what shelves hold', () => {
    expect(decideAdjustment({ onHand: ON_HAND_MAX, reserved: 0 }, 1)).toEqual({ fault: 'stock-too-large' });
  });
});
