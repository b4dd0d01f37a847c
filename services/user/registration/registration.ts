// Somebody registers an address. Whether it has an account shows in the mail alone.
import { randomUUID } from 'node:crypto';
import { issueChallenge } from '../challenges/challenges.ts';
import { type Email, readEmail } from '../domain.ts';
import { inEvenTime } from '../even-time.ts';
import { passwordRefusal } from '../passwords/domain.ts';
import type { Stores, UserStores } from '../stores.ts';
import { decideRegistration, type Register, type Registration } from './domain.ts';

export const LOCALE_DEFAULT = 'en';

interface RegistrationParts {
  readonly stores: UserStores;
  readonly now: () => number;
  /** @see inEvenTime */
  readonly answerStepMs: number;
}

export const createRegistration = ({ stores, now, answerStepMs }: RegistrationParts): Registration => ({
  async register(command) {
    const email = readEmail(command.email);
    if (!email) return 'email-invalid';
    const { password } = command;
    const refusal = password === undefined ? undefined : passwordRefusal(password, email.key);
    if (refusal) return refusal;
    await inEvenTime(answerStepMs, () =>
      stores.transaction((locked) => register(locked, email, command, now)),
    );
    return 'accepted';
  },
});

async function register(
  stores: Stores,
  email: Email,
  { name, locale = LOCALE_DEFAULT }: Register,
  now: () => number,
): Promise<void> {
  const { accounts } = stores;
  await accounts.lockEmail(email);
  const seen = await accounts.findByEmail(email);
  // Locked, or the purge could erase it after it was found.
  const found = seen && (await accounts.lock(seen.userId));
  const { isNewAccount, challenge: purpose } = decideRegistration(found);
  const atMs = now();
  const userId = found?.userId ?? randomUUID();
  if (isNewAccount) await accounts.insert({ userId, email, name, locale, atMs });
  // Until the owner of the address has verified it, the last registration decides.
  else if (purpose === 'verify-email') await accounts.updateProfile(userId, { name, locale });
  await issueChallenge(stores, { userId, purpose, atMs });
}
