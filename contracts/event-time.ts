// A text in, the moment it names out; only RFC 3339 with a date that exists, read the same on every machine.
//
// Of what the grammar (RFC 3339 §5.6) and its restrictions (§5.7) leave open, read on 2026-11-28:
// - `t` and `z` count as `T` and `Z` (the note below the grammar).
// - A fraction has any number of digits; what is below a millisecond is cut off.
// - `-00:00` is UTC with an unknown local offset (§4.3): the moment is the same as with `Z`.
// - `:60` is the leap second at the end of 30 June or 31 December in UTC, whatever the offset. Which years have one cannot be
//   known far ahead (§5.7), so any of these is taken. Milliseconds since the epoch have no place for it: it is the last
//   millisecond of its minute, so that an event stays in the minute and on the day that its time names.
// - A space instead of `T` is refused: §5.6 leaves it to applications to say so, and CloudEvents does not.

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const MINUTE_MS = 60_000;

let lastTime = '';
let lastTimeMs = Number.NaN;
/** The date of the last time that was read the long way, which exists, and its midnight in UTC. */
let lastDate = '';
let lastDateMs = Number.NaN;

/** Milliseconds since the epoch, or NaN. Events that come in rows often share their time, or at least their date. */
export function parseTime(time: string): number {
  if (time !== lastTime) {
    lastTimeMs = time.startsWith(lastDate) ? readClock(time) : Number.NaN;
    if (Number.isNaN(lastTimeMs)) lastTimeMs = readWhole(time);
    lastTime = time;
  }
  return lastTimeMs;
}

function readWhole(time: string): number {
  const parts = RFC_3339.exec(time);
  if (!parts) return Number.NaN;
  const [, year, month, day, hours, minutes, seconds, fraction = '', sign, zoneHours, zoneMinutes] = parts;
  const dateMs = midnightOf(Number(year), Number(month), Number(day));
  if (Number.isNaN(dateMs)) return Number.NaN;
  lastDate = time.slice(0, 10);
  lastDateMs = dateMs;
  const offsetMs = sign
    ? (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -MINUTE_MS : MINUTE_MS)
    : 0;
  const minuteMs = dateMs + (Number(hours) * 60 + Number(minutes)) * MINUTE_MS - offsetMs;
  if (seconds === '60') return mayEndInLeapSecond(minuteMs) ? minuteMs + MINUTE_MS - 1 : Number.NaN;
  return minuteMs + Number(seconds) * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** NaN for a date that does not exist: `Date` alone takes 30 February for 2 March. */
function midnightOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : Number.NaN;
}

/** Whether the minute is the last of a June or a December in UTC. */
function mayEndInLeapSecond(minuteMs: number): boolean {
  const next = new Date(minuteMs + MINUTE_MS);
  return (
    (next.getUTCMonth() === 0 || next.getUTCMonth() === 6) &&
    next.getUTCDate() === 1 &&
    next.getUTCHours() === 0 &&
    next.getUTCMinutes() === 0
  );
}

/** What `toISOString` writes, on the last date: `…T08:14:00.000Z`. NaN for any other form. */
function readClock(time: string): number {
  if (time.length !== 24 || time[10] !== 'T' || time[13] !== ':' || time[16] !== ':') return Number.NaN;
  if (time[19] !== '.' || time[23] !== 'Z') return Number.NaN;
  const hours = digit(time, 11) * 10 + digit(time, 12);
  const minutes = digit(time, 14) * 10 + digit(time, 15);
  const seconds = digit(time, 17) * 10 + digit(time, 18);
  const milliseconds = digit(time, 20) * 100 + digit(time, 21) * 10 + digit(time, 22);
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN;
  return lastDateMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds;
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
