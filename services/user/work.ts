// The user service from its parts: routes and jobs over one pool. Specs and the command build it the same way as main.ts.
import { schemaOf } from '#contracts/process.ts';
import { userService } from '#contracts/shop-processes.ts';
import { type Job, purgeJob } from '#runtime/jobs.ts';
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { createAccounts } from './challenges/challenges.ts';
import { rekeyEmails } from './accounts/email-keys.ts';
import { createSecrets } from './keys/secrets.ts';
import { createSigningKeys } from './keys/signing-keys.ts';
import { createPasswords, type PasswordOptions } from './passwords/scrypt.ts';
import { purge } from './accounts/purge.ts';
import { createRoutes } from './http.ts';
import { createSessions } from './sessions/sessions.ts';

export const SCHEMA = schemaOf(userService);

export interface UserParts extends PasswordOptions {
  readonly pool: Pool;
  readonly registry: Registry;
  /** @default silence */
  readonly log?: Logger;
  readonly keyEncryptionKeys: readonly [Buffer, ...Buffer[]];
  readonly issuer: string;
  readonly audience: string;
  /** Steps in which answers come that must not tell by their time whether an address is known. @default 250 ms */
  readonly answerStepMs?: number;
  /** @default the clock */
  readonly now?: () => number;
}

const MINUTE_MS = 60_000;

/** Everything that the service does; a signing key exists when the promise resolves. */
export async function createUserWork(parts: UserParts) {
  const { pool, registry, issuer, audience, now = Date.now } = parts;
  const schema = SCHEMA;
  const secrets = createSecrets(parts.keyEncryptionKeys);
  const passwords = createPasswords(parts);
  const keys = createSigningKeys({ pool, schema, secrets, issuer, audience, now });
  await keys.rotate();
  await rekeyEmails(pool, now(), parts.log);
  const accounts = createAccounts({
    pool,
    schema,
    passwords,
    secrets,
    now,
    answerStepMs: parts.answerStepMs ?? 250,
  });
  const sessions = createSessions({ pool, passwords, secrets, keys, registry, now });
  const routes = createRoutes(accounts, sessions);
  const jobs: Job[] = [
    { name: 'signing-keys', everyMs: 10 * MINUTE_MS, run: () => keys.rotate() },
    purgeJob('purge', 60 * MINUTE_MS, () => purge(pool, now())),
  ];
  return { routes, jobs, accounts, sessions };
}
