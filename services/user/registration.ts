// Somebody registers an address or has forgotten its password. Whether it has an account shows in the mail alone.
import { randomUUID } from 'node:crypto';
import { encodeEvent } from '#contracts/envelope.ts';
import { userRegistered } from '#contracts/shop-topics.ts';
import { USER_REGISTERED } from '#contracts/users.ts';
import { saveToOutbox } from '#runtime/outbox/outbox.ts';
import type { PoolClient } from '#runtime/postgres/database.ts';
import { issueChallenge } from './challenges/challenge-store.ts';
import { decideRegistration, type Email, type Registration } from './domain.ts';
import * as store from './store.ts';

export const LOCALE_DEFAULT = 'en';

interface RegistrationParts {
  readonly schema: string;
  readonly now: () => number;
}

export async function register(
  client: PoolClient,
  { schema, now }: RegistrationParts,
  email: Email,
  { name, locale = LOCALE_DEFAULT }: Registration,
): Promise<void> {
  await store.lockEmail(client, email);
  const seen = await store.accountByEmail(client, email);
  // Held, or a purge might erase it after it was found.
  const found = seen && (await store.lockAccount(client, seen.userId));
  const { createsAccount, challenge: purpose } = decideRegistration(found);
  const atMs = now();
  const userId = found?.userId ?? randomUUID();
  if (createsAccount) await createAccount(client, schema, { userId, email, name, locale, atMs });
  // Until somebody has proved to be it, an account is what was said of it last.
  else if (purpose === 'verify-email') await store.updateProfile(client, userId, { name, locale }, undefined);
  await issueChallenge(client, schema, { userId, purpose, atMs });
}

/** The caller holds the address, and has seen that it has no account. */
export async function createAccount(
  client: PoolClient,
  schema: string,
  account: store.NewAccount,
): Promise<void> {
  await store.insertAccount(client, account);
  const { userId, atMs } = account;
  const record = encodeEvent(USER_REGISTERED, userId, {
    id: `${userId}/registered`,
    source: '/services/user',
    time: new Date(atMs).toISOString(),
    data: { userId },
  });
  await saveToOutbox(client, schema, userRegistered, record);
}

export async function requestReset(
  client: PoolClient,
  { schema, now }: RegistrationParts,
  email: Email,
): Promise<void> {
  const account = await store.accountByEmail(client, email);
  if (!account) return;
  await issueChallenge(client, schema, {
    userId: account.userId,
    purpose: 'reset-password',
    atMs: now(),
  });
}
