// `npm run load`: the load of k8s/load against the running platform of this machine, from Node. The very same journeys run in the
// cluster by k6.
import { parseArgs } from 'node:util';
import { runMain } from '#runtime/lifecycle.ts';
import { readMeasured } from '../k8s/load/measured.ts';
import {
  journeyCountOf,
  lastsSeconds,
  PROFILE_NAMES,
  type ProfileName,
  profileOf,
} from '../k8s/load/scenario/profiles.ts';
import { startRecorder, writePage } from './load/record.ts';
import { runLoad } from './load/run.ts';
import { fillShelves } from './load/shelves.ts';
import { printSummary } from './load/summary.ts';
import { exceeded, figuresOf } from './load/tally.ts';
import { assertRunning, readTargets } from './load/targets.ts';

/** Sold in every category at least; a third of the journeys buys one piece of any of the twenty. */
const PRODUCTS_MIN = 10;

const HELP = `Sends customers through the running platform of this machine: they look around, buy, wait for the end, come back.

  npm run load [-- --profile smoke|load|stress] [--report] [--page]

  --profile   ${PROFILE_NAMES.map((name) => `${name}: ${summaryOf(name)}`).join('\n              ')}
  --report    also watches what each process uses, and writes k8s/load/measured.json and docs/scaling.md (load and stress)
  --page      no load: rewrites docs/scaling.md from k8s/load/measured.json, after sizes or rules have changed
  --help      this text

The platform must be running: npm start. Customers are registered before and erased after, and every product gets pieces enough.
Exit code 1 when a threshold of the profile is exceeded.`;

function summaryOf(name: ProfileName): string {
  const { customers, steps } = profileOf(name);
  const rates = steps.map(({ journeysPerSecond }) => journeysPerSecond).join(', ');
  return `${lastsSeconds(profileOf(name))} s, ${customers} customers, ${rates} journeys a second`;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

runMain(async () => {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', default: 'smoke' },
      report: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  if (values.page) return writePage(readMeasured());
  const profile = profileOf(values.profile);
  const { addresses, databaseUrl } = readTargets();
  await assertRunning(addresses);
  const pieceCount = Math.ceil(journeyCountOf(profile) / PRODUCTS_MIN);
  await fillShelves(databaseUrl, pieceCount);
  say(`every product has ${pieceCount} pieces more`);
  const recorder = values.report ? await startRecorder(values.profile, say) : undefined;
  const tallies = await runLoad({
    addresses,
    profile,
    say,
    signal: untilInterrupted(),
    onReady: () => recorder?.begin(),
    onStep: (step, tally) => recorder?.step(step, tally),
  });
  const faults = exceeded(figuresOf(tallies), profile.thresholds);
  printSummary(tallies, profile, faults);
  await recorder?.write(profile.customers);
  process.exitCode = faults.length === 0 ? 0 : 1;
});

/** Ctrl-C ends the load; what is under way ends, and the accounts are erased. */
function untilInterrupted(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  return ending.signal;
}
