import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceLines } from './pricing.ts';

const product = (productId: string, amountMinor: number, currency = 'EUR', isActive = true) =>
  [productId, { productId, price: { amountMinor, currency }, isActive }] as const;
const prices = new Map([
  product('tea', 450),
  product('pot', 2_000),
  product('old', 100, 'EUR', false),
  product('yen', 300, 'JPY'),
  product('gold', Number.MAX_SAFE_INTEGER),
]);
const price = (
  lines: readonly (readonly [string, number])[],
  expectedTotalMinor?: number,
  currency = 'EUR',
) =>
  priceLines(
    lines.map(([productId, quantity]) => ({ productId, quantity })),
    currency,
    expectedTotalMinor,
    prices,
  );

describe('the price of an order', () => {
  it('is the sum of its lines, each at the price that we know', () => {
    expect(
      price(
        [
          ['tea', 3],
          ['pot', 1],
        ],
        3_350,
      ),
    ).toEqual({
      ok: true,
      lines: [
        { productId: 'tea', quantity: 3, unitPriceMinor: 450 },
        { productId: 'pot', quantity: 1, unitPriceMinor: 2_000 },
      ],
      total: { amountMinor: 3_350, currency: 'EUR' },
    });
  });

  it('is part of the refusal when the customer has seen another', () => {
    expect(price([['tea', 1]], 400)).toEqual({
      ok: false,
      fault: { code: 'price-changed', total: { amountMinor: 450, currency: 'EUR' } },
    });
  });

  it.each([
    [
      'unknown-product',
      [
        ['tea', 1],
        ['nothing', 1],
      ],
      ['nothing'],
    ],
    ['inactive-product', [['old', 1]], ['old']],
    [
      'currency-mismatch',
      [
        ['tea', 1],
        ['yen', 1],
      ],
      ['yen'],
    ],
    [
      'duplicate-product',
      [
        ['tea', 1],
        ['pot', 1],
        ['tea', 2],
        ['tea', 3],
      ],
      ['tea'],
    ],
  ] as const)('does not exist: %s', (code, lines, products) => {
    expect(price(lines)).toEqual({ ok: false, fault: { code, products } });
  });

  it('is never rounded: a total beyond whole numbers is refused', () => {
    expect(price([['gold', 1]])).toMatchObject({ ok: true });
    expect(
      price([
        ['gold', 1],
        ['tea', 1],
      ]),
    ).toEqual({ ok: false, fault: { code: 'total-too-large' } });
  });

  it('is exact wherever it is accepted', () => {
    const amount = fc.maxSafeNat();
    const line = fc.record({ amountMinor: amount, quantity: fc.integer({ min: 1, max: 99 }) });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 50 }), (wanted) => {
        const known = new Map(wanted.map(({ amountMinor }, index) => product(`p${index}`, amountMinor)));
        const lines = wanted.map(({ quantity }, index) => ({ productId: `p${index}`, quantity }));
        const exact = wanted.reduce((sum, one) => sum + BigInt(one.amountMinor) * BigInt(one.quantity), 0n);
        const priced = priceLines(lines, 'EUR', undefined, known);
        expect(priced.ok ? BigInt(priced.total.amountMinor) : 'refused').toBe(
          exact <= BigInt(Number.MAX_SAFE_INTEGER) ? exact : 'refused',
        );
      }),
    );
  });
});
