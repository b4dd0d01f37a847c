// `npm run demo:checkout`: one person's way through the shop on the running platform, and then the story of the order, as
// topics and stores have it. Reads `.local/env`.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { createKafka } from '#runtime/kafka/client.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { signUp } from './checkout/account.ts';
import { demoConfig } from './checkout/config.ts';
import { eventsAbout } from './checkout/events.ts';
import { checkOut } from './checkout/order.ts';
import { tellStores } from './checkout/stores.ts';

const HELP = `Registers a customer, fills a cart, pays, and shows what became of that order.

  npm run demo:checkout [-- --method <name>]

  --method   what the sandbox does with the payment: pm_ok (as it should), pm_declined, pm_insufficient,
             pm_timeout_then_ok, pm_late_ok, ... (services/payment/README.md)
  --help     this text

The platform must be running: npm start`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

runMain(async () => {
  const { values } = parseArgs({
    options: { method: { type: 'string', default: 'pm_ok' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return say(HELP);
  const config = loadConfig(demoConfig);
  await fetch(`${config.ORDER_SERVICE_URL}/livez`).catch(() => {
    throw new AppError('platform-away', 'The services do not answer: start the platform with npm start');
  });
  const trace = randomUUID().replaceAll('-', '');
  const database = new pg.Client({ connectionString: config.DATABASE_URL });
  await database.connect();
  try {
    say('The way through the shop');
    const customer = await signUp(config, say);
    const order = await checkOut(config, customer, values.method, trace, say);
    say(`\nThe events of order ${order.orderId}`);
    const kafka = createKafka(config, 'demo', createLogger('demo', 'silent'));
    for (const line of await eventsAbout(kafka, [order.orderId, customer.userId])) say(`  ${line}`);
    say('\nWhere it stands in the stores');
    for (const line of await tellStores(database, order.orderId, customer.userId)) say(`  ${line}`);
    if (config.OTEL_EXPORTER_OTLP_ENDPOINT)
      say(`\nIts trace: ${config.OTEL_EXPORTER_OTLP_ENDPOINT}/traces/${trace}`);
  } finally {
    await database.end();
  }
});
