import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from '#contracts/processes.ts';
import { type FlowSample, flowsOf, keepSamples, wiresOf } from './flow.ts';

const TOPIC = 'order.confirmed';
interface Moment {
  readonly atS: number;
  readonly ends?: readonly (readonly [low: number, high: number])[];
  readonly groups?: Readonly<Record<string, readonly number[]>>;
}
const sample = ({ atS, ends = [], groups = {} }: Moment): FlowSample => ({
  atMs: atS * 1_000,
  ends: new Map([[TOPIC, ends.map(([low, high], partition) => ({ partition, low, high }))]]),
  committed: new Map(
    Object.entries(groups).map(([group, offsets]) => [group, new Map([[TOPIC, new Map(offsets.entries())]])]),
  ),
});
const flow = (to: string, ...moments: Moment[]) =>
  flowsOf(PROCESSES, moments.map(sample)).find((one) => one.topic === TOPIC && one.to === to)!;

describe('the topics between processes', () => {
  it('are those of the contract: each topic once for each of its readers, dead letters left out', () => {
    const wires = wiresOf(PROCESSES).map((wire) => `${wire.from} ${wire.topic} ${wire.to ?? '-'}`);
    expect(wires).toContain('order order.confirmed notification');
    expect(wires).toContain('analytics analytics.results -');
    expect(new Set(wires).size).toBe(wires.length);
    const readings = PROCESSES.flatMap(({ name, consumes }) =>
      consumes.map((topic) => `${topic.name} ${name}`),
    );
    expect(wires.map((wire) => wire.split(' ').slice(1).join(' '))).toEqual(expect.arrayContaining(readings));
    expect(wires.join()).not.toContain('.dlq');
  });
});

describe('a flow', () => {
  it('is what the reader has finished between two looks, and what is left', () => {
    const before = {
      atS: 100,
      ends: [
        [0, 50],
        [0, 10],
      ],
      groups: { notification: [40, 10] },
    } as const;
    const now = {
      atS: 110,
      ends: [
        [0, 90],
        [0, 20],
      ],
      groups: { notification: [70, 20] },
    } as const;
    expect(flow('notification', before, now)).toMatchObject({ eventsPerS: 4, lag: 20 });
  });

  it('has no rate after the first look', () => {
    expect(flow('notification', { atS: 100, ends: [[0, 50]] })).toMatchObject({ eventsPerS: null });
  });

  it('is behind by all records when its reader has never read', () => {
    expect(flow('notification', { atS: 100, ends: [[20, 50]] }).lag).toBe(30);
  });

  it('grows a lag while its reader is dead', () => {
    const groups = { notification: [40] };
    const lags = [50, 80].map((high) => flow('notification', { atS: 100, ends: [[0, high]], groups }).lag);
    expect(lags).toEqual([10, 40]);
  });

  it('of analytics is that of the group which is furthest', () => {
    const groups = { analytics: [], 'analytics-activity': [45], 'analytics-flink': [30] };
    expect(flow('analytics', { atS: 100, ends: [[0, 50]], groups }).lag).toBe(5);
  });

  it('has no rate over a topic that was created again', () => {
    const before = { atS: 100, ends: [[0, 500]], groups: { notification: [500] } } as const;
    const now = { atS: 110, ends: [[0, 3]], groups: { notification: [3] } } as const;
    expect(flow('notification', before, now)).toMatchObject({ eventsPerS: null, lag: 0 });
  });

  it('is unknown while the broker has not answered', () => {
    expect(flowsOf(PROCESSES, []).every(({ eventsPerS, lag }) => eventsPerS === null && lag === null)).toBe(
      true,
    );
  });
});

describe('samples', () => {
  it('are kept for as long as a rate needs them', () => {
    let kept: FlowSample[] = [];
    for (let atS = 0; atS <= 40; atS += 2) kept = keepSamples(kept, sample({ atS }));
    expect([kept[0]!.atMs, kept.at(-1)!.atMs]).toEqual([30_000, 40_000]);
  });
  it('of long ago are not compared with', () => {
    expect(keepSamples([sample({ atS: 0 })], sample({ atS: 90 }))).toHaveLength(1);
  });
});
