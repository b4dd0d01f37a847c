import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { cursorPage, cursorTime, decodeCursor, encodeCursor, pageOf } from './cursor.ts';
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

describe('a moment in a cursor', () => {
  it.each([
    '2026-11-24T08:14:00Z',
    '2026-11-24T08:14:00.123Z',
    '2026-11-24T08:14:00.123456Z',
    '2999-12-31T23:59:59.999999Z',
  ])('may be %s', (at) =>
    expect(decodeCursor(encodeCursor({ at }), z.object({ at: cursorTime }))).toEqual({ at }),
  );

  it.each([
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-02-30T00:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T23:59:60Z',
    '2026-11-24T08:14:00+01:00',
    '+275760-09-13T00:00:00.000Z',
    `2026-11-24T08:14:00.${'1'.repeat(200)}Z`,
    'infinity',
    '2',
  ])('is not %s', (at) => {
    expect(() => decodeCursor(encodeCursor({ at }), z.object({ at: cursorTime }))).toThrow(Problem);
  });
});

describe('a text in a cursor', () => {
  it.each(['\0', 'a\0b', '\ud800', '\udfff', 'a\udc00\ud800'])(
    'is not one that no row can have: %j',
    (name) => {
      expect(() => decodeCursor(encodeCursor({ name }), z.object({ name: z.string() }))).toThrow(Problem);
    },
  );

  it('may be any other', () => {
    for (const name of ['\u{1f600}', '\ufffd', '\\ud800', '\\u0000', '\u0001', 'é']) {
      expect(decodeCursor(encodeCursor({ name }), z.object({ name: z.string() }))).toEqual({ name });
    }
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
