// Numbers and times in words that fit a narrow column. The language is always given: a browser may name one that there is not.
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
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${format.format(size)} ${UNITS[unit]}`;
}

/** `1234567` as `1,234,567`, exact at any length. */
export const wholeText = (digits: number | string | bigint, locale: string): string =>
  new Intl.NumberFormat(locale).format(BigInt(digits));

/** `1 minute`, `2 minutes`. */
export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `08:14`, in UTC as the windows are named. */
export const clockText = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }).format(new Date(iso));

/** `454 ms`, `12.3 s`. */
export function durationText(ms: number, locale: string): string {
  const isShort = ms < 9_950;
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: isShort ? 0 : 1 });
  return isShort ? `${format.format(ms)} ms` : `${format.format(ms / 1_000)} s`;
}

/** `08:14:30`, in UTC. */
export const secondText = (iso: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }).format(new Date(iso));

/** `29 Nov, 08:14:05 UTC`. */
export const momentText = (iso: string, locale: string): string =>
  `${new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }).format(new Date(iso))} UTC`;
