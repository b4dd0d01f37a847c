import { describe, expect, it } from '@jest/globals';
import type { LabelTotal } from './answers.ts';
import { LABELS, sumOf } from './totals.ts';

const total = (sizeLabel: string, events: number, bytes: string): LabelTotal => ({
  windowStart: '2026-11-24T08:14:00.000Z',
  sizeLabel,
  events,
  bytes,
  lateEvents: 1,
  lateBytes: '1',
  revision: 1,
  isPublished: true,
});

describe('sumOf', () => {
  it('adds bytes exactly beyond 2^53', () => {
    const totals = [total('large', 1, '9007199254740993'), total('small', 1, '9007199254740993')];
    expect(sumOf(totals).bytes).toBe('18014398509481986');
  });

  it('counts a photo by the one rendition that every photo has', () => {
    expect(sumOf([total('thumbnail', 3, '1'), total('small', 2, '1')])).toMatchObject({
      events: 5,
      photos: 3,
      lateEvents: 2,
    });
  });
});

describe('LABELS', () => {
  it('go from the smallest size to the largest, each once', () => {
    expect(LABELS).toEqual(['thumbnail', 'small', 'medium', 'large', 'xlarge', 'oversize']);
  });
});
