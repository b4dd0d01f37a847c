// Amounts: whole minor units and a currency. Never a fraction, never a float. Only this file says what a currency's minor unit is.
import { z } from 'zod';
import { remembered } from './remembered.ts';

/**
 * Digits behind the decimal point, by currency. Source: ISO 4217 List One, published by the maintenance agency (SIX) on 2026-01-01.
 * Codes without a minor unit (gold, testing, `XXX`) are none that a price can be in, and are left out.
 */
const CODES_BY_DIGITS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC
    CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
    KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
    PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
    UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/** Every active currency, and how many digits its minor unit has. */
export const CURRENCY_DIGITS: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_DIGITS)
    .flatMap(([digits, codes]) => codes.split(/\s+/).map((code) => [code, Number(digits)] as const))
    .toSorted(([one], [other]) => (one < other ? -1 : 1)),
);

/**
 * An active code of ISO 4217. A pattern and not an enum: it is one line in JSON Schema, and types made from it
 * are plain text, which a new currency does not break.
 */
export const currency = z.string().regex(new RegExp(`^(${[...CURRENCY_DIGITS.keys()].join('|')})$`));

/** An amount that is paid or owed: cents for EUR, yen for JPY. */
export const money = z.object({
  amountMinor: z.int().nonnegative(),
  currency,
});
export type Money = z.infer<typeof money>;

export const isSameMoney = (one: Money, other: Money): boolean =>
  one.amountMinor === other.amountMinor && one.currency === other.currency;

/**
 * The sum of lines, exactly; undefined where it passes what a number holds exactly (2^53 - 1). No amount is ever rounded.
 * @param lines in one currency
 */
export function exactTotalMinor(
  lines: readonly { readonly quantity: number; readonly unitPriceMinor: number }[],
): number | undefined {
  const sum = lines.reduce((total, line) => total + BigInt(line.quantity) * BigInt(line.unitPriceMinor), 0n);
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : undefined;
}

/**
 * An amount for people, as a language writes it: `1.234,50 €` in German, `¥1,200`, `HUF 1,234.50`. Its digits are those of ISO 4217:
 * Intl's own table follows custom, and writes forints without the two digits that our amounts have.
 */
export function moneyText({ amountMinor, currency: code }: Money, locale: string): string {
  const digits = CURRENCY_DIGITS.get(code);
  // Only a value that bypassed the schemas gets here: a wrong number of digits would be another amount.
  if (digits === undefined) return `${amountMinor} minor units of ${code}`;
  return formatOf(locale, code).format(decimal(amountMinor, digits));
}

/** To make one takes longer than the rest of a page that shows it. */
const formatOf = remembered((locale: string, code: string) => {
  const digits = CURRENCY_DIGITS.get(code)!;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
});

/** As text, since 0.1 + 0.2 is not 0.3; Intl reads decimal texts exactly (ECMA-402, NumberFormat v3). */
function decimal(amountMinor: number, digits: number): `${number}` {
  const padded = String(amountMinor).padStart(digits + 1, '0');
  if (digits === 0) return padded as `${number}`;
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}` as `${number}`;
}

/**
 * An amount as a person writes it, `49.00` or `49,5`. Undefined for what is none, and for more digits than the currency has: `1,234` is no
 * amount of euros, for nobody knows whether it has thousands.
 */
export function readAmount(text: string, code: string): number | undefined {
  const digits = CURRENCY_DIGITS.get(code);
  const [, whole, fraction = ''] = /^(\d{1,16})(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (digits === undefined || whole === undefined || fraction.length > digits) return undefined;
  const amountMinor = Number(whole + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(amountMinor) ? amountMinor : undefined;
}

/** The same back for a field of a form: `49.00`. */
export const amountField = ({ amountMinor, currency: code }: Money): string =>
  decimal(amountMinor, CURRENCY_DIGITS.get(code) ?? 0);
