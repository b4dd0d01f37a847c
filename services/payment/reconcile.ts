// `npm run reconcile:payments`: payments, ledger and the provider's own list against each other.
// Exit code 0: no difference. 1: at least one. 2: it could not look.
import { parseArgs } from 'node:util';
import { loadConfig } from '#runtime/config.ts';
import { AppError, messageOf } from '#runtime/errors.ts';
import { type Found, keepingVerdict } from '#runtime/kept-verdict.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { createPool, databaseOf, type Pool, postgresConfig } from '#runtime/postgres/database.ts';
import { readBooks } from './books.ts';
import { providerConfig } from './config.ts';
import { type Comparison, compareBooks } from './differences.ts';
import type { PaymentProvider, ProviderCharge } from './provider.ts';
import { chooseProvider } from './provider-choice.ts';

const HELP = `Compares payments, their ledger and the payment provider's list.

  npm run reconcile:payments -- [--hours N] [--settle MINUTES] [--json]

  --hours    how far back to look (default 48)
  --settle   leave out what changed within these minutes (default 30)
  --json     the comparison as JSON on stdout
  --help     this text

Exit code: 0 no difference, 1 at least one, 2 it could not look.
With RECONCILE_FOLDER the result is also kept there, for the platform page.
Environment: that of the payment service (DATABASE_URL, PAYMENT_PROVIDER and what the provider needs).`;

/** The two clocks, and the time a request takes to become a charge. */
const PROVIDER_EARLIER_MS = 3_600_000;
/** What a report takes longer than a request. */
const QUERY_MS_MAX = 120_000;

/** Reads all three and compares them. */
export async function reconcilePayments(
  pool: Pool,
  provider: PaymentProvider,
  sinceMs: number,
  settledBeforeMs: number,
): Promise<Comparison> {
  // A charge may be on two pages, and is one.
  const charges = new Map<string, ProviderCharge>();
  let cursor: string | undefined;
  do {
    const page = await provider.listCharges(sinceMs - PROVIDER_EARLIER_MS, cursor);
    for (const charge of page.charges) charges.set(charge.providerRef, charge);
    cursor = page.next;
  } while (cursor);
  const listed = new Set([...charges.values()].map(({ paymentId }) => paymentId));
  const books = await readBooks(pool, sinceMs, [...listed]);
  // Older than the list goes back, and changed by us since.
  for (const { paymentId, providerRef, amount } of books) {
    if (listed.has(paymentId) || providerRef === undefined || amount.amountMinor === 0) continue;
    const charge = await provider.read(providerRef);
    if (charge?.paymentId === paymentId) charges.set(providerRef, charge);
  }
  return compareBooks(books, [...charges.values()], settledBeforeMs);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hours: { type: 'string', default: '48' },
      settle: { type: 'string', default: '30' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const nowMs = Date.now();
  const sinceMs = nowMs - numberOf('--hours', values.hours) * 3_600_000;
  const settledBeforeMs = nowMs - numberOf('--settle', values.settle) * 60_000;
  const config = loadConfig({ ...logConfig, ...postgresConfig, ...providerConfig });
  const pool = createPool({
    ...databaseOf(config),
    applicationName: 'reconcile-payments',
    schema: 'payment',
    log: createLogger('reconcile-payments', config.LOG_LEVEL),
    waitMsMax: QUERY_MS_MAX,
  });
  try {
    const { provider } = chooseProvider(config, pool);
    const comparison = await keepingVerdict(
      'payments',
      () => reconcilePayments(pool, provider, sinceMs, settledBeforeMs),
      foundOf,
    );
    const text = values.json ? JSON.stringify(comparison, undefined, 2) : render(comparison);
    await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
    return comparison.differences.length === 0 ? 0 : 1;
  } finally {
    await pool.end();
  }
}

const foundOf = ({ differences, compared, underWay }: Comparison): Found => ({
  outcome: differences.length > 0 ? 'different' : 'equal',
  words: `${compared} payments with their ledger and the provider’s list`,
  pendingCount: underWay,
  differences: differences.map(({ orderId, paymentId, what }) => ({
    where: `payment ${paymentId}`,
    key: `order ${orderId}`,
    what,
  })),
  findings: [],
});

const render = ({ differences, compared, underWay }: Comparison): string =>
  [
    ...differences.map(({ orderId, paymentId, what }) => `order ${orderId}, payment ${paymentId}: ${what}`),
    `${compared} payments compared, ${underWay} under way, ${differences.length} differences`,
  ].join('\n');

function numberOf(option: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new AppError('option-invalid', `${option}: expected a whole number\n\n${HELP}`);
}

if (import.meta.main) {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`reconcile:payments could not look: ${messageOf(error)}\n`);
      process.exit(2);
    },
  );
}
