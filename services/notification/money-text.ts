// An amount in, its text as the language writes it out. Exact: no amount ever becomes a float.
import type { Money } from '#contracts/money.ts';

/** `1.234,50 €` in German, `€1,234.50` in English, `¥1,200` for a currency without minor units. */
export function moneyText({ amountMinor, currency }: Money, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(decimal(amountMinor, digits));
}

/** As text, since 0.1 + 0.2 is not 0.3; Intl reads decimal texts exactly (ECMA-402, NumberFormat v3). */
function decimal(amountMinor: number, digits: number): `${number}` {
  const padded = String(amountMinor).padStart(digits + 1, '0');
  if (digits === 0) return padded as `${number}`;
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}` as `${number}`;
}
