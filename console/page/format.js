// Numbers and times in words that fit a narrow column.
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const whole = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/**
 * `1234567` as `1.23 MB` (decimal units, three digits); takes numbers and decimal strings.
 * @param {number | string | bigint} bytes
 */
export function bytesText(bytes) {
  let size = Number(bytes);
  let unit = 0;
  // 999.5 would be shown as 1000 of its unit.
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

/**
 * `1234567` as `1,234,567`, exact at any length.
 * @param {number | string | bigint} digits
 */
export const wholeText = (digits) => whole.format(BigInt(digits));

/**
 * `08:14` in the reader's time zone.
 * @param {Date} date
 */
export const clockText = (date) => clock.format(date);

/**
 * `1 photo`, `2 photos`.
 * @param {number} count
 * @param {string} noun
 */
export const countText = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
