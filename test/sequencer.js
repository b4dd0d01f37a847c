import { createHash } from 'node:crypto';
import Sequencer from '@jest/test-sequencer';

/**
 * Specs that take a quarter of a minute and more, most of it waiting for a server or a process. The longest come first, each
 * followed by a shorter one: those that start and kill the most servers should not all run at the same time.
 */
const LONG = [
  '.flink',
  'faults.e2e',
  'postgres.fault',
  'exactly-once.fault',
  'checkout.fault',
  'every-page.e2e',
  'launcher/start.int',
  'fleet.fault',
  'contributing/recipes.int',
  'poison.fault',
  'cdktf/states',
  'input.fault',
  'exporter.fault',
  'log.fault',
  'built-services.int',
  'broker.fault',
  'runs/switch.int',
  'platform.e2e',
  'watched-shop.fault',
  'customer.e2e',
  'contract-fuzz.int',
  'cdktf-cli',
  'relay.fault',
  'seller.e2e',
  'activity.fault',
  'hostile-uploads.int',
  'repair.e2e',
  '.fault',
];
/** Further short ones for the end, when all long ones have begun: no worker idles while another is in a long one. */
const LAST_SHARES = 4;

const lengthRank = ({ path }) => LONG.findIndex((name) => path.includes(`${name}.spec`));

/**
 * Spreads the long specs evenly over the run, and the short ones between them: some workers wait while another works.
 * Jest itself goes by the times of earlier runs, which a fresh clone lacks, and then by the sizes of the files.
 */
export default class SpreadLong extends Sequencer {
  sort(tests) {
    const { SPEC_ORDER_SEED: seed } = process.env;
    if (seed) return shuffled(tests, seed);
    const sorted = super.sort(tests);
    const long = sorted
      .filter((test) => lengthRank(test) >= 0)
      .sort((one, other) => lengthRank(one) - lengthRank(other));
    const short = sorted.filter((test) => lengthRank(test) < 0);
    const share = Math.floor(short.length / (long.length + LAST_SHARES));
    return [
      ...long.flatMap((one, at) => [one, ...short.slice(at * share, (at + 1) * share)]),
      ...short.slice(long.length * share),
    ];
  }
}

/** An order like no other, to show that no spec leans on those before it in its worker: `SPEC_ORDER_SEED=7`. */
function shuffled(tests, seed) {
  const rank = ({ path }) => createHash('sha256').update(`${seed} ${path}`).digest('hex');
  return tests.toSorted((one, other) => rank(one).localeCompare(rank(other)));
}
