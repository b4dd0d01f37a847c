// `node services/user/admin.cli.ts --email ada@example.org`: makes the first admin, or gives an account a role.
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, databaseOf, postgresConfig } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { appoint } from './accounts/appoint.ts';
import { passwordConfig } from './config.ts';
import { createPasswords } from './passwords/scrypt.ts';
import { createUserStores, SCHEMA } from './stores.ts';

const HELP = `Gives an account a role, and makes the account where there is none.

  node services/user/admin.cli.ts --email <address> [--role admin|customer]

  --email  whose account
  --role   admin (default) or customer
  --help   this text

The password of a new account is read from standard input, so that no shell history keeps it. An account that is verified
keeps its password. Sessions of the account end.

Environment: DATABASE_URL, the Postgres of the user service.`;

runMain(async () => {
  const { values } = parseArgs({
    options: {
      email: { type: 'string' },
      role: { type: 'string', default: 'admin' },
      help: { type: 'boolean' },
    },
  });
  const { email, role, help } = values;
  if (help) {
    console.log(HELP);
    return;
  }
  if (!email) throw new AppError('email-missing', `--email: name the address\n\n${HELP}`);
  if (role !== 'admin' && role !== 'customer') {
    throw new AppError('role-unknown', `--role: admin or customer\n\n${HELP}`);
  }
  const config = loadConfig({ ...postgresConfig, ...passwordConfig });
  const log = createLogger('user-admin', 'warn');
  const pool = createPool({
    ...databaseOf(config),
    applicationName: 'user-admin',
    schema: SCHEMA,
    log,
  });
  try {
    // It may be run before the service has ever started.
    await migrateService(pool, SCHEMA, join(import.meta.dirname, 'migrations'), log);
    const passwords = createPasswords({
      costLog2: config.PASSWORD_COST_LOG2,
      hashesMax: config.PASSWORD_HASHES_MAX,
    });
    const readPassword = async () => (await text(process.stdin)).replace(/\r?\n$/, '');
    const parts = { stores: createUserStores(pool), passwords, now: Date.now };
    console.log(`${await appoint(parts, { email, role, readPassword })} is now ${role}`);
  } finally {
    await pool.end();
  }
});
