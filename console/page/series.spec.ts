import { describe, expect, it } from '@jest/globals';

// The page's modules are plain JavaScript without declarations: a name in a variable keeps the type check from asking.
const series = './series.js';
const { stack, toColumns } = (await import(series)) as {
  toColumns: (totals: object) => {
    times: number[];
    columns: Map<string, number[]>;
    sums: Map<string, bigint>;
    range: number[];
  };
  stack: (
    labels: string[],
    columns: Map<string, number[]>,
    isShown: (label: string) => boolean,
  ) => Map<string, (number | null)[]>;
};

const labels = ['small', 'large'];
const totals = {
  asOf: '2026-11-24T08:14:30.000Z',
  minutes: 3,
  labels,
  windows: [
    { windowStart: '2026-11-24T08:13:00.000Z', sizeLabel: 'small', bytes: '10' },
    { windowStart: '2026-11-24T08:14:00.000Z', sizeLabel: 'small', bytes: '1' },
    { windowStart: '2026-11-24T08:14:00.000Z', sizeLabel: 'large', bytes: '5' },
  ],
};

describe('toColumns', () => {
  it('has a place for every minute of the range, up to the one that runs', () => {
    const { times, columns } = toColumns(totals);
    expect(times.map((time) => new Date(time * 1_000).toISOString().slice(11, 16))).toEqual([
      '08:12',
      '08:13',
      '08:14',
    ]);
    expect(columns.get('small')).toEqual([0, 10, 1]);
    expect(columns.get('large')).toEqual([0, 0, 5]);
  });
});

describe('stack', () => {
  it('puts the smaller label on top of the larger and leaves empty minutes out', () => {
    const tops = stack(labels, toColumns(totals).columns, () => true);
    expect(tops.get('large')).toEqual([null, null, 5]);
    expect(tops.get('small')).toEqual([null, 10, 6]);
  });

  it('lets the rest sink when a label is hidden', () => {
    const tops = stack(labels, toColumns(totals).columns, (label) => label !== 'large');
    expect([...tops]).toEqual([['small', [null, 10, 1]]]);
  });
});
