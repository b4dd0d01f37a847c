// `npm run reconcile`: the log counted in a plain batch, against Cloud SQL, Firestore, GCS and the results topic.
// Exit code 0: no difference. 1: at least one. 2: it could not look.
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '#runtime/errors.ts';
import { reconcile } from './reconcile.ts';
import { renderReport } from './table.ts';

const HELP = `Counts the log from its beginning and compares every store with it.

  npm run reconcile -- [--settle SECONDS] [--windows N] [--json]

  --settle   how long to wait for what is still on its way (default 120)
  --windows  how many of the newest windows to print; rows that differ are always printed (default 10)
  --json     the whole report as JSON on stdout; sums are decimal strings
  --help     this text

Exit code: 0 no difference, 1 at least one, 2 it could not look.
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
  const report = await reconcile({
    env: process.env,
    settleMs,
    onProgress: (line) => void process.stderr.write(`${line}\n`),
  });
  const text = values.json
    ? JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)
    : renderReport(report, windows);
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
  return report.differences.length === 0 ? 0 : 1;
}

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
