// `npm run reconcile`: the log counted in a plain batch, against Cloud SQL, Firestore, GCS and the results topic.
// Exit code 0: no difference. 1: at least one. 2: it could not look.
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '#runtime/errors.ts';
import { type Found, keepingVerdict } from '#runtime/kept-verdict.ts';
import { reconcile } from './reconcile.ts';
import type { Report } from './report.ts';
import { renderReport } from './table.ts';

const HELP = `Counts the log from its beginning and compares every store with it.

  npm run reconcile -- [--settle SECONDS] [--windows N] [--json]

  --settle   how long to wait for what is still on its way (default 120)
  --windows  how many of the newest windows to print; rows that differ are always printed (default 10)
  --json     the whole report as JSON on stdout; sums are decimal strings
  --help     this text

Exit code: 0 no difference, 1 at least one, 2 it could not look.
With RECONCILE_FOLDER the result is also kept there, for the platform page.
Environment: that of the analytics worker (${['KAFKA_BROKERS', 'DATABASE_URL', 'GOOGLE_CLOUD_PROJECT', 'RESULTS_BUCKET'].join(', ')} and what else it is given).`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      settle: { type: 'string', default: '120' },
      windows: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const settleMs = wholeNumber('--settle', values.settle) * 1_000;
  const windows = wholeNumber('--windows', values.windows);
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  const report = await keepingVerdict(
    'counts',
    () => reconcile({ env: process.env, settleMs, onProgress }),
    foundOf,
  );
  const text = values.json
    ? JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)
    : renderReport(report, windows);
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  return report.differences.length === 0 ? 0 : 1;
}

const foundOf = ({ differences, pending, rows, activity }: Report): Found => ({
  outcome: differences.length > 0 ? 'different' : 'equal',
  words: `${rows.length} windows and sizes, and ${activity.documents.log} events of activity, in every store`,
  pendingCount: pending.length,
  differences: differences.map(({ where, key, expected, actual }) => ({
    where,
    key,
    what: `expected ${expected}, found ${actual}`,
  })),
  findings: pending.map(({ where, key, why }) => ({ where, key, what: `on its way: ${why}` })),
});

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,6}$/.test(text))
    throw new AppError('option-invalid', `${option}: expected a whole number\n\n${HELP}`);
  return Number(text);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`reconcile could not look: ${messageOf(error)}\n`);
    process.exit(2);
  },
);
