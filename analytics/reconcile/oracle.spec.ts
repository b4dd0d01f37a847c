// Examples counted by hand, and the count against the rules' definition taken literally.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTime } from '#contracts/event-time.ts';
import { digestOf, PartitionCount } from './oracle.ts';
import { type PlainRecord, readPlainly, rfc3339Ms } from './plain-event.ts';

const NOON_MS = Date.UTC(2026, 10, 24, 12);
const RULES = { outOfOrderBoundMs: 5_000, latenessMs: 5_000, seenIdsMax: 3 };

interface Event {
  readonly id: string;
  readonly atMs: number;
  readonly bytes: number;
  readonly width?: number;
}

function record(offset: number, { id, atMs, bytes, width = 100 }: Event, change = {}): PlainRecord {
  const data = {
    productId: 'p1',
    source: { bucket: 'b', key: 'k', version: 'v' },
    rendition: { bucket: 'b', key: 'k', format: 'jpeg', width, height: 1, bytes },
    sizeTable: 1,
  };
  return {
    offset,
    timestampMs: NOON_MS + 3_600_000,
    value: Buffer.from(JSON.stringify(data)),
    headers: {
      ce_specversion: Buffer.from('1.0'),
      ce_type: Buffer.from('shop.product-images.processed.v1'),
      ce_id: Buffer.from(id),
      ce_source: Buffer.from('/s'),
      ce_time: Buffer.from(new Date(NOON_MS + atMs).toISOString()),
      ...change,
    },
  };
}

function count(events: readonly Event[], rules = RULES): PartitionCount {
  const counted = new PartitionCount(rules);
  events.forEach((event, offset) => counted.add(record(offset, event)));
  return counted;
}

const byText = (a: readonly unknown[], b: readonly unknown[]): number => String(a).localeCompare(String(b));

const sums = (counted: PartitionCount) =>
  [...counted.totals.values()].map((one) => [
    one.windowStartMs - NOON_MS,
    one.label,
    ...[one.events, one.bytes, one.lateEvents, one.lateBytes].map(Number),
  ]);

describe('the count of a partition', () => {
  it('sums bytes by the minute of the event time and by the label of the longest edge', () => {
    const counted = count([
      { id: 'a', atMs: 0, bytes: 10 },
      { id: 'b', atMs: 59_999, bytes: 20 },
      { id: 'c', atMs: 60_000, bytes: 40 },
      { id: 'd', atMs: 60_001, bytes: 80, width: 161 },
      { id: 'e', atMs: 60_001, bytes: 160, width: 3_841 },
    ]);
    expect(sums(counted)).toEqual([
      [0, 'thumbnail', 2, 30, 0, 0],
      [60_000, 'thumbnail', 1, 40, 0, 0],
      [60_000, 'small', 1, 80, 0, 0],
      [60_000, 'oversize', 1, 160, 0, 0],
    ]);
  });

  it('calls an event late from the moment that an earlier one is past its window, lateness and bound', () => {
    const before = count([
      { id: 'a', atMs: 69_999, bytes: 1 },
      { id: 'b', atMs: 0, bytes: 7 },
    ]);
    const at = count([
      { id: 'a', atMs: 70_000, bytes: 1 },
      { id: 'b', atMs: 0, bytes: 7 },
    ]);
    expect(sums(before)[1]).toEqual([0, 'thumbnail', 1, 7, 0, 0]);
    expect(sums(at)[1]).toEqual([0, 'thumbnail', 1, 7, 1, 7]);
  });

  it('counts an id once while it is among the last accepted ones, and again after that', () => {
    const counted = count(['a', 'b', 'a', 'c', 'd', 'a'].map((id, index) => ({ id, atMs: index, bytes: 1 })));
    // The repeat of a does not renew it: b, c and d are the last three when it comes again.
    expect([counted.events, counted.repeats]).toEqual([5, 1]);
  });

  it('lets a repeat move the greatest event time', () => {
    const counted = new PartitionCount(RULES);
    counted.add(record(0, { id: 'a', atMs: 0, bytes: 1 }));
    counted.add(record(1, { id: 'a', atMs: 70_000, bytes: 1 }));
    counted.add(record(2, { id: 'b', atMs: 1, bytes: 5 }));
    expect(sums(counted)).toEqual([[0, 'thumbnail', 2, 6, 1, 5]]);
  });

  it('lets a dead letter move nothing', () => {
    const counted = new PartitionCount(RULES);
    counted.add(record(0, { id: 'a', atMs: 3_600_000 * 2, bytes: 1 }));
    counted.add(record(1, { id: 'b', atMs: 0, bytes: 5 }));
    expect(counted.letters.get(0)?.reason).toBe('future-time');
    expect([counted.maxTimeMs, sums(counted)]).toEqual([NOON_MS, [[0, 'thumbnail', 1, 5, 0, 0]]]);
  });

  it('keeps the digest of what it refuses', () => {
    const counted = new PartitionCount(RULES);
    const value = Buffer.from('{');
    counted.add({ ...record(7, { id: 'a', atMs: 0, bytes: 1 }), value });
    expect(counted.letters.get(7)).toEqual({ reason: 'bad-json', digest: digestOf(value) });
  });

  it('is exact beyond 2^53', () => {
    const bytes = Number.MAX_SAFE_INTEGER;
    const counted = count(['a', 'b', 'c'].map((id) => ({ id, atMs: 0, bytes })));
    expect([...counted.totals.values()][0]?.bytes).toBe(27_021_597_764_222_973n);
  });

  it('is what the definition says, for any log', () => {
    const event = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      atMs: fc.integer({ min: -200_000, max: 200_000 }),
      bytes: fc.nat(1_000),
      width: fc.constantFrom(160, 161, 960, 4_000),
    });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        (events, seenIdsMax) => {
          const rules = { ...RULES, seenIdsMax };
          expect(sums(count(events, rules)).toSorted(byText)).toEqual(
            byDefinition(events, rules).toSorted(byText),
          );
        },
      ),
    );
  });
});

/** Each rule as its sentence reads, over the whole list, however slow. */
function byDefinition(events: readonly Required<Event>[], rules: typeof RULES): (string | number)[][] {
  const accepted: number[] = [];
  events.forEach(({ id }, index) => {
    const horizon = accepted.slice(-rules.seenIdsMax);
    if (!horizon.some((other) => events[other]!.id === id)) accepted.push(index);
  });
  const label = (width: number): string =>
    width > 3_840 ? 'oversize' : width > 480 ? 'medium' : width > 160 ? 'small' : 'thumbnail';
  const start = (atMs: number): number => atMs - (((atMs % 60_000) + 60_000) % 60_000);
  const isLate = (index: number): boolean =>
    events.slice(0, index).some(({ atMs }) => start(events[index]!.atMs) + 70_000 <= atMs);
  const groups = Map.groupBy(
    accepted,
    (index) => `${start(events[index]!.atMs)} ${label(events[index]!.width)}`,
  );
  return [...groups].map(([key, indexes]) => {
    const late = indexes.filter(isLate);
    const bytes = (some: readonly number[]): number =>
      some.reduce((sum, index) => sum + events[index]!.bytes, 0);
    const [at, name] = key.split(' ');
    return [Number(at), name!, indexes.length, bytes(indexes), late.length, bytes(late)];
  });
}

describe('a record', () => {
  const good = record(0, { id: 'a', atMs: 0, bytes: 1 });
  const reasonOf = (change: Partial<PlainRecord>): unknown => {
    const reading = readPlainly({ ...good, ...change });
    return reading.ok ? 'counted' : reading.reason;
  };
  const data = JSON.parse(String(good.value)) as { rendition: object };
  const withRendition = (change: object) => ({
    value: Buffer.from(JSON.stringify({ ...data, more: 1, rendition: { ...data.rendition, ...change } })),
  });
  const withHeader = (change: PlainRecord['headers']) => ({ headers: { ...good.headers, ...change } });

  it.each([
    ['counted', {}],
    ['counted', withRendition({ bytes: 2 ** 53 - 1 })],
    ['counted', withHeader({ ce_id: [Buffer.from(''), Buffer.from('b')] })],
    ['null-value', { value: null }],
    ['bad-utf8', { value: Buffer.from([0x22, 0xff, 0x22]) }],
    ['bad-json', { value: Buffer.from('') }],
    ['bad-data', { value: Buffer.from('null') }],
    ['bad-data', withRendition({ bytes: -1 })],
    ['bad-data', withRendition({ bytes: 2 ** 53 })],
    ['bad-data', withRendition({ width: 0 })],
    ['bad-data', { value: Buffer.from(JSON.stringify({ ...data, sizeTable: 99 })) }],
    ['unknown-version', withHeader({ ce_type: 'shop.product-images.processed.v2' })],
    ['unknown-type', withHeader({ ce_type: 'shop.product-images.rejected.v1' })],
    ['unknown-type', { headers: {} }],
    ['bad-envelope', withHeader({ ce_id: null })],
    ['bad-envelope', withHeader({ ce_source: '' })],
    ['bad-envelope', withHeader({ ce_specversion: '0.3' })],
    ['bad-envelope', withHeader({ ce_time: '24 Nov 2026' })],
    ['counted', { timestampMs: NOON_MS - 300_000 }],
    ['future-time', { timestampMs: NOON_MS - 300_001 }],
    ['counted', { timestampMs: NOON_MS + 366 * 86_400_000 }],
    ['too-old', { timestampMs: NOON_MS + 366 * 86_400_000 + 1 }],
  ])('is %s when it is %j', (expected, change) => {
    expect(reasonOf(change as Partial<PlainRecord>)).toBe(expected);
  });

  it.each([
    ['2026-11-24T12:00:00Z', NOON_MS],
    ['2026-11-24T13:30:00.5+01:30', NOON_MS + 500],
    ['2026-11-24T12:00:00.123999999Z', NOON_MS + 123],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2026-11-24t12:00:00z', NOON_MS],
    ['2026-11-24T12:00:00.1239999999999999999Z', NOON_MS + 123],
    ['2026-11-24T12:00:00-00:00', NOON_MS],
    ['1990-12-31T15:59:60-08:00', Date.UTC(1991, 0, 1) - 1],
    ['2026-06-30T23:59:60.5Z', Date.UTC(2026, 6, 1) - 1],
    ['2026-12-31T23:59:60+01:00', undefined],
    ['2026-12-31T23:59:61Z', undefined],
    ['2026-02-29T00:00:00Z', undefined],
    ['2026-11-24T24:00:00Z', undefined],
    ['2026-11-24T23:59:60Z', undefined],
    ['2026-11-24T12:00:00+24:00', undefined],
    ['2026-11-24 12:00:00Z', undefined],
    ['2026-11-24T12:00:00', undefined],
  ])('has the time %s as RFC 3339 means it', (text, ms) => {
    expect(rfc3339Ms(text)).toBe(ms);
  });

  it('has any time that the worker takes, at the same moment, and no other', () => {
    const of = (...texts: string[]) => fc.constantFrom(...texts);
    const digits = (length: number) =>
      fc.integer({ min: 0, max: 10 ** length - 1 }).map((n) => String(n).padStart(length, '0'));
    const day = fc.oneof(
      of('2026-06-30', '2026-12-31', '2024-02-29', '2026-02-29', '0000-01-01', '9999-12-31'),
      fc.tuple(digits(4), digits(2), digits(2)).map((parts) => parts.join('-')),
    );
    const clock = fc.oneof(
      of('23:59:60', '23:59:59', '00:00:00', '23:58:60', '15:59:60', '24:00:00', '12:60:00'),
      fc.tuple(digits(2), digits(2), digits(2)).map((parts) => parts.join(':')),
    );
    const fraction = fc.oneof(
      of('', '.', ',5', '.0', '.9999'),
      fc.integer({ min: 1, max: 30 }).map((n) => `.${'7'.repeat(n)}`),
    );
    const zone = fc.oneof(
      of('Z', 'z', '', '-00:00', '-08:00', '+24:00', '+0100'),
      fc
        .tuple(of('+', '-'), digits(2), digits(2))
        .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
    );
    const time = fc.tuple(day, of('T', 't', ' '), clock, fraction, zone).map((parts) => parts.join(''));
    fc.assert(
      fc.property(time, (text) => expect(rfc3339Ms(text) ?? Number.NaN).toBe(parseTime(text))),
      { numRuns: 3_000 },
    );
  });
});
