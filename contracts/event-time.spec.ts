import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTime } from './event-time.ts';

describe('an event time', () => {
  it('is read as Date writes it, for every millisecond of RFC 3339', () => {
    const years = { min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => expect(parseTime(date.toISOString())).toBe(date.getTime())),
    );
  });

  it('is read the same whether the date was read just before or not', () => {
    const day = Date.UTC(2026, 10, 24);
    const clock = fc.integer({ min: 0, max: 86_399_999 });
    fc.assert(
      fc.property(clock, clock, (first, second) => {
        parseTime(new Date(day + first).toISOString());
        expect(parseTime(new Date(day + second).toISOString())).toBe(day + second);
        expect(parseTime(`2026-11-24T${second % 24}:00:0x.000Z`)).toBeNaN();
        expect(parseTime('2026-11-24T24:00:00.000Z')).toBeNaN();
        expect(parseTime('2026-11-24T23:59:60.000Z')).toBeNaN();
      }),
    );
  });

  it.each([
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['2026-11-24T09:14:00+01:00', Date.UTC(2026, 10, 24, 8, 14)],
    ['2026-11-24T08:14:00.123456789Z', Date.UTC(2026, 10, 24, 8, 14, 0, 123)],
  ])('is understood: %s', (time, timeMs) => {
    expect(parseTime(time)).toBe(timeMs);
  });

  it.each([
    '',
    '2026-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T23:60:00Z',
    '2026-11-24T23:59:60Z',
    '2026-11-24T08:14:00',
    '2026-11-24T08:14Z',
    '2026-11-24 08:14:00Z',
    '2026-11-24T08:14:00+24:00',
    '2026-11-24T08:14:00.Z',
    '24 Nov 2026 08:14:00 UTC',
    '+002026-11-24T08:14:00Z',
    '1795508040000',
  ])('is refused: %j', (time) => {
    expect(parseTime(time)).toBeNaN();
  });

  it('is judged anew each time, whatever was judged before', () => {
    expect(parseTime('2026-11-24T08:14:00Z')).toBe(parseTime('2026-11-24T08:14:00Z'));
    expect(parseTime('2026-11-24T08:14:61Z')).toBeNaN();
    expect(parseTime('2026-11-24T08:14:00Z')).toBe(Date.UTC(2026, 10, 24, 8, 14));
  });
});
