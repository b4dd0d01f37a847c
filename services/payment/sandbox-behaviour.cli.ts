// `npm run sandbox -- --kind slow --seconds 60`: the payment sandbox has a bad minute.
import { parseArgs } from 'node:util';
import { paymentService } from '#contracts/shop-processes.ts';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, databaseOf, postgresConfig } from '#runtime/postgres/database.ts';
import { providerConfig } from './config.ts';
import { BEHAVIOURS, behave } from './sandbox-behaviour.ts';

const SECONDS_MAX = 3_600;
const HELP = `Makes the payment sandbox slow, or lets it decline every new charge, for a while.

  npm run sandbox -- --kind slow|declining --seconds <n>

  --kind     slow: each charge takes five seconds longer; declining: each new charge is declined
  --seconds  for how long, up to ${SECONDS_MAX}; 0 ends it
  --help     this text

Environment: PAYMENT_PROVIDER, which must be sandbox, and DATABASE_URL, the Postgres of the payment service.`;

runMain(async () => {
  const { values } = parseArgs({
    options: { kind: { type: 'string' }, seconds: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  const kind = BEHAVIOURS.find((one) => one === values.kind);
  const seconds = Number(values.seconds);
  if (!kind || !/^\d{1,4}$/.test(values.seconds ?? '') || seconds > SECONDS_MAX)
    throw new AppError('option-invalid', HELP);
  const { PAYMENT_PROVIDER } = loadConfig({ PAYMENT_PROVIDER: providerConfig.PAYMENT_PROVIDER });
  if (PAYMENT_PROVIDER !== 'sandbox')
    throw new AppError(
      'no-sandbox',
      `payments are made by ${PAYMENT_PROVIDER}: only the sandbox has a switch`,
    );
  const pool = createPool({
    ...databaseOf(loadConfig(postgresConfig)),
    schema: paymentService.name,
    applicationName: 'sandbox-behaviour',
    log: createLogger('sandbox-behaviour', 'warn'),
  });
  try {
    await behave(pool, kind, seconds);
  } finally {
    await pool.end();
  }
});
