// The campaign's own checks: what they must report.
import { describe, expect, it } from '@jest/globals';
import { type Letter, lettersAmiss, type Wanted } from './letters.ts';

const wanted: Wanted[] = [
  { what: 'no value', topic: 'order.placed', place: '0/7', consumer: 'product' },
  { what: 'no value', topic: 'order.placed', place: '0/7', consumer: 'cart' },
  { what: 'forged', topic: 'stock.reserved', key: 'o-1', consumer: 'order', reason: 'order-impossible' },
];
const letters: Letter[] = [
  { topic: 'order.placed', place: '0/7', key: 'k', consumer: 'product', reason: 'null-value' },
  { topic: 'order.placed', place: '0/7', key: 'k', consumer: 'cart', reason: 'null-value' },
  { topic: 'stock.reserved', place: '1/3', key: 'o-1', consumer: 'order', reason: 'order-impossible' },
];

describe('dead letters', () => {
  it('as they are to be are well, also when one was written twice', () => {
    expect(lettersAmiss(wanted, letters)).toEqual([]);
    expect(lettersAmiss(wanted, [...letters, letters[1]!])).toEqual([]);
  });

  it('of one consumer that are lacking are named, whatever the others wrote', () => {
    const lacking = 'no value, on order.placed 0/7: no dead letter of cart';
    expect(lettersAmiss(wanted, letters.toSpliced(1, 1))).toEqual([lacking]);
    expect(lettersAmiss(wanted, [...letters.toSpliced(1, 1), letters[0]!])).toEqual([lacking]);
  });

  it.each<[string, Partial<Letter>]>([
    ['place', { place: '1/7' }],
    ['consumer', { consumer: 'order' }],
    ['topic', { topic: 'order.confirmed' }],
  ])('of another %s are none, and strays', (_what, over) => {
    const [first, ...others] = letters;
    expect(lettersAmiss(wanted, [{ ...first!, ...over }, ...others])).toEqual([
      'no value, on order.placed 0/7: no dead letter of product',
      expect.stringContaining('refused it (null-value)'),
    ]);
  });

  it.each<[string, Partial<Letter>]>([
    ['reason', { reason: 'handler-failed' }],
    ['key', { key: 'o-2' }],
  ])('for another %s than is named are none, and strays', (_what, over) => {
    const told = lettersAmiss(wanted, [...letters.slice(0, 2), { ...letters[2]!, ...over }]);
    expect(told).toHaveLength(2);
    expect(told[0]).toBe('forged, on stock.reserved : no dead letter of order (order-impossible)');
  });

  it('of a true event are strays', () => {
    const stray = { ...letters[2]!, key: 'true', reason: 'handler-failed' };
    expect(lettersAmiss(wanted, [...letters, stray])).toEqual([
      'stock.reserved 1/3 of true: order refused it (handler-failed)',
    ]);
  });
});
