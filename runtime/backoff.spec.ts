import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';

const longest = () => 1;
const shortest = () => 0;

describe('a wait before a retry', () => {
  it('doubles with each attempt, up to its limit', () => {
    const waits = [0, 1, 2, 3, 30, 10_000].map((attempt) => backoffMs(attempt, 200, 1_000, longest));
    expect(waits).toEqual([200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('is cut by at most half, so that many who wait do not come back at once', () => {
    expect(backoffMs(2, 200, 5_000, shortest)).toBe(400);
    expect(backoffMs(2, 200, 5_000, longest)).toBe(800);
    expect(new Set(Array.from({ length: 50 }, () => backoffMs(4))).size).toBeGreaterThan(10);
  });

  it('is a whole number of milliseconds', () => {
    expect(backoffMs(0, 5, 100, () => 0.3)).toBe(3);
  });
});
