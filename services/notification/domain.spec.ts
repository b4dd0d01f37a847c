import { describe, expect, it } from '@jest/globals';
import { afterOutage } from './domain.ts';

describe('a mail that could not be sent', () => {
  it('is tried again after pauses that double from 5 s up to an hour', () => {
    const pauses = Array.from({ length: 12 }, (_, i) => afterOutage(i + 1, 99, 1));
    expect(pauses.slice(0, 3)).toEqual(
      [5_000, 10_000, 20_000].map((delayMs) => ({ state: 'pending', delayMs })),
    );
    expect(pauses.at(-1)).toEqual({ state: 'pending', delayMs: 3_600_000 });
  });

  it('comes back spread over the upper half of its pause', () => {
    expect(afterOutage(1, 99, 0)).toEqual({ state: 'pending', delayMs: 2_500 });
    expect(afterOutage(90, 99, 0)).toEqual({ state: 'pending', delayMs: 1_800_000 });
  });

  it('is given up with its last attempt', () => {
    expect(afterOutage(11, 12, 0)).toMatchObject({ state: 'pending' });
    expect(afterOutage(12, 12, 0)).toEqual({ state: 'failed', reason: 'attempts-exhausted' });
  });
});
