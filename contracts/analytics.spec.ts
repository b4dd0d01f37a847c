import { describe, expect, it } from '@jest/globals';
import { resultObjectName, revisionId, windowKey, windowTotal } from './analytics.ts';

const total = {
  windowStart: '2026-11-24T08:14:00.000Z',
  windowEnd: '2026-11-24T08:15:00.000Z',
  sizeLabel: 'small',
  revision: 2,
  events: 3,
  bytes: '90071992547409930000',
  lateEvents: 0,
  lateBytes: '0',
};

describe('names of a window', () => {
  it('begin with the label, so that document ids do not rise with time', () => {
    expect(windowKey(total)).toBe('small_2026-11-24T08:14:00.000Z');
    expect(revisionId(total)).toBe('small_2026-11-24T08:14:00.000Z_r2');
  });

  it('are under the date and hour of the window in the bucket, without colons', () => {
    expect(resultObjectName(total)).toBe(
      'image-bytes/dt=2026-11-24/hour=08/2026-11-24T08-14-00.000Z_small_r0002.ndjson',
    );
  });
});

describe('data of a window total', () => {
  it('holds byte sums beyond 2^53 exactly', () => {
    expect(windowTotal.parse(JSON.parse(JSON.stringify(total)))).toEqual(total);
  });

  it.each([
    ['a byte sum as a number', { ...total, bytes: 9 }],
    ['a negative byte sum', { ...total, bytes: '-1' }],
    ['revision 0', { ...total, revision: 0 }],
    ['a window start without a time zone', { ...total, windowStart: '2026-11-24T08:14:00' }],
  ])('refuses %s', (_rule, data) => {
    expect(windowTotal.safeParse(data).success).toBe(false);
  });
});
