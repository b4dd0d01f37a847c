// What the service does by the clock: it rotates signing keys and deletes what is no longer needed.
import { type Job, purgeJob } from '#runtime/jobs.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { purge } from './accounts/purge.ts';
import type { SigningKeys } from './keys/signing-keys.ts';

const MINUTE_MS = 60_000;

/** @param pool of the service's schema */
export const userJobs = (pool: Pool, keys: SigningKeys, now: () => number): Job[] => [
  { name: 'signing-keys', everyMs: 10 * MINUTE_MS, run: () => keys.rotate() },
  purgeJob('purge', 60 * MINUTE_MS, () => purge(pool, now())),
];
