import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Cart,
  type CartLine,
  type Decision,
  decide,
  evolve,
  LINES_MAX,
  type Product,
  priced,
} from './domain.ts';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const product = (productId: string, over: Partial<Product> = {}): Product => ({
  productId,
  version: 1,
  name: `The ${productId}`,
  price: eur(500),
  isActive: true,
  ...over,
});
const line = (productId: string, quantity = 1, price = eur(500)): CartLine => ({
  productId,
  quantity,
  priceWhenAdded: price,
});
const cart = (...lines: CartLine[]): Cart => ({ userId: 'u1', version: 3, lines });
const setQuantity = (before: Cart, productId: string, quantity: number, now: Product | undefined): Decision =>
  decide({ kind: 'set-quantity', productId, quantity, product: now }, before);
const changed = (...lines: CartLine[]): Decision => ({
  kind: 'happened',
  events: [{ kind: 'lines-changed', lines }],
});
const UNCHANGED = { kind: 'ignored', why: 'unchanged' };
const known = (...products: Product[]) => new Map(products.map((one) => [one.productId, one]));

describe('setting a quantity', () => {
  it('adds a line at the end, at the price of now', () => {
    expect(setQuantity(cart(line('cup')), 'pot', 2, product('pot', { price: eur(900) }))).toEqual(
      changed(line('cup'), line('pot', 2, eur(900))),
    );
  });

  it('changes a line in its place and keeps the price at which it was added', () => {
    const decision = setQuantity(cart(line('cup'), line('pot')), 'cup', 7, product('cup', { price: eur(1) }));
    expect(decision).toEqual(changed(line('cup', 7), line('pot')));
  });

  it.each([product('cup'), product('cup', { isActive: false }), undefined])(
    'to 0 takes the line out, whatever the product is (%#)',
    (now) => {
      expect(setQuantity(cart(line('cup'), line('pot')), 'cup', 0, now)).toEqual(changed(line('pot')));
    },
  );

  it.each([
    ['to 0 of what is not in it', 'pot', 0],
    ['to what it is', 'cup', 1],
  ])('%s changes nothing', (_case, productId, quantity) => {
    const before = cart(line('cup'));
    const decision = setQuantity(before, productId, quantity, product(productId));
    expect(decision).toEqual(UNCHANGED);
  });

  it('is refused for a product that is not known', () => {
    expect(setQuantity(cart(), 'cup', 1, undefined)).toEqual({ kind: 'refused', why: 'unknown-product' });
  });

  it('of what is no longer sold may go down and not up', () => {
    const gone = product('cup', { isActive: false });
    expect(setQuantity(cart(line('cup', 3)), 'cup', 2, gone)).toMatchObject({ kind: 'happened' });
    expect(setQuantity(cart(line('cup', 3)), 'cup', 4, gone)).toEqual({
      kind: 'refused',
      why: 'product-not-sold',
    });
    expect(setQuantity(cart(), 'cup', 1, gone)).toEqual({ kind: 'refused', why: 'product-not-sold' });
  });

  it('is refused where no number would hold the total exactly', () => {
    const refused = { kind: 'refused', why: 'total-too-large' };
    const dear = product('gem', { price: eur(Number.MAX_SAFE_INTEGER) });
    expect(setQuantity(cart(), 'gem', 1, dear)).toMatchObject({ kind: 'happened' });
    expect(setQuantity(cart(), 'gem', 2, dear)).toEqual(refused);
    expect(setQuantity(cart(line('cup', 1)), 'gem', 1, dear)).toEqual(refused);
    const yen = { amountMinor: 1200, currency: 'JPY' };
    expect(setQuantity(cart(line('cup', 1, yen)), 'gem', 1, dear)).toMatchObject({ kind: 'happened' });
    expect(setQuantity(cart(line('gem', 3, dear.price)), 'gem', 0, dear)).toMatchObject({ kind: 'happened' });
  });

  it('is refused for one product more than an order takes, and not for one that is in', () => {
    const full = cart(...Array.from({ length: LINES_MAX }, (_, i) => line(`p${i}`)));
    expect(setQuantity(full, 'cup', 1, product('cup'))).toEqual({ kind: 'refused', why: 'too-many-lines' });
    expect(setQuantity(full, 'p7', 2, product('p7'))).toMatchObject({ kind: 'happened' });
  });
});

describe('a placed order', () => {
  const ordered = (productId: string, quantity: number) => ({ productId, quantity, unitPriceMinor: 500 });
  const takeOut = (before: Cart, lines: readonly ReturnType<typeof ordered>[]): Decision =>
    decide({ kind: 'take-out-ordered', ordered: lines }, before);

  it('takes its quantities out and leaves what was put in since', () => {
    const before = cart(line('cup', 3), line('pot', 1), line('pan', 2));
    expect(takeOut(before, [ordered('cup', 2), ordered('pot', 5)])).toEqual(
      changed(line('cup', 1), line('pan', 2)),
    );
  });

  it('of other products leaves the cart untouched', () => {
    const before = cart(line('cup', 3));
    expect(takeOut(before, [ordered('pot', 2)])).toEqual(UNCHANGED);
  });

  it('never leaves a quantity below 1, nor adds to one', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd');
    const quantity = fc.integer({ min: 1, max: 99 });
    const lines = fc.uniqueArray(fc.tuple(ids, quantity), { selector: ([id]) => id });
    fc.assert(
      fc.property(lines, fc.array(fc.tuple(ids, quantity), { maxLength: 5 }), (inCart, inOrder) => {
        const before = cart(...inCart.map(([id, count]) => line(id, count)));
        const decision = takeOut(
          before,
          inOrder.map(([id, count]) => ordered(id, count)),
        );
        const after = decision.kind === 'happened' ? evolve(before, decision.events[0]) : before;
        for (const { productId, quantity: left } of after.lines) {
          const was = before.lines.find((one) => one.productId === productId)!.quantity;
          expect(left).toBeGreaterThanOrEqual(1);
          expect(left).toBeLessThanOrEqual(was);
        }
      }),
    );
  });
});

describe('a priced cart', () => {
  it('shows names, prices and totals of now', () => {
    const cup = product('cup', { name: 'Cup', price: eur(450) });
    expect(priced(cart(line('cup', 3, eur(450))), known(cup))).toEqual({
      version: 3,
      lines: [
        {
          productId: 'cup',
          name: 'Cup',
          quantity: 3,
          unitPrice: eur(450),
          lineTotal: eur(1350),
          isAvailable: true,
        },
      ],
      totals: [eur(1350)],
      isOrderable: true,
    });
  });

  it('says what a line cost when it was added, if that was something else', () => {
    const { lines } = priced(cart(line('cup', 1, eur(500))), known(product('cup', { price: eur(600) })));
    expect(lines[0]).toMatchObject({ unitPrice: eur(600), priceChangedSince: eur(500) });
    const dollars = { amountMinor: 500, currency: 'USD' };
    const moved = priced(cart(line('cup', 1, eur(500))), known(product('cup', { price: dollars })));
    expect(moved.lines[0]).toMatchObject({ unitPrice: dollars, priceChangedSince: eur(500) });
  });

  it('keeps currencies apart and cannot be ordered with two of them', () => {
    const yen = { amountMinor: 1200, currency: 'JPY' };
    const mixed = cart(line('pot', 2, yen), line('cup', 2));
    const { totals, isOrderable } = priced(mixed, known(product('pot', { price: yen }), product('cup')));
    expect(totals).toEqual([eur(1000), { amountMinor: 2400, currency: 'JPY' }]);
    expect(isOrderable).toBe(false);
  });

  it('counts what is no longer sold in no total and cannot be ordered with it', () => {
    const gone = product('pot', { isActive: false });
    const { lines, totals, isOrderable } = priced(
      cart(line('cup'), line('pot')),
      known(product('cup'), gone),
    );
    expect(lines.map((one) => one.isAvailable)).toEqual([true, false]);
    expect(totals).toEqual([eur(500)]);
    expect(isOrderable).toBe(false);
  });

  it('shows a line whose product is unknown at its old price, and cannot be ordered', () => {
    const { lines, isOrderable } = priced(cart(line('cup', 2)), known());
    expect(lines[0]).toMatchObject({ name: 'cup', lineTotal: eur(1000), isAvailable: false });
    expect(isOrderable).toBe(false);
  });

  it('shows exact sums or none: of a line, of many lines, of one currency beside another', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const yen = { amountMinor: 1200, currency: 'JPY' };
    const dear = product('gem', { price: eur(most) });
    const whole = priced(cart(line('gem', 1, eur(most))), known(dear));
    expect(whole).toMatchObject({ totals: [eur(most)], isOrderable: true });
    const twice = priced(cart(line('gem', 2, eur(most))), known(dear));
    expect(twice.lines[0]).not.toHaveProperty('lineTotal');
    expect(twice).toMatchObject({ totals: [], isOrderable: false });
    const more = priced(
      cart(line('gem', 1, eur(most)), line('cup', 1), line('tea', 1, yen)),
      known(dear, product('cup'), product('tea', { price: yen })),
    );
    expect(more).toMatchObject({ totals: [yen], isOrderable: false });
  });

  it('that is empty has no total and cannot be ordered', () => {
    expect(priced(cart(), known())).toEqual({ version: 3, lines: [], totals: [], isOrderable: false });
  });
});
