// Gives an address a role, and an account when it has none: for the first admin, to whom nobody could give the role over HTTP.
import { randomUUID } from 'node:crypto';
import { AppError } from '#runtime/errors.ts';
import { type AccountStore, type Email, type Role, readEmail } from '../domain.ts';
import { passwordRefusal } from '../passwords/domain.ts';
import type { Passwords } from '../passwords/scrypt.ts';
import { LOCALE_DEFAULT } from '../registration/registration.ts';
import type { UserStores } from '../stores.ts';

export interface Appointment {
  readonly email: string;
  readonly role: Role;
  /** Password of a new account; read only when there is no verified one. */
  readonly readPassword: () => Promise<string>;
}

/**
 * Gives the role. A verified account keeps its password and is signed out everywhere, so that no session keeps the old role.
 * @returns id of the account
 * @throws AppError `email-invalid`, or the code of the refusal of the password
 */
export async function appoint(
  {
    stores,
    passwords,
    now,
  }: { readonly stores: UserStores; readonly passwords: Passwords; readonly now: () => number },
  { email: text, role, readPassword }: Appointment,
): Promise<string> {
  const email = readEmail(text);
  if (!email) throw new AppError('email-invalid', 'this is not an e-mail address');
  const known = await stores.accounts.findByEmail(email);
  const passwordHash = known?.passwordHash ? undefined : await hashOf(await readPassword(), email, passwords);
  return stores.transaction(async ({ accounts, sessions }) => {
    const userId = await findOrInsert(accounts, email, now());
    if (passwordHash) await accounts.setPassword(userId, passwordHash, now());
    await accounts.setRole(userId, role);
    await sessions.revokeFamiliesOf(userId, now());
    return userId;
  });
}

async function hashOf(password: string, email: Email, passwords: Passwords): Promise<string> {
  const refusal = passwordRefusal(password, email.key);
  if (refusal) throw new AppError(refusal, `the password is refused: ${refusal}`);
  return passwords.hash(password);
}

async function findOrInsert(accounts: AccountStore, email: Email, atMs: number): Promise<string> {
  await accounts.lockEmail(email);
  const found = await accounts.findByEmail(email);
  if (found) return found.userId;
  const userId = randomUUID();
  await accounts.insert({ userId, email, name: undefined, locale: LOCALE_DEFAULT, atMs });
  return userId;
}
