import { describe, expect, it } from '@jest/globals';
import { isLate, readImageBytes, windowStartOf } from './topology.ts';

const patience = { outOfOrderBoundMs: 5_000, latenessMs: 10_000 };
const TIME = '2026-11-24T08:14:30.000Z';

function record(
  change: {
    headers?: Record<string, string>;
    rendition?: object;
    value?: Buffer | null;
    timestampMs?: number;
  } = {},
) {
  const data = {
    productId: 'p1',
    source: { bucket: 'product-images', key: 'uploads/p1/u1.jpg', version: '1' },
    rendition: {
      bucket: 'processed-images',
      key: 'k',
      format: 'jpeg',
      width: 960,
      height: 640,
      bytes: 1_000,
      ...change.rendition,
    },
    sizeTable: 1,
  };
  return {
    value: change.value === undefined ? Buffer.from(JSON.stringify(data)) : change.value,
    timestampMs: change.timestampMs ?? Date.parse(TIME),
    headers: {
      ce_specversion: '1.0',
      ce_id: 'e1',
      ce_source: '/images',
      ce_type: 'shop.product-images.processed.v1',
      ce_time: TIME,
      ...change.headers,
    },
  };
}

describe('reading a record', () => {
  it('labels a rendition by its longest edge under the size table of the event', () => {
    expect(readImageBytes(record())).toEqual({
      ok: true,
      event: { source: '/images', id: 'e1', timeMs: Date.parse(TIME), label: 'medium', bytes: 1_000 },
    });
    expect(readImageBytes(record({ rendition: { width: 100, height: 961 } }))).toMatchObject({
      event: { label: 'large' },
    });
    expect(readImageBytes(record({ rendition: { width: 9_000, height: 1 } }))).toMatchObject({
      event: { label: 'oversize' },
    });
  });

  it.each([
    ['no value', { value: null }, 'null-value'],
    ['bytes that are not UTF-8', { value: Buffer.from([0x7b, 0xff, 0x7d]) }, 'bad-utf8'],
    ['broken JSON', { value: Buffer.from('{"a":') }, 'bad-json'],
    ['negative bytes', { rendition: { bytes: -1 } }, 'bad-data'],
    ['bytes beyond 2^53', { rendition: { bytes: 2 ** 53 } }, 'bad-data'],
    ['a fraction of a byte', { rendition: { bytes: 1.5 } }, 'bad-data'],
    ['another type', { headers: { ce_type: 'shop.order.placed.v1' } }, 'unknown-type'],
    [
      'a major version to come',
      { headers: { ce_type: 'shop.product-images.processed.v2' } },
      'unknown-version',
    ],
    ['no id', { headers: { ce_id: '' } }, 'bad-envelope'],
    ['a time that is none', { headers: { ce_time: 'yesterday' } }, 'bad-envelope'],
    [
      'a time more than five minutes after the broker saw it',
      { timestampMs: Date.parse(TIME) - 300_001 },
      'future-time',
    ],
  ])('refuses %s', (_what, change, reason) => {
    expect(readImageBytes(record(change))).toMatchObject({ ok: false, reason });
  });

  it('admits a time of exactly five minutes after the broker saw it', () => {
    expect(readImageBytes(record({ timestampMs: Date.parse(TIME) - 300_000 }))).toMatchObject({ ok: true });
  });

  it('accepts fields and headers that it does not know', () => {
    expect(
      readImageBytes(record({ rendition: { palette: 'dark' }, headers: { ce_extra: 'x' } })),
    ).toMatchObject({ ok: true });
  });
});

describe('lateness', () => {
  it('begins when the earlier maximum minus the bound has passed the window’s end and its lateness', () => {
    // Window 0 to 60 s, open until 70 s; a maximum of 75 s means a watermark of 70 s.
    expect(isLate(0, 74_999, patience)).toBe(false);
    expect(isLate(0, 75_000, patience)).toBe(true);
  });

  it('never applies to the first event of a partition', () => {
    expect(isLate(0, undefined, patience)).toBe(false);
  });
});

it('puts an event on the boundary into the window that it starts', () => {
  expect(windowStartOf(60_000)).toBe(60_000);
  expect(windowStartOf(59_999)).toBe(0);
});
