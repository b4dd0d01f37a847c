// `npm run reconcile:orders`: compares orders, payments, stock, prices, ledgers and mails, in one consistent read of the database.
// It shares no code with the services. Exit code 0: no difference. 1: at least one. 2: the database could not be read.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { loadConfig } from '#runtime/config.ts';
import { messageOf } from '#runtime/errors.ts';
import { type Found, keepingVerdict } from '#runtime/kept-verdict.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';
import { questionsOf } from './reconcile-orders.sql.ts';

const HELP = `Compares orders, payments, stock, prices, ledgers and notifications of the shop.

  npm run reconcile:orders [-- --wait <seconds>]

  --wait   how long to wait for orders that are still on their way (60)
  --help   this text

Exit code: 0 no difference, 1 at least one, 2 it could not look. Reads DATABASE_URL.
With RECONCILE_FOLDER the result is also kept there, for the platform page.`;

const LOOK_EVERY_MS = 1_000;
const SHOWN_MAX = 20;

/** A rule that an order, a payment or a product breaks. */
export interface Difference {
  readonly rule: string;
  readonly key: string;
  readonly found: string;
}

export interface OrdersReport {
  readonly differences: readonly Difference[];
  /** What is still on its way, such as `12 events in the outbox of order`. */
  readonly pending: readonly string[];
  /** Orders by status. */
  readonly orders: Readonly<Record<string, number>>;
}

/** Looks until nothing is on its way any more, or the time is over; what is left then is reported as pending. */
export async function reconcileOrders(
  connectionString: string,
  waitMs: number,
  onProgress: (line: string) => void = () => {},
): Promise<OrdersReport> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const report = await look(connectionString);
    if (report.pending.length === 0 || performance.now() > deadline) return report;
    onProgress(`waiting: ${report.pending.join(', ')}`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function look(connectionString: string): Promise<OrdersReport> {
  const client = new pg.Client({
    connectionString,
    application_name: 'reconcile-orders',
    query_timeout: 120_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const carts = await client.query<{ there: boolean }>(
      `SELECT to_regclass('cart.product') IS NOT NULL AS there`,
    );
    const questions = questionsOf(carts.rows[0]!.there);
    const differences: Difference[] = [];
    for (const [rule, sql] of Object.entries(questions.differences)) {
      const { rows } = await client.query<{ key: string; found: string }>(sql);
      differences.push(...rows.map(({ key, found }) => ({ rule, key, found })));
    }
    const pending: string[] = [];
    for (const [what, sql] of Object.entries(questions.pending)) {
      const { rows } = await client.query<{ count: string }>(sql);
      if (Number(rows[0]!.count) > 0) pending.push(`${rows[0]!.count} ${what}`);
    }
    const counted = await client.query<{ status: string; count: string }>(
      'SELECT status, count(*)::text AS count FROM "order".orders GROUP BY status ORDER BY status',
    );
    const orders = Object.fromEntries(counted.rows.map(({ status, count }) => [status, Number(count)]));
    return { differences, pending, orders };
  } finally {
    await client.end();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { wait: { type: 'string', default: '60' }, help: { type: 'boolean', short: 'h' } },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) return say(HELP) ?? 0;
  const { DATABASE_URL } = loadConfig(postgresConfig);
  const { differences, pending, orders } = await keepingVerdict(
    'orders',
    () => reconcileOrders(DATABASE_URL, Number(values.wait) * 1_000, say),
    foundOf,
  );
  say(
    `orders: ${
      Object.entries(orders)
        .map(([status, count]) => `${count} ${status}`)
        .join(', ') || 'none'
    }`,
  );
  for (const line of pending) say(`still on its way: ${line}`);
  for (const { rule, key, found } of differences.slice(0, SHOWN_MAX)) say(`${rule}: ${key}: ${found}`);
  if (differences.length > SHOWN_MAX) say(`... and ${differences.length - SHOWN_MAX} more`);
  const isEqual = differences.length === 0 && pending.length === 0;
  say(
    isEqual
      ? 'EQUAL: zero differences'
      : `${differences.length} differences, ${pending.length} kinds of work unfinished`,
  );
  return isEqual ? 0 : 1;
}

function foundOf({ differences, pending, orders }: OrdersReport): Found {
  const count = Object.values(orders).reduce((sum, some) => sum + some, 0);
  return {
    outcome: differences.length > 0 ? 'different' : pending.length > 0 ? 'unfinished' : 'equal',
    words: `${count} orders with their payments, stock, prices, ledgers and notifications`,
    pendingCount: pending.length,
    differences: differences.map(({ rule, key, found }) => ({ where: rule, key, what: found })),
    findings: pending.map((what) => ({ where: 'still on its way', key: '', what })),
  };
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    return 2;
  });
}
