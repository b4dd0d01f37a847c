// The faults of a running platform: what each breaks, by means that the platform has anyway. No program of the product knows of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { rootFolder } from '../launcher/folders.ts';
import type { RunningProcess } from '../launcher/processes.ts';
import { runCommand } from '../launcher/run-command.ts';
import type { ServerPart } from '../launcher/server-part.ts';
import { type Fault, type FaultRun, untilOver } from './faults.ts';
import { publishPoison } from './poison.ts';

export interface FaultParts {
  readonly worker: Pick<RunningProcess, 'kill' | 'isReady'>;
  readonly broker: Pick<ServerPart, 'awayWhile'>;
  /** Of every process. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export const platformFaults = (parts: FaultParts): Fault[] => [
  {
    ...paymentFault(parts, 'slow'),
    compare: comparing(parts, 'orders'),
    name: 'slow-payments',
    title: 'Slow payments',
    about:
      'The bank takes five seconds longer for each charge. New orders wait for it, and are confirmed all the same.',
  },
  {
    ...paymentFault(parts, 'declining'),
    compare: comparing(parts, 'orders'),
    name: 'declined-payments',
    title: 'Declined payments',
    about:
      'The bank declines every new charge. New orders are cancelled, and what was set aside for them is free again.',
  },
  { ...brokerDown(parts), compare: comparing(parts, 'orders', 'counts') },
  { ...poisonEvents(parts), compare: comparing(parts, 'orders', 'counts') },
  { ...workerKilled(parts), compare: comparing(parts, 'counts') },
];

const LOOK_EVERY_MS = 250;
/** So long it may work before it is killed again. */
const SPARED_MS = 4_000;

type Breakage = Omit<Fault, 'compare'>;
type PaymentFault = Pick<Fault, 'seconds' | 'run'>;

/** The commands of `npm run reconcile` and `npm run reconcile:orders`, which keep what they find for the platform page. */
const COMPARISONS = {
  counts: {
    args: ['analytics/reconcile/main.ts', '--settle', '90', '--windows', '0'],
    words:
      'The totals agree: Cloud SQL, Firestore, Cloud Storage and the results topic say what the log says.',
  },
  orders: {
    args: ['services/reconcile-orders.ts', '--wait', '90'],
    words: 'The orders agree: payments, stock, ledgers and mails say the same of each.',
  },
};

const comparing =
  ({ env, logFile }: FaultParts, ...names: readonly (keyof typeof COMPARISONS)[]): Fault['compare'] =>
  async ({ closing, say }) => {
    for (const name of names) {
      if (closing.aborted) return;
      const { args, words } = COMPARISONS[name];
      const command = process.execPath;
      await runCommand({ name: `comparison of ${name}`, command, args, folder: rootFolder, env, logFile });
      say(words);
    }
  };

function paymentFault({ env, logFile }: FaultParts, kind: 'slow' | 'declining'): PaymentFault {
  const seconds = 60;
  const behave = (forSeconds: number) =>
    runCommand({
      name: 'payment sandbox',
      command: process.execPath,
      args: ['services/payment/sandbox-behaviour.cli.ts', '--kind', kind, '--seconds', String(forSeconds)],
      folder: rootFolder,
      env,
      logFile,
    });
  const run = async ({ over, say }: FaultRun): Promise<void> => {
    await behave(seconds);
    say(`The payment sandbox is ${kind}.`);
    await untilOver(over);
    // Its time may have begun a moment later than ours.
    await behave(0);
    say('The payment sandbox behaves as usual again.');
  };
  return { seconds, run };
}

const brokerDown = ({ broker }: FaultParts): Breakage => ({
  name: 'broker-down',
  title: 'Broker down',
  about:
    'Kafka is stopped. Orders are taken and wait in the outboxes; nothing is counted, and nothing is lost.',
  seconds: 20,
  run: async ({ over, say }) => {
    await broker.awayWhile(async () => {
      say('Kafka is stopped.');
      await untilOver(over);
      say('Kafka is started again, on the same log.');
    });
    say('Kafka answers.');
  },
});

const poisonEvents = ({ env }: FaultParts): Breakage => ({
  name: 'poison-events',
  title: 'Poison events',
  about:
    'Records that are no events come into two topics. Each becomes a dead letter with its reason; the good ones beside them are counted.',
  seconds: 10,
  run: async ({ over, say }) => {
    const count = await publishPoison(env, over);
    say(`${count} bad records were published.`);
  },
});

const workerKilled = ({ worker }: FaultParts): Breakage => ({
  name: 'worker-killed',
  title: 'Worker killed',
  about:
    'The analytics worker is killed again and again, in the middle of what it does. Its lag grows, and it counts every event once.',
  seconds: 30,
  run: async ({ over, closing, say }) => {
    const pause = (ms: number) => sleep(ms, undefined, { signal: over }).catch(() => {});
    while (!over.aborted) {
      if (worker.isReady() && worker.kill()) say('The worker was killed (SIGKILL).');
      await pause(LOOK_EVERY_MS);
      if (worker.isReady()) await pause(SPARED_MS);
    }
    // The platform's own supervisor starts it again, with growing pauses.
    while (!worker.isReady() && !closing.aborted) await sleep(LOOK_EVERY_MS);
    if (worker.isReady()) say('The worker answers again.');
  },
});
