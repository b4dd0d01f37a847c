// What follows when somebody registers an address. Pure.
import type { ChallengePurpose } from '#contracts/users.ts';
import type { Account } from '../domain.ts';
import type { PasswordRefusal } from '../passwords/domain.ts';

/** The command to register an address. */
export interface Register {
  readonly email: string;
  /** Checked, so that a weak one is refused at once, and not kept: the password that counts comes with the token of the mail. */
  readonly password?: string | undefined;
  readonly name?: string | undefined;
  readonly locale?: string | undefined;
}

/** Somebody has registered an address. */
export interface Registered {
  readonly isNewAccount: boolean;
  /** What is mailed to the address. */
  readonly challenge: ChallengePurpose;
}

/**
 * Never refuses: the answer to the caller is always the same, only the mail differs. Who registers an address with a verified account
 * has most likely forgotten the account, so the mail offers a new password. An account that is not verified belongs to nobody yet:
 * who reads its mail sets the password.
 */
export function decideRegistration(found: Account | undefined): Registered {
  if (!found) return { isNewAccount: true, challenge: 'verify-email' };
  return { isNewAccount: false, challenge: found.passwordHash ? 'reset-password' : 'verify-email' };
}

/** What the HTTP edge asks of registration. */
export interface Registration {
  register(command: Register): Promise<'accepted' | 'email-invalid' | PasswordRefusal>;
}
