import { describe, expect, it } from '@jest/globals';
import { heldUp, p99 } from './waits.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

describe('the 99th percentile of waits', () => {
  it('is the longest of three, and the third longest of two hundred', () => {
    expect([p99([3, 1, 2]), p99(upTo(100)), p99(upTo(200))]).toEqual([3, 99, 198]);
  });

  it('may be a second longer while bad records come, and no more', () => {
    const usual = upTo(100);
    expect(heldUp(usual, [1_099])).toEqual([]);
    expect(heldUp(usual, [1_100])).toEqual(['p99 1100 ms, normally 99 ms']);
  });

  it('counts as too long when an order never ended, or when there are no orders', () => {
    expect(heldUp([1], [Number.NaN])).toHaveLength(1);
    expect(heldUp([1], [Number.NaN, 1, 2])).toHaveLength(1);
    expect(heldUp([1], [])).toHaveLength(1);
  });
});
