// The result of a run, as tables for people.
import type { Profile } from '../../k8s/load/scenario/profiles.ts';
import { type Figures, figuresOf, type Tally, type Times } from './tally.ts';

/** On stdout; the last line says whether the thresholds held. */
export function printSummary(tallies: readonly Tally[], { steps }: Profile, faults: readonly string[]): void {
  const all = figuresOf(tallies);
  console.table(
    [...all.byName]
      .map(([request, times]) => ({ request, ...shown(times) }))
      .concat({
        request: 'all',
        ...shown(all),
      }),
  );
  if (tallies.length > 1)
    console.table(
      tallies.map((tally, at) => {
        const { journeysPerSecond, seconds } = steps[at]!;
        const figures = figuresOf([tally]);
        return {
          'journeys/s': journeysPerSecond,
          'requests/s': Math.round(figures.count / seconds),
          ...shown(figures),
          dropped: figures.droppedCount,
        };
      }),
    );
  console.log(ordersLine(all));
  for (const [failure, count] of all.failures) console.log(`failed ${count} times: ${failure}`);
  for (const fault of faults) console.log(`exceeded: ${fault}`);
  if (faults.length === 0) console.log('all thresholds held');
}

const shown = ({ count, failedCount, p50Ms, p95Ms, p99Ms }: Times) => ({
  count,
  failed: failedCount,
  'p50 ms': Math.round(p50Ms),
  'p95 ms': Math.round(p95Ms),
  'p99 ms': Math.round(p99Ms),
});

function ordersLine({ orders, journeyCount, droppedCount, orderEndP95Ms }: Figures): string {
  const ends = [...orders].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'none';
  return `${journeyCount} journeys, ${droppedCount} dropped; orders: ${ends}; 95 % of them were over for their customer within ${Math.round(orderEndP95Ms)} ms`;
}
