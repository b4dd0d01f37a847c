import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareUploads, decideChange, type ProductFacts, type Upload } from './domain.ts';

const facts: ProductFacts = {
  name: 'Moss cup',
  description: 'A cup.',
  categoryId: 'table',
  price: { amountMinor: 1250, currency: 'EUR' },
  isActive: true,
};

describe('a change of a product', () => {
  it('keeps what the wish does not name', () => {
    expect(decideChange(facts, { name: 'Cup' })).toEqual({ ...facts, name: 'Cup' });
  });

  it.each([
    { description: '' },
    { categoryId: 'kitchen' },
    { price: { amountMinor: 1251, currency: 'EUR' } },
    { price: { amountMinor: 1250, currency: 'CHF' } },
    { isActive: false },
  ])('sees the difference in %j', (wish) => {
    expect(decideChange(facts, wish)).toEqual({ ...facts, ...wish });
  });

  it('is none when everything is as it was', () => {
    expect(decideChange(facts, {})).toBeUndefined();
    expect(decideChange(facts, { ...facts, price: { ...facts.price } })).toBeUndefined();
  });
});

describe('of two uploads', () => {
  const upload = fc.record({
    uploadedAtMs: fc.integer({ min: 0, max: 3 }),
    key: fc.constantFrom('a', 'b'),
    version: fc.constantFrom('1', '2'),
  });
  const shownAfter = (uploads: readonly Upload[]): Upload =>
    uploads.reduce((shown, one) => (compareUploads(one, shown) === 'newer' ? one : shown));

  it('the later one is newer', () => {
    const [early, late] = [5, 6].map((uploadedAtMs) => ({ uploadedAtMs, key: 'k', version: '1' }));
    expect(compareUploads(late!, early!)).toBe('newer');
    expect(compareUploads(early!, late!)).toBe('older');
    expect(compareUploads(late!, late!)).toBe('same');
  });

  it('the same one is shown in the end, in whatever order they were told', () => {
    const orders = fc.array(upload, { minLength: 1, maxLength: 8 }).chain((uploads) => {
      const everyOne = { minLength: uploads.length, maxLength: uploads.length };
      return fc.tuple(fc.constant(uploads), fc.shuffledSubarray(uploads, everyOne));
    });
    fc.assert(
      fc.property(orders, ([uploads, shuffled]) => {
        expect(shownAfter(shuffled)).toEqual(shownAfter(uploads));
      }),
    );
  });
});
