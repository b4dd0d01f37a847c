// How much flows through each topic, and how far behind its readers are: from the broker's own offsets, which stay true also while a
// process is dead and answers nothing. Offsets of two moments in, rates out; pure.
import { groupsOf, type Process } from '#contracts/process.ts';
import type { Committed } from '#runtime/kafka/positions.ts';

/** Where a partition begins and ends. */
export interface Ends {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** The broker's offsets at one moment. */
export interface FlowSample {
  readonly atMs: number;
  /** By topic. */
  readonly ends: ReadonlyMap<string, readonly Ends[]>;
  /** By consumer group and topic. */
  readonly committed: ReadonlyMap<string, ReadonlyMap<string, Committed>>;
}

/** One topic between two processes; without a reader it ends at the topic. */
export interface Flow {
  readonly topic: string;
  readonly from: string;
  readonly to?: string;
  /** Null until there are two looks to compare. */
  readonly eventsPerS: number | null;
  /** Records that the reader has not finished; null where nothing reads, or that is unknown. */
  readonly lag: number | null;
}

/** Rates are those of about this time. */
const RATE_OVER_MS = 10_000;
/** What is older than this says nothing about now. */
const KEPT_MS = 60_000;

type Wire = Pick<Flow, 'topic' | 'from' | 'to'>;

/** The topics between all processes, in the order of the contract. */
export const wiresOf = (processes: readonly Process[]): Wire[] =>
  processes.flatMap((from) =>
    from.publishes
      // Dead letters have a page of their own.
      .filter((topic) => 'event' in topic)
      .flatMap(({ name: topic }) => {
        const readers = processes.filter(({ consumes }) => consumes.some(({ name }) => name === topic));
        const wire = { topic, from: from.name };
        return readers.length > 0 ? readers.map((to) => ({ ...wire, to: to.name })) : [wire];
      }),
  );

/** Keeps the samples that rates are made of. */
export function keepSamples(kept: readonly FlowSample[], next: FlowSample): FlowSample[] {
  const recent = kept.filter(({ atMs }) => next.atMs - atMs < KEPT_MS);
  // Of those that are old enough to compare with, the newest is enough.
  const firstNeeded = recent.findLastIndex(({ atMs }) => next.atMs - atMs >= RATE_OVER_MS);
  return [...recent.slice(Math.max(0, firstNeeded)), next];
}

/** What flows, by the oldest and the newest of the samples; nothing is known without any. */
export function flowsOf(processes: readonly Process[], samples: readonly FlowSample[]): Flow[] {
  const [before, now] = [samples[0], samples.at(-1)];
  const groups = new Map(processes.map((process) => [process.name, groupsOf(process)]));
  return wiresOf(processes).map((wire) => {
    const readers = wire.to === undefined ? undefined : groups.get(wire.to)!;
    const position = (sample: FlowSample) =>
      readers ? readPosition(sample, wire.topic, readers) : endPosition(sample, wire.topic);
    return {
      ...wire,
      eventsPerS: before && now && before !== now ? rate(position(before), position(now), before, now) : null,
      lag: now && readers ? lagOf(now, wire.topic, readers) : null,
    };
  });
}

function rate(
  from: number | undefined,
  to: number | undefined,
  before: FlowSample,
  now: FlowSample,
): number | null {
  // Less than before: the topic was created again.
  if (from === undefined || to === undefined || to < from) return null;
  return (to - from) / ((now.atMs - before.atMs) / 1_000);
}

const endPosition = ({ ends }: FlowSample, topic: string): number | undefined =>
  ends.get(topic)?.reduce((sum, { high }) => sum + high, 0);

/** How far the furthest of the groups is, all partitions together: engines that count the same take turns. */
function readPosition(sample: FlowSample, topic: string, groups: readonly string[]): number | undefined {
  return sample.ends
    .get(topic)
    ?.reduce((sum, ends) => sum + partitionPosition(sample, topic, ends, groups), 0);
}

/** A group without an offset begins at the first record. */
function partitionPosition(
  { committed }: FlowSample,
  topic: string,
  { partition, low }: Ends,
  groups: readonly string[],
): number {
  const offsets = groups.map((group) => committed.get(group)?.get(topic)?.get(partition) ?? low);
  return Math.max(low, ...offsets);
}

function lagOf(sample: FlowSample, topic: string, groups: readonly string[]): number | null {
  const ends = sample.ends.get(topic);
  if (!ends) return null;
  return ends.reduce(
    (sum, one) => sum + Math.max(0, one.high - partitionPosition(sample, topic, one, groups)),
    0,
  );
}
