// Puts the user service together over one pool: its edges and its jobs. main.ts and the specs build it the same way.
import type { Logger } from '#runtime/log.ts';
import type { Registry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { rekeyEmails } from './accounts/email-keys.ts';
import { createChallenges } from './challenges/challenges.ts';
import { type UserEdges, userRoutes } from './http.ts';
import { userJobs } from './jobs.ts';
import { createSecrets } from './keys/secrets.ts';
import { createSigningKeys } from './keys/signing-keys.ts';
import { createUserMetrics } from './metrics.ts';
import { createPasswords, type PasswordOptions } from './passwords/scrypt.ts';
import { createProfiles } from './profile/profiles.ts';
import { createRegistration } from './registration/registration.ts';
import { createSessions } from './sessions/sessions.ts';
import { createUserStores } from './stores.ts';

export interface UserParts extends PasswordOptions {
  readonly pool: Pool;
  readonly registry: Registry;
  /** @default no log */
  readonly log?: Logger;
  readonly keyEncryptionKeys: readonly [Buffer, ...Buffer[]];
  readonly issuer: string;
  readonly audience: string;
  /** Answers whose time could show whether an address is known come at whole steps of this length. @default 250 ms */
  readonly answerStepMs?: number;
  /** @default the clock */
  readonly now?: () => number;
}

/** All that the service does; a signing key exists when the promise resolves. */
export async function createUserWork(parts: UserParts) {
  const { pool, registry, issuer, audience, answerStepMs = 250, now = Date.now } = parts;
  const stores = createUserStores(pool);
  const secrets = createSecrets(parts.keyEncryptionKeys);
  const passwords = createPasswords(parts);
  const keys = createSigningKeys({ pool, secrets, issuer, audience, now });
  await keys.rotate();
  await rekeyEmails(pool, now(), parts.log);
  const shared = { stores, passwords, secrets, now, answerStepMs };
  const edges: UserEdges = {
    registration: createRegistration(shared),
    challenges: createChallenges(shared),
    profiles: createProfiles(shared),
    sessions: createSessions({ ...shared, keys, metrics: createUserMetrics(registry) }),
    accounts: stores.accounts,
  };
  return { ...edges, routes: userRoutes(edges), jobs: userJobs(pool, keys, now) };
}
