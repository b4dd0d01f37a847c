import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WindowTotals } from './windows.ts';

describe('window totals', () => {
  it('adds events and bytes per window and label, late ones also by themselves', () => {
    const totals = new WindowTotals();
    totals.add(60_000, 'small', 10, false);
    totals.add(0, 'small', 5, false);
    totals.add(60_000, 'small', 7, true);
    expect(totals.deltas()).toEqual([
      { windowStartMs: 0, label: 'small', events: 1, bytes: '5', lateEvents: 0, lateBytes: '0' },
      { windowStartMs: 60_000, label: 'small', events: 2, bytes: '17', lateEvents: 1, lateBytes: '7' },
    ]);
  });

  it('lists rows in key order, so that all transactions lock in the same order', () => {
    const totals = new WindowTotals();
    for (const [start, label] of [
      [120_000, 'b'],
      [0, 'z'],
      [120_000, 'a'],
      [0, 'c'],
    ] as const)
      totals.add(start, label, 1, false);
    expect(totals.deltas().map((delta) => [delta.windowStartMs, delta.label])).toEqual([
      [0, 'c'],
      [0, 'z'],
      [120_000, 'a'],
      [120_000, 'b'],
    ]);
  });

  it('stays exact when a sum passes 2^53', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 50 }), (sizes) => {
        const totals = new WindowTotals();
        for (const bytes of sizes) totals.add(0, 'x', bytes, true);
        const sum = String(sizes.reduce((total, bytes) => total + BigInt(bytes), 0n));
        expect(totals.deltas()[0]).toMatchObject({ bytes: sum, lateBytes: sum });
      }),
    );
  });
});
