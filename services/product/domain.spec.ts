import { describe, expect, it } from '@jest/globals';
import { decideChange, type ProductFacts } from './domain.ts';

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
