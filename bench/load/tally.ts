// Requests and journeys in, figures out: of a step of the load, and of the whole run.
import type { JourneyResult } from '../../k8s/load/scenario/journeys.ts';
import type { Thresholds } from '../../k8s/load/scenario/profiles.ts';
import type { Sent } from './drive.ts';

/** Times of a kind of request, in milliseconds. */
export interface Times {
  readonly count: number;
  readonly failedCount: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface Figures extends Times {
  readonly byName: ReadonlyMap<string, Times>;
  readonly countByService: ReadonlyMap<string, number>;
  /** Why requests failed, and how often. */
  readonly failures: ReadonlyMap<string, number>;
  readonly journeyCount: number;
  readonly droppedCount: number;
  /** By outcome, of the orders. */
  readonly orders: ReadonlyMap<string, number>;
  /** Until the customer saw how the order ended, p95. */
  readonly orderEndP95Ms: number;
}

/** Counts; one for each step. */
export class Tally {
  readonly sent: Sent[] = [];
  readonly results: JourneyResult[] = [];
  journeyCount = 0;
  droppedCount = 0;
}

export function figuresOf(tallies: readonly Tally[]): Figures {
  const sent = tallies.flatMap((tally) => tally.sent);
  const results = tallies.flatMap((tally) => tally.results);
  const byName = Map.groupBy(sent, ({ ask }) => ask.name);
  return {
    ...timesOf(sent),
    byName: new Map([...byName].map(([name, ones]) => [name, timesOf(ones)])),
    countByService: countBy(sent, ({ ask }) => ask.service),
    failures: countBy(
      sent.filter(({ failure }) => failure !== undefined),
      ({ ask, failure }) => `${ask.name}: ${failure}`,
    ),
    journeyCount: sum(tallies.map(({ journeyCount }) => journeyCount)),
    droppedCount: sum(tallies.map(({ droppedCount }) => droppedCount)),
    orders: countBy(
      results.filter(({ outcome }) => outcome !== undefined),
      ({ outcome }) => outcome!,
    ),
    orderEndP95Ms: percentile(
      results.flatMap(({ endedAfterMs }) => endedAfterMs ?? []),
      0.95,
    ),
  };
}

/** A sentence for each threshold that was exceeded. */
export function exceeded(figures: Figures, limits: Thresholds): string[] {
  const { count, failedCount, p95Ms, journeyCount, droppedCount, orders } = figures;
  const orderCount = sum([...orders.values()]);
  const share = (part: number, all: number): number => (all === 0 ? 0 : part / all);
  return [
    count === 0 ? 'no request was sent' : '',
    share(failedCount, count) > limits.failedShareMax
      ? `${failedCount} of ${count} requests failed: at most ${percent(limits.failedShareMax)} may`
      : '',
    p95Ms > limits.p95MsMax
      ? `95 % were answered within ${Math.round(p95Ms)} ms: at most ${limits.p95MsMax} ms`
      : '',
    share(orders.get('unended') ?? 0, orderCount) > limits.unendedShareMax
      ? `${orders.get('unended')} of ${orderCount} orders had no end: at most ${percent(limits.unendedShareMax)} may`
      : '',
    share(droppedCount, journeyCount + droppedCount) > limits.droppedShareMax
      ? `${droppedCount} journeys did not begin, since all customers were under way: at most ${percent(limits.droppedShareMax)} may`
      : '',
  ].filter((text) => text !== '');
}

const percent = (share: number): string => `${share * 100} %`;
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, number> {
  return new Map([...Map.groupBy(items, nameOf)].map(([name, ones]) => [name, ones.length]));
}

function timesOf(sent: readonly Sent[]): Times {
  const times = sent.map(({ ms }) => ms);
  return {
    count: sent.length,
    failedCount: sent.filter(({ failure }) => failure !== undefined).length,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    p99Ms: percentile(times, 0.99),
  };
}

/** By nearest rank; 0 of nothing. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
