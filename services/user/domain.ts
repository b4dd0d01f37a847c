// Accounts: whose they are, and what registering, verifying and erasing mean. Pure.
import type { ChallengePurpose } from '#contracts/users.ts';
import type { PasswordFault } from './passwords/domain.ts';

/** An address as it is written to, and the key by which it belongs to one account. */
export interface Email {
  readonly address: string;
  readonly key: string;
}

const EMAIL_CHARS_MAX = 254;
/** Looser than RFC 5322 on purpose: only a mail that arrives proves an address. Nothing that could end a header is let in. */
const EMAIL_FORM =
  /^[^\s\p{C}@<>,;:"()[\]\\]{1,64}@[^\s\p{C}@<>,;:"()[\]\\]+\.[^\s\p{C}@<>,;:"()[\]\\]{2,}$/u;

/**
 * Undefined for what cannot be an address. The local part keeps its case, since a receiver may tell cases apart
 * (RFC 5321 §2.4); the key does not, or two people could own what looks like one address.
 */
export function readEmail(text: string): Email | undefined {
  const trimmed = text.trim().normalize('NFC');
  if (trimmed.length > EMAIL_CHARS_MAX || !EMAIL_FORM.test(trimmed)) return undefined;
  const at = trimmed.lastIndexOf('@');
  const address = `${trimmed.slice(0, at)}@${trimmed.slice(at + 1).toLowerCase()}`;
  return { address, key: address.toLowerCase() };
}

export type Role = 'customer' | 'admin';

/** What is known of an account by its address. */
export interface Account {
  readonly userId: string;
  readonly role: Role;
  /** Absent until the address is verified. */
  readonly passwordHash?: string;
}

/** What a person may see of their own account. */
export interface Profile {
  readonly userId: string;
  readonly role: Role;
  readonly email: string;
  readonly name?: string;
  readonly locale: string;
  readonly registeredAt: string;
  readonly version: number;
}

/** What a person may change; null takes the name away. */
export interface ProfileChange {
  readonly name?: string | null | undefined;
  readonly locale?: string | undefined;
}

/** What follows from somebody registering an address. */
export interface RegistrationDecision {
  readonly createsAccount: boolean;
  /** What is mailed to the address. */
  readonly challenge: ChallengePurpose;
}

/**
 * The answer to the caller is always the same; only the mail differs. Whoever registers an address that has a verified account
 * has most likely forgotten it, so the mail lets them in again. One that nobody has verified belongs to nobody yet: the
 * password of whichever registration is verified counts.
 */
export function decideRegistration(found: Account | undefined): RegistrationDecision {
  if (!found) return { createsAccount: true, challenge: 'verify-email' };
  return { createsAccount: false, challenge: found.passwordHash ? 'reset-password' : 'verify-email' };
}

/** How a mail reaches a person. */
export interface Contact {
  readonly email: string;
  readonly locale: string;
}

/** What the mail of a challenge needs. */
export interface ChallengeMail extends Contact {
  readonly token: string;
  readonly purpose: ChallengePurpose;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly locale?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** What the HTTP edge asks of accounts. Faults of what was sent are codes; everything else is an AppError. */
export interface Accounts {
  register(registration: Registration): Promise<'accepted' | 'email-invalid' | PasswordFault>;
  requestReset(email: string, traceparent?: string): Promise<'accepted' | 'email-invalid'>;
  verifyEmail(token: string): Promise<'verified' | 'token-invalid'>;
  resetPassword(token: string, password: string): Promise<'reset' | 'token-invalid' | PasswordFault>;
  profile(userId: string): Promise<Profile | undefined>;
  changeProfile(
    userId: string,
    change: ProfileChange,
    versions: readonly number[] | undefined,
  ): Promise<Profile | 'gone' | 'changed-meanwhile'>;
  erase(userId: string): Promise<void>;
  contact(userId: string): Promise<Contact | undefined>;
  /** Repeatable: the same challenge is answered with the same token. Undefined when there is nothing to be mailed any more. */
  writeMail(challengeId: string): Promise<ChallengeMail | undefined>;
}
