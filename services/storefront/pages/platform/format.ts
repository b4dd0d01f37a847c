// Numbers and times in words that fit a narrow column. The language is always given: a browser may name one that does not exist.
import { remembered } from '#contracts/remembered.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1234567` as `1.23 MB`: decimal units, three digits. Takes numbers and decimal digits. */
export function bytesText(bytes: number | string | bigint, locale: string): string {
  let size = Number(bytes);
  let unit = 0;
  // 999.5 would be shown as 1000 of its unit.
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${numbersOf(locale, digits).format(size)} ${UNITS[unit]}`;
}

/** `1234567` as `1,234,567`, exact at any length. */
export const wholeText = (digits: number | string | bigint, locale: string): string =>
  numbersOf(locale, 0).format(BigInt(digits));

/** `1 minute`, `2 minutes`. */
export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `08:14`, in UTC as the windows are named. */
export const clockText = (iso: string, locale: string): string => clockOf(locale).format(new Date(iso));

/** `08:14:30`, in UTC. */
export const secondText = (iso: string, locale: string): string => secondOf(locale).format(new Date(iso));

/** `29 Nov, 08:14:05 UTC`. */
export const momentText = (iso: string, locale: string): string =>
  `${momentOf(locale).format(new Date(iso))} UTC`;

/** `454 ms`, `1.53 s`, `12.3 s`. */
export const durationText = (ms: number, locale: string): string =>
  ms < 999.5
    ? `${numbersOf(locale, 0).format(ms)} ms`
    : `${numbersOf(locale, ms < 9_995 ? 2 : 1).format(ms / 1_000)} s`;

/** `12/s`, `0.4/s`; a dash where it is unknown. */
export const rateText = (eventsPerS: number | null, locale: string): string =>
  `${eventsPerS === null ? '–' : rateOf(locale).format(eventsPerS)}/s`;

/** `12.3k`, for where there is little room. */
export const shortText = (count: number, locale: string): string => shortOf(locale).format(count);

const numbersOf = remembered(
  (locale: string, digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const timesOf = (parts: Intl.DateTimeFormatOptions) =>
  remembered(
    (locale: string) => new Intl.DateTimeFormat(locale, { ...parts, hourCycle: 'h23', timeZone: 'UTC' }),
  );
const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;
const SECOND = { ...CLOCK, second: '2-digit' } as const;
const clockOf = timesOf(CLOCK);
const secondOf = timesOf(SECOND);
const momentOf = timesOf({ ...SECOND, day: 'numeric', month: 'short' });
const rateOf = remembered(
  (locale: string) => new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, useGrouping: false }),
);
const shortOf = remembered(
  (locale: string) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }),
);
