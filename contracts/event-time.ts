// A text in, the moment it names out; only RFC 3339 §5.6 with a date that exists, read the same on every machine.

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

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
  if (!isTime(time)) return Number.NaN;
  lastDate = time.slice(0, 10);
  lastDateMs = Date.parse(lastDate);
  return Date.parse(time);
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

/**
 * `Date.parse` alone reads `24 Nov 2026` in the machine's own time zone, and takes 30 February for 2 March and 24:00 for
 * the next day, which RFC 3339 §5.7 forbids.
 */
function isTime(time: string): boolean {
  const [, year, month, day] = RFC_3339.exec(time) ?? [];
  const date = new Date(`${year}-${month}-01T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return false;
  date.setUTCDate(Number(day));
  return date.getUTCMonth() + 1 === Number(month);
}
