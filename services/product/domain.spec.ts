import { describe, expect, it } from '@jest/globals';
import { type Command, decide, type Edited, evolve, type ProductFacts, type ProductWish } from './domain.ts';

const facts: ProductFacts = {
  name: 'Moss cup',
  description: 'A cup.',
  categoryId: 'table',
  price: { amountMinor: 1250, currency: 'EUR' },
  isActive: true,
};
const nothing: Edited = { productId: 'cup', hasCategory: true };
const known: Edited = { ...nothing, product: { ...facts, productId: 'cup', version: 4 } };
const create: Command = { kind: 'create', facts };
const change = (wish: ProductWish): Command => ({ kind: 'change', wish });
const after = (command: Command, edited: Edited): Edited => {
  const decision = decide(command, edited);
  return decision.kind === 'happened' ? decision.events.reduce(evolve, edited) : edited;
};

describe('a change of a product', () => {
  it('keeps what the wish does not name, and raises the version by one', () => {
    expect(after(change({ name: 'Cup' }), known).product).toEqual({
      ...facts,
      name: 'Cup',
      productId: 'cup',
      version: 5,
    });
  });

  it.each([
    { description: '' },
    { categoryId: 'kitchen' },
    { price: { amountMinor: 1251, currency: 'EUR' } },
    { price: { amountMinor: 1250, currency: 'CHF' } },
    { isActive: false },
  ])('sees the difference in %j', (wish) => {
    expect(after(change(wish), known).product).toEqual({ ...facts, ...wish, productId: 'cup', version: 5 });
  });

  it('is none when everything is as it was', () => {
    const unchanged = { kind: 'ignored', why: 'unchanged' };
    expect(decide(change({}), known)).toEqual(unchanged);
    expect(decide(change({ ...facts, price: { ...facts.price } }), known)).toEqual(unchanged);
  });

  it('is refused for a product or a category that does not exist', () => {
    expect(decide(change({ name: 'Cup' }), nothing)).toEqual({ kind: 'refused', why: 'product-unknown' });
    expect(decide(change({ categoryId: 'nowhere' }), { ...known, hasCategory: false })).toEqual({
      kind: 'refused',
      why: 'category-unknown',
    });
  });
});

describe('a new product', () => {
  it('has the version 1', () => {
    expect(after(create, nothing).product).toEqual({ ...facts, productId: 'cup', version: 1 });
  });

  it('is not created again where it is there already', () => {
    expect(decide(create, known)).toEqual({ kind: 'ignored', why: 'repeated' });
  });

  it('is refused without its category', () => {
    const refused = { kind: 'refused', why: 'category-unknown' };
    expect(decide(create, { ...nothing, hasCategory: false })).toEqual(refused);
  });
});
