import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { forEachRecord, type RecordBatch } from './records.ts';

type Header = readonly [name: string, value: string | null];

/** Zigzag, for lengths below 64 and their null: one byte each. */
const short = (value: number): number => (value < 0 ? 1 : value * 2);

const text = (value: string | null): number[] => {
  const bytes = [...Buffer.from(value ?? '')];
  return [short(value === null ? -1 : bytes.length), ...bytes];
};

/** A record of attributes, times and offsets 0, with no key and no value. Source: Kafka protocol guide, "Record". */
function record(headers: readonly Header[]): Buffer {
  const fields = [0, 0, 0, short(-1), short(-1), short(headers.length), ...headers.flat().flatMap(text)];
  const lengthPrefix = [((fields.length * 2) & 0x7f) | 0x80, (fields.length * 2) >> 7];
  return Buffer.from([...lengthPrefix, ...fields]);
}

const batch = (records: readonly Buffer[]): RecordBatch => ({
  firstOffset: 0,
  lastOffset: 0,
  firstTimestampMs: 0,
  maxTimestampMs: 0,
  isLogAppendTime: false,
  isTransactional: false,
  isControl: false,
  producerId: -1n,
  count: records.length,
  payload: Buffer.concat(records),
});

function headersRead(records: readonly Buffer[]): Readonly<Record<string, string>>[] {
  const read: Readonly<Record<string, string>>[] = [];
  forEachRecord(batch(records), ({ headers }) => read.push(headers));
  return read;
}

/** One record's headers, without knowledge of any other: of a name that was written twice the last value. */
function headersOf(headers: readonly Header[]): Record<string, string> {
  const expected: Record<string, string> = {};
  for (const [name, value] of headers) expected[name] = value ?? '';
  return expected;
}

describe('the headers of consecutive records', () => {
  it('are those of each record, whatever the records before had', () => {
    const name = fc.constantFrom('', 'a', 'b', 'ce_id', 'ce_if', 'ä', '__proto__');
    const value = fc.constantFrom(
      null,
      '',
      'x',
      'y',
      'ä',
      'ö',
      'upload-1',
      'upload-2',
      'Upload-1',
      'upload-10',
    );
    const headers = fc.array(fc.tuple(name, value), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(headers, { minLength: 2, maxLength: 12 }), (records) => {
        expect(headersRead(records.map(record))).toEqual(records.map(headersOf));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are one object while nothing differs, and another one for another id', () => {
    const [first, same, other] = headersRead(
      ['1', '1', '2'].map((id) =>
        record([
          ['ce_id', id],
          ['ce_type', 't'],
        ]),
      ),
    );
    expect(same).toBe(first);
    expect(first).toEqual({ ce_id: '1', ce_type: 't' });
    expect(other).toEqual({ ce_id: '2', ce_type: 't' });
  });

  it('end where the batch ends when a damaged length points past it', () => {
    const whole = record([['a', 'upload-1']]);
    const damaged = Buffer.from(whole);
    const lengthAt = damaged.length - 'upload-1'.length - 1;
    damaged[lengthAt] = short(60);
    const read = headersRead([damaged, damaged]);
    expect(read[1]).toEqual({ a: 'upload-1' });
  });
});
