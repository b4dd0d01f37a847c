// A text in, the moment it names out; only RFC 3339 §5.6 with a date that exists, read the same on every machine.

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

let lastTime = '';
let lastTimeMs = Number.NaN;

/** Milliseconds since the epoch, or NaN. Events that come in rows often share their time, so the last answer is kept. */
export function parseTime(time: string): number {
  if (time !== lastTime) {
    lastTimeMs = isTime(time) ? Date.parse(time) : Number.NaN;
    lastTime = time;
  }
  return lastTimeMs;
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
