import { describe, expect, it } from '@jest/globals';
import { retryDelayMs } from './dispatch.ts';
import { afterOutage } from './domain.ts';

describe('a mail that could not be sent', () => {
  it('is tried again after pauses that double from 5 s up to an hour', () => {
    const pauses = Array.from({ length: 12 }, (_, i) => retryDelayMs(i + 1, () => 1));
    expect(pauses.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
    expect(pauses.at(-1)).toBe(3_600_000);
  });

  it('comes back spread over the upper half of its pause', () => {
    expect(retryDelayMs(1, () => 0)).toBe(2_500);
    expect(retryDelayMs(90, () => 0)).toBe(1_800_000);
  });

  it('is given up with its last attempt', () => {
    expect(afterOutage(11, 12, 5_000)).toEqual({ state: 'pending', delayMs: 5_000 });
    expect(afterOutage(12, 12, 5_000)).toEqual({ state: 'failed', reason: 'attempts-exhausted' });
  });
});
