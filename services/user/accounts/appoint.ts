// An address gets a role, and an account where it has none; for the first admin, whom nobody could appoint over HTTP.
import { randomUUID } from 'node:crypto';
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { type Email, type Role, readEmail } from '../domain.ts';
import { passwordFault } from '../passwords/domain.ts';
import type { Passwords } from '../passwords/scrypt.ts';
import { createAccount, LOCALE_DEFAULT } from '../registration/registration.ts';
import { revokeFamiliesOf } from '../sessions/store.ts';
import { accountByEmail, lockEmail, setPassword, setRole } from '../store.ts';

export interface Appointment {
  readonly email: string;
  readonly role: Role;
  /** Of a new account; asked for only when there is none that is verified. */
  readonly readPassword: () => Promise<string>;
}

/**
 * Gives the role. A verified account keeps its password and is signed out everywhere, so that no session keeps the old role.
 * @returns id of the account
 * @throws AppError `email-invalid`, or the code of what is wrong with the password
 */
export async function appoint(
  { pool, schema, passwords, now }: { pool: Pool; schema: string; passwords: Passwords; now: () => number },
  { email: text, role, readPassword }: Appointment,
): Promise<string> {
  const email = readEmail(text);
  if (!email) throw new AppError('email-invalid', 'this is not an e-mail address');
  const known = await accountByEmail(pool, email);
  const passwordHash = known?.passwordHash ? undefined : await hashOf(await readPassword(), email, passwords);
  return inTransaction(pool, async (client) => {
    const userId = await accountOf(client, schema, email, now());
    if (passwordHash) await setPassword(client, userId, passwordHash, now());
    await setRole(client, userId, role);
    await revokeFamiliesOf(client, userId, now());
    return userId;
  });
}

async function hashOf(password: string, email: Email, passwords: Passwords): Promise<string> {
  const fault = passwordFault(password, email.key);
  if (fault) throw new AppError(fault, `the password is refused: ${fault}`);
  return passwords.hash(password);
}

async function accountOf(client: PoolClient, schema: string, email: Email, atMs: number): Promise<string> {
  await lockEmail(client, email);
  const found = await accountByEmail(client, email);
  if (found) return found.userId;
  const userId = randomUUID();
  await createAccount(client, schema, { userId, email, name: undefined, locale: LOCALE_DEFAULT, atMs });
  return userId;
}
