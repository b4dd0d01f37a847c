// The sample admin of a platform on one machine: the seller's pages need one, and on one machine there is no other admin to appoint them. It is
// refused wherever money or mails are real. May run again: an admin who has the password already keeps everything.
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '#runtime/config.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { createPool, databaseOf, postgresConfig } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { appoint } from './accounts/appoint.ts';
import { passwordConfig } from './config.ts';
import { readEmail } from './domain.ts';
import { createPasswords, type Passwords } from './passwords/scrypt.ts';
import { createUserStores, SCHEMA, type UserStores } from './stores.ts';

/** Settings of the command; the first two say that this is a laptop. */
export const samplesConfig = {
  MAIL_TRANSPORT: z
    .literal('mailbox')
    .describe('sample accounts are for laptops, where mails stay in a mailbox'),
  PAYMENT_PROVIDER: z.literal('sandbox').describe('sample accounts are for laptops, where no money moves'),
  SAMPLE_ADMIN_EMAIL: z.email().describe('address of the sample admin'),
  SAMPLE_ADMIN_PASSWORD: z
    .string()
    .min(12)
    .describe('password of the sample admin, as the sign-in page shows it'),
  ...logConfig,
  ...postgresConfig,
  ...passwordConfig,
};

interface SampleParts {
  readonly stores: UserStores;
  readonly passwords: Passwords;
  readonly now: () => number;
}

/**
 * Gives the shop an admin with this password. Who has been there with another one gets this one, and is signed out everywhere.
 * @throws AppError `email-invalid`, or the code of the refusal of the password
 */
export async function addSampleAdmin(
  parts: SampleParts,
  { email: text, password }: { readonly email: string; readonly password: string },
): Promise<'added' | 'kept'> {
  const { stores, passwords, now } = parts;
  const email = readEmail(text);
  const known = email && (await stores.accounts.findByEmail(email));
  const isSame = known?.passwordHash ? await passwords.verify(password, known.passwordHash) : false;
  if (isSame && known?.role === 'admin') return 'kept';
  const userId = await appoint(parts, { email: text, role: 'admin', readPassword: async () => password });
  // A verified account keeps its password when it is appointed.
  if (known?.passwordHash && !isSame) {
    const passwordHash = await passwords.hash(password);
    await stores.transaction(async ({ accounts }) => {
      if (await accounts.lock(userId)) await accounts.setPassword(userId, passwordHash, now());
    });
  }
  return 'added';
}

if (import.meta.main) runMain(main);

async function main(): Promise<void> {
  const config = loadConfig(samplesConfig);
  const log = createLogger('user-samples', config.LOG_LEVEL);
  const pool = createPool({ ...databaseOf(config), applicationName: 'user-samples', schema: SCHEMA, log });
  try {
    await migrateService(pool, SCHEMA, join(import.meta.dirname, 'migrations'), log);
    const { PASSWORD_COST_LOG2: costLog2, PASSWORD_HASHES_MAX: hashesMax } = config;
    const parts = {
      stores: createUserStores(pool),
      passwords: createPasswords({ costLog2, hashesMax }),
      now: Date.now,
    };
    const { SAMPLE_ADMIN_EMAIL: email, SAMPLE_ADMIN_PASSWORD: password } = config;
    process.stdout.write(`the sample admin is ${await addSampleAdmin(parts, { email, password })}\n`);
  } finally {
    await pool.end();
  }
}
