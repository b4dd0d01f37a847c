import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { cursorPage, decodeCursor, encodeCursor, pageOf } from './cursor.ts';
import { Problem } from './problem.ts';

describe('a cursor', () => {
  it('gives its position back, and anything else is refused', () => {
    const position = z.tuple([z.string(), z.int()]);
    expect(decodeCursor(encodeCursor(['2026', 4]), position)).toEqual(['2026', 4]);
    expect(decodeCursor(undefined, position)).toBeUndefined();
    for (const bad of ['x', encodeCursor(['2026']), encodeCursor(null), '']) {
      expect(() => decodeCursor(bad, position)).toThrow(Problem);
    }
    expect(cursorPage(z.string()).parse({ items: ['a'] })).toEqual({ items: ['a'] });
  });
});

describe('a page', () => {
  const page = (rows: number[], limit: number) =>
    pageOf(
      rows,
      limit,
      (row) => [row],
      (row) => row * 10,
    );

  it('leads on from its last row when one more was read', () => {
    expect(page([1, 2, 3], 2)).toEqual({ items: [10, 20], next: encodeCursor([2]) });
  });

  it('is the last one when no more was read', () => {
    expect(page([1, 2], 2)).toEqual({ items: [10, 20] });
    expect(page([], 2)).toEqual({ items: [] });
  });
});
