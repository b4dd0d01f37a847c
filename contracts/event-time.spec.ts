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
    ['2026-11-24t08:14:00z', Date.UTC(2026, 10, 24, 8, 14)],
    ['2026-11-24T08:14:00z', Date.UTC(2026, 10, 24, 8, 14)],
    ['2026-11-24t09:14:00.5+01:00', Date.UTC(2026, 10, 24, 8, 14, 0, 500)],
    ['2026-11-24T08:14:00.1234567891234567890123456789Z', Date.UTC(2026, 10, 24, 8, 14, 0, 123)],
    ['2026-11-24T08:14:00.9999999999Z', Date.UTC(2026, 10, 24, 8, 14, 0, 999)],
    ['2026-11-24T08:14:00-00:00', Date.UTC(2026, 10, 24, 8, 14)],
    ['2026-11-24T08:14:00+23:59', Date.UTC(2026, 10, 23, 8, 15)],
    ['0000-02-29T00:00:00Z', Date.parse('0000-02-29')],
    ['0099-12-31T23:59:59.5-00:01', Date.parse('0100-01-01T00:00:59.5Z')],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    // The examples of RFC 3339 §5.8: a leap second is the last millisecond of its minute.
    ['1985-04-12T23:20:50.52Z', Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
    ['1996-12-19T16:39:57-08:00', Date.UTC(1996, 11, 20, 0, 39, 57)],
    ['1990-12-31T23:59:60Z', Date.UTC(1990, 11, 31, 23, 59, 59, 999)],
    ['1990-12-31T15:59:60-08:00', Date.UTC(1990, 11, 31, 23, 59, 59, 999)],
    ['1937-01-01T12:00:27.87+00:20', Date.UTC(1937, 0, 1, 11, 40, 27, 870)],
    ['2015-07-01T05:29:60.75+05:30', Date.UTC(2015, 5, 30, 23, 59, 59, 999)],
    ['2016-12-31t23:59:60.000z', Date.UTC(2016, 11, 31, 23, 59, 59, 999)],
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
    '2026-12-31T23:58:60Z',
    '2026-12-31T22:59:60Z',
    '2026-12-31T23:59:60+01:00',
    '2026-11-30T23:59:60Z',
    '2026-06-30T23:59:61Z',
    '2026-11-24T08:14:00.',
    '2026-11-24T08:14:00,5Z',
    '2026-11-24T08:14:00+1:00',
    '2026-11-24T08:14:00+0100',
    '2026-11-24T08:14:00+00:60',
    '2026-11-24T08:14:00 Z',
    ' 2026-11-24T08:14:00Z',
    '2026-11-24T08:14:00Z\n',
    '2026-11-24T08:14:00ZZ',
    '2026-11-24\u017fT08:14:00Z',
    '\u0662026-11-24T08:14:00Z',
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

  it('is judged again each time, without memory of earlier judgements', () => {
    expect(parseTime('2026-11-24T08:14:00Z')).toBe(parseTime('2026-11-24T08:14:00Z'));
    expect(parseTime('2026-11-24T08:14:61Z')).toBeNaN();
    expect(parseTime('2026-11-24T08:14:00Z')).toBe(Date.UTC(2026, 10, 24, 8, 14));
  });
});
