import { describe, expect, it } from '@jest/globals';
import type { LabelTotal } from '../../bff/console.ts';
import { marksOf, minutesOf, roundUp, sumOf } from './minutes.ts';

const total = (change: Partial<LabelTotal> = {}): LabelTotal => ({
  windowStart: '2026-11-24T08:14:00.000Z',
  sizeLabel: 'small',
  events: 1,
  bytes: '1',
  lateEvents: 0,
  lateBytes: '0',
  revision: 1,
  isPublished: true,
  ...change,
});
const totals = {
  asOf: '2026-11-24T08:14:30.000Z',
  minutes: 3,
  labels: ['small', 'large'],
  windows: [
    total({ windowStart: '2026-11-24T08:13:00.000Z', bytes: '10' }),
    total(),
    total({ sizeLabel: 'large', bytes: '5' }),
  ],
};

describe('minutesOf', () => {
  it('has a place for every minute of the range, up to the one that runs', () => {
    const minutes = minutesOf(totals);
    expect(minutes.map(({ start, height }) => [start.slice(11, 16), height])).toEqual([
      ['08:12', 0],
      ['08:13', 10],
      ['08:14', 6],
    ]);
  });

  it('puts the smaller label on top of the larger and leaves empty ones out', () => {
    expect(minutesOf(totals).map(({ segments }) => segments)).toEqual([
      [],
      [{ label: 'small', bytes: 10, top: 10 }],
      [
        { label: 'large', bytes: 5, top: 5 },
        { label: 'small', bytes: 1, top: 6 },
      ],
    ]);
  });

  it('lets the rest sink when a label is left out, which stays among the totals', () => {
    const last = minutesOf(totals, ['large']).at(-1)!;
    expect(last.segments).toEqual([{ label: 'small', bytes: 1, top: 1 }]);
    expect([...last.totals.keys()]).toEqual(['small', 'large']);
  });
});

describe('sumOf', () => {
  it('adds bytes exactly beyond 2^53', () => {
    const windows = [total({ bytes: '9007199254740993' }), total({ bytes: '9007199254740993' })];
    expect(sumOf('small', { windows })).toBe(18_014_398_509_481_986n);
  });
});

describe('marksOf', () => {
  it('says nothing of a window that is published once and for all', () => {
    expect(marksOf([total()])).toEqual({ isOpen: false, lateEvents: 0, revision: 0, isRevisionDue: false });
  });

  it('says that a window is open while one of its labels is not published', () => {
    expect(marksOf([total(), total({ revision: 0, isPublished: false })])).toMatchObject({ isOpen: true });
  });

  it('counts late events and names the highest revision', () => {
    expect(marksOf([total({ lateEvents: 2, revision: 2 }), total({ lateEvents: 1, revision: 4 })])).toEqual({
      isOpen: false,
      lateEvents: 3,
      revision: 4,
      isRevisionDue: false,
    });
  });

  it('says that a revision is due when more is counted than was published', () => {
    expect(marksOf([total({ isPublished: false })])).toMatchObject({ isOpen: false, isRevisionDue: true });
  });
});

describe('roundUp', () => {
  it.each([
    [0, 1_000],
    [1, 1],
    [1_001, 2_000],
    [2_000, 2_000],
    [399_999, 400_000],
    [810_000, 1_000_000],
  ])('%d becomes %d', (value, round) => {
    expect(roundUp(value)).toBe(round);
  });
});
