import { describe, expect, it } from '@jest/globals';
import {
  amountField,
  CURRENCY_DIGITS,
  currency,
  exactTotalMinor,
  money,
  moneyText,
  readAmount,
} from './money.ts';

describe('currencies', () => {
  it.each([
    ['HUF', 2],
    ['ISK', 0],
    ['JPY', 0],
    ['UGX', 0],
    ['MGA', 2],
    ['TWD', 2],
    ['BHD', 3],
    ['CLF', 4],
    ['XCG', 2],
  ])('%s has %i digits', (code, digits) => {
    expect(CURRENCY_DIGITS.get(code)).toBe(digits);
  });

  it('are all of the published list that have a minor unit, once each', () => {
    expect(CURRENCY_DIGITS.size).toBe(165);
    expect([...CURRENCY_DIGITS.keys()].filter((code) => !/^[A-Z]{3}$/.test(code))).toEqual([]);
  });

  // Retired ones (BGN, HRK, ANG), those without a unit (XAU, XXX, XTS), made up ones, and other writings of a real one.
  it.each(['BGN', 'HRK', 'ANG', 'XAU', 'XXX', 'XTS', 'ABC', 'eur', ' EUR', 'EUR\n', 'EURUSD', ''])(
    '%j is refused where money comes in',
    (code) => {
      expect(currency.safeParse(code).success).toBe(false);
      expect(money.safeParse({ amountMinor: 1, currency: code }).success).toBe(false);
    },
  );
});

describe('an amount for people', () => {
  it.each([
    [123_450, 'HUF', 'en', 'HUF 1,234.50'],
    [123_450, 'HUF', 'de', '1.234,50 HUF'],
    [123_450, 'JPY', 'en', '¥123,450'],
    [123_450, 'ISK', 'en', 'ISK 123,450'],
    [123_450, 'TWD', 'en', 'NT$1,234.50'],
    [123_450, 'BHD', 'en', 'BHD 123.450'],
    [123_450, 'IQD', 'en', 'IQD 123.450'],
    [123_450, 'LAK', 'en', 'LAK 1,234.50'],
    [5, 'CLF', 'en', 'CLF 0.0005'],
    [0, 'EUR', 'en', '€0.00'],
    [Number.MAX_SAFE_INTEGER, 'EUR', 'en', '€90,071,992,547,409.91'],
  ])('%i minor units of %s in %s: %s', (amountMinor, code, locale, text) => {
    expect(moneyText({ amountMinor, currency: code }, locale).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('of an unknown currency claims no digits', () => {
    expect(moneyText({ amountMinor: 5, currency: 'ABC' }, 'en')).toBe('5 minor units of ABC');
  });
});

describe('a sum of lines', () => {
  const line = (quantity: number, unitPriceMinor: number) => ({ quantity, unitPriceMinor });
  it('is exact up to 2^53 - 1', () => {
    expect(exactTotalMinor([])).toBe(0);
    expect(exactTotalMinor([line(1, Number.MAX_SAFE_INTEGER - 1), line(1, 1)])).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    ['beyond it', [line(1, Number.MAX_SAFE_INTEGER), line(1, 1)]],
    // In floating point this one comes back to a safe number: the order of the lines must not matter.
    ['of one line', [line(99, Number.MAX_SAFE_INTEGER)]],
    ['of many lines', Array.from({ length: 50 }, () => line(99, 2 ** 41))],
  ])('%s is none', (_case, lines) => {
    expect(exactTotalMinor(lines)).toBeUndefined();
  });
});

describe('an amount in a form', () => {
  it.each([
    ['49.00', 'EUR', 4_900],
    ['49,5', 'EUR', 4_950],
    [' 49 ', 'EUR', 4_900],
    ['0', 'EUR', 0],
    ['1200', 'JPY', 1_200],
    ['1.234', 'BHD', 1_234],
    ['90071992547409.91', 'EUR', Number.MAX_SAFE_INTEGER],
  ])('%p of %s is %i minor units', (text, code, amountMinor) => {
    expect(readAmount(text, code)).toBe(amountMinor);
  });

  it.each([
    ['1,234', 'EUR'],
    ['1.234,50', 'EUR'],
    ['12.5', 'JPY'],
    ['-1', 'EUR'],
    ['1e3', 'EUR'],
    ['€5', 'EUR'],
    ['', 'EUR'],
    ['.5', 'EUR'],
    ['5.', 'EUR'],
    ['١', 'EUR'],
    ['5', 'XXX'],
    ['90071992547409.92', 'EUR'],
  ])('%p of %s is none', (text, code) => {
    expect(readAmount(text, code)).toBeUndefined();
  });

  it('comes back as it was, in every currency', () => {
    for (const code of CURRENCY_DIGITS.keys())
      for (const amountMinor of [0, 5, 4_900, Number.MAX_SAFE_INTEGER])
        expect(readAmount(amountField({ amountMinor, currency: code }), code)).toBe(amountMinor);
  });
});
