import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { searchWords } from './search-words.ts';

describe('what was typed into a search', () => {
  it.each([
    ['tea', 'tea'],
    ['green tea -mint', 'green tea -mint'],
    ['tea or coffee', 'tea or coffee'],
    ['"green tea" -"black tea"', '"green tea" -"black tea"'],
    ['e-mail x--y', 'e-mail x--y'],
    ['"green tea', '"green tea"'],
    ['a"b c"d', 'a "b c" d'],
    ['--tea ---"a b"', '-tea -"a b"'],
    ['tea - green', 'tea green'],
    ['-', ''],
    ['-'.repeat(33), ''],
    ['- '.repeat(100), ''],
    ['""', ''],
    ['tea & -& coffee', 'tea coffee'],
    ['-&'.repeat(50), ''],
    ['-a '.repeat(50), Array(10).fill('-a').join(' ')],
    ['C++ 1.5l é', 'C++ 1.5l é'],
  ])('%j is asked for as %j', (typed, words) => {
    expect(searchWords(typed)).toBe(words);
  });

  it('has nowhere two dashes in front of a term, whatever it was', () => {
    const piece = fc.constantFrom('-', '"', ' ', 'a', 'or', '\t', '!', '(', 'é');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const outside = searchWords(pieces.join('')).replaceAll(/"[^"]*"/g, 'P');
        expect(outside).not.toMatch(/(^|\s)-(-|\s|$)/);
      }),
    );
  });
});
