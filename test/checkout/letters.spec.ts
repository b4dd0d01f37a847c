// The check of dead letters reports each missing and each unwanted one.
import { describe, expect, it } from '@jest/globals';
import { type Letter, type Wanted, wrongDeadLetters } from './letters.ts';

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
  it('that are the wanted ones are no fault, also when one was written twice', () => {
    expect(wrongDeadLetters(wanted, letters)).toEqual([]);
    expect(wrongDeadLetters(wanted, [...letters, letters[1]!])).toEqual([]);
  });

  it('that one consumer did not write are named, although the other consumers wrote theirs', () => {
    const lacking = 'no value, on order.placed 0/7: no dead letter of cart';
    expect(wrongDeadLetters(wanted, letters.toSpliced(1, 1))).toEqual([lacking]);
    expect(wrongDeadLetters(wanted, [...letters.toSpliced(1, 1), letters[0]!])).toEqual([lacking]);
  });

  it.each<[string, Partial<Letter>]>([
    ['place', { place: '1/7' }],
    ['consumer', { consumer: 'order' }],
    ['topic', { topic: 'order.confirmed' }],
  ])('of another %s count as missing, and as unwanted', (_what, over) => {
    const [first, ...others] = letters;
    expect(wrongDeadLetters(wanted, [{ ...first!, ...over }, ...others])).toEqual([
      'no value, on order.placed 0/7: no dead letter of product',
      expect.stringContaining('refused it (null-value)'),
    ]);
  });

  it.each<[string, Partial<Letter>]>([
    ['reason', { reason: 'handler-failed' }],
    ['key', { key: 'o-2' }],
  ])('with another %s than the wanted one count as missing, and as unwanted', (_what, over) => {
    const faults = wrongDeadLetters(wanted, [...letters.slice(0, 2), { ...letters[2]!, ...over }]);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toBe('forged, on stock.reserved : no dead letter of order (order-impossible)');
  });

  it('of a true event are unwanted', () => {
    const stray = { ...letters[2]!, key: 'true', reason: 'handler-failed' };
    expect(wrongDeadLetters(wanted, [...letters, stray])).toEqual([
      'stock.reserved 1/3 of true: order refused it (handler-failed)',
    ]);
  });
});
