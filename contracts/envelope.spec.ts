import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import {
  type DecodeFault,
  decodeEvent,
  type EventContract,
  encodeEvent,
  type RawRecord,
} from './envelope.ts';

const schema = z.object({ name: z.string(), bytes: z.int(), tags: z.array(z.string()).optional() });
const contract: EventContract<z.infer<typeof schema>> = { type: 'shop.sample.v1', schema };
const event = {
  id: 'e-1',
  source: '/sample',
  time: '2026-11-24T08:14:00.123Z',
  data: { name: 'ä', bytes: 7 },
};

/** What Kafka hands out: bytes, headers included. */
function onTheWire(record: { value: string; headers: Record<string, string> }) {
  const headers = Object.entries(record.headers).map(([name, value]) => [name, Buffer.from(value)] as const);
  return { value: Buffer.from(record.value), headers: Object.fromEntries(headers) };
}
const valid = onTheWire(encodeEvent(contract, 'k', event));
const withHeader = (name: string, value: string | null | undefined): RawRecord => ({
  ...valid,
  headers: { ...valid.headers, [name]: value },
});
const faultOf = (record: RawRecord): DecodeFault | 'none' => {
  const decoded = decodeEvent(contract, record);
  return decoded.ok ? 'none' : decoded.fault;
};

const isoTime = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const anyEvent = fc.record(
  {
    id: fc.string({ minLength: 1, unit: 'binary' }),
    source: fc.string({ minLength: 1 }),
    time: isoTime,
    traceparent: fc.constant('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
    data: fc.record(
      {
        name: fc.string({ unit: 'binary' }),
        bytes: fc.maxSafeInteger(),
        tags: fc.array(fc.string({ unit: 'grapheme' })),
      },
      { requiredKeys: ['name', 'bytes'] },
    ),
  },
  { requiredKeys: ['id', 'source', 'time', 'data'] },
);

describe('an event on Kafka', () => {
  it('comes back as it was sent, with any content', () => {
    fc.assert(
      fc.property(anyEvent, fc.string(), (sent, key) => {
        const record = encodeEvent(contract, key, sent);
        expect(record.key).toBe(key);
        const decoded = decodeEvent(contract, onTheWire(record));
        const timeMs = Date.parse(sent.time);
        expect(decoded).toEqual({ ok: true, event: { ...sent, timeMs, type: contract.type } });
      }),
    );
  });

  it('has its time in milliseconds, also when neighbours share or change it', () => {
    const times = [
      '2026-11-24T08:14:00.123Z',
      '2026-11-24T09:14:00.123+01:00',
      '2026-11-24T08:14:00.123Z',
      'soon',
    ];
    const decoded = times.map((time) => decodeEvent(contract, withHeader('ce_time', time)));
    const expected = Date.UTC(2026, 10, 24, 8, 14, 0, 123);
    expect(decoded.map((one) => (one.ok ? one.event.timeMs : one.fault))).toEqual([
      expected,
      expected,
      expected,
      'bad-envelope',
    ]);
  });

  it('is never an exception, with any bytes and headers', () => {
    const header = fc.oneof(fc.string(), fc.uint8Array(), fc.constant(null), fc.constant(undefined));
    const name = fc.constantFrom(
      'ce_type',
      'ce_id',
      'ce_source',
      'ce_time',
      'ce_specversion',
      'traceparent',
      'x',
    );
    const record = fc.record({
      value: fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
        fc.constant(null),
      ),
      headers: fc.dictionary(name, header).map((given) => ({ ...valid.headers, ...given })),
    });
    fc.assert(fc.property(record, (raw) => expect(typeof decodeEvent(contract, raw).ok).toBe('boolean')));
  });

  it('carries its attributes as CloudEvents headers and the data alone as value', () => {
    const record = encodeEvent(contract, 'k', event);
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'e-1',
      ce_source: '/sample',
      ce_type: 'shop.sample.v1',
      ce_time: '2026-11-24T08:14:00.123Z',
      'content-type': 'application/json',
    });
    expect(JSON.parse(record.value)).toEqual({ name: 'ä', bytes: 7 });
  });

  it('carries the trace of its cause', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const record = encodeEvent(contract, 'k', { ...event, traceparent });
    expect(record.headers.traceparent).toBe(traceparent);
    expect(decodeEvent(contract, onTheWire(record))).toMatchObject({ ok: true, event: { traceparent } });
  });

  it('is not published when its data breaks the contract', () => {
    const data = { name: 'a', bytes: 0.5 };
    expect(() => encodeEvent(contract, 'k', { ...event, data })).toThrow(z.ZodError);
  });
});

describe('a reader accepts what a newer producer adds', () => {
  it('unknown data fields', () => {
    const value = Buffer.from('{"name":"a","bytes":1,"added":{"in":"v1.1"}}');
    expect(decodeEvent(contract, { ...valid, value })).toMatchObject({
      ok: true,
      event: { data: { name: 'a' } },
    });
  });

  it.each(['ce_subject', 'tracestate', 'x-anything'])('an unknown header %s', (name) => {
    expect(faultOf(withHeader(name, 'x'))).toBe('none');
  });

  it('a header without a value', () => {
    expect(faultOf(withHeader('x-empty', null))).toBe('none');
    expect(faultOf(withHeader('traceparent', null))).toBe('none');
  });

  it('a time with an offset or nanoseconds, in lower case, or of a leap second', () => {
    expect(faultOf(withHeader('ce_time', '2026-11-24t08:14:00z'))).toBe('none');
    expect(faultOf(withHeader('ce_time', '2016-12-31T23:59:60Z'))).toBe('none');
    expect(faultOf(withHeader('ce_time', '2026-11-24T09:14:00+01:00'))).toBe('none');
    expect(faultOf(withHeader('ce_time', '2026-11-24T08:14:00.123456789Z'))).toBe('none');
  });
});

describe('a reader refuses, with the code that dead letters carry,', () => {
  it.each<[DecodeFault, string, RawRecord]>([
    ['null-value', 'a tombstone', { ...valid, value: null }],
    ['bad-utf8', 'bytes that are not UTF-8', { ...valid, value: Uint8Array.of(0x22, 0xff, 0x22) }],
    ['bad-utf8', 'a cut character', { ...valid, value: valid.value.subarray(0, 10) }],
    ['bad-json', 'half a document', { ...valid, value: Buffer.from('{"name":') }],
    ['bad-json', 'an empty value', { ...valid, value: Buffer.alloc(0) }],
    ['bad-envelope', 'another CloudEvents version', withHeader('ce_specversion', '0.3')],
    ['bad-envelope', 'no CloudEvents version', withHeader('ce_specversion', undefined)],
    ['bad-envelope', 'no id', withHeader('ce_id', undefined)],
    ['bad-envelope', 'an empty id', withHeader('ce_id', '')],
    ['bad-envelope', 'a null id', withHeader('ce_id', null)],
    ['bad-envelope', 'no source', withHeader('ce_source', undefined)],
    ['bad-envelope', 'no time', withHeader('ce_time', undefined)],
    ['bad-envelope', 'a time in another form', withHeader('ce_time', '24 Nov 2026')],
    ['bad-envelope', 'a time without a zone', withHeader('ce_time', '2026-11-24T08:14:00')],
    ['bad-envelope', 'a time that does not exist', withHeader('ce_time', '2026-13-24T08:14:00Z')],
    ['unknown-type', 'no type', withHeader('ce_type', undefined)],
    ['unknown-type', 'another type', withHeader('ce_type', 'shop.other.v1')],
    ['unknown-version', 'a newer major version', withHeader('ce_type', 'shop.sample.v2')],
    ['unknown-version', 'an unversioned type', withHeader('ce_type', 'shop.sample')],
    ['bad-data', 'a missing field', { ...valid, value: Buffer.from('{"name":"a"}') }],
    ['bad-data', 'a field of another type', { ...valid, value: Buffer.from('{"name":"a","bytes":"1"}') }],
    ['bad-data', 'a list where an object belongs', { ...valid, value: Buffer.from('[]') }],
    ['bad-data', 'null', { ...valid, value: Buffer.from('null') }],
  ])('%s: %s', (fault, _rule, record) => {
    expect(faultOf(record)).toBe(fault);
  });

  it('without quoting the data, which may be personal', () => {
    const value = Buffer.from('{"name":{"secret":"jane@example.org"},"bytes":"4111111111111111"}');
    const decoded = decodeEvent(contract, { ...valid, value });
    expect(decoded.ok).toBe(false);
    expect(JSON.stringify(decoded)).not.toMatch(/jane|4111/);
  });

  it('without quoting what is not JSON either', () => {
    const decoded = decodeEvent(contract, { ...valid, value: Buffer.from('jane@example.org') });
    expect(JSON.stringify(decoded)).not.toContain('jane');
  });
});
