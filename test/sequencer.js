import Sequencer from '@jest/test-sequencer';

/** Specs that take a quarter of a minute and more, most of it spent waiting for a server or a process. */
const LONG =
  /\.fault\.spec|\/(start\.int|console\.e2e|contract-fuzz\.int|hostile-uploads\.int|cdktf-cli)\.spec/;
/** Further short ones for the end, when all long ones have begun: no worker idles while another is in a long one. */
const LAST_SHARES = 3;

/**
 * Spreads the long specs evenly over the run, and the short ones between them: one worker waits while the other works.
 * Jest itself goes by the times of earlier runs, which a fresh clone lacks, and then by the sizes of the files.
 */
export default class SpreadLong extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const long = sorted.filter(({ path }) => LONG.test(path));
    const short = sorted.filter(({ path }) => !LONG.test(path));
    const share = Math.floor(short.length / (long.length + LAST_SHARES));
    return [
      ...long.flatMap((one, at) => [one, ...short.slice(at * share, (at + 1) * share)]),
      ...short.slice(long.length * share),
    ];
  }
}
