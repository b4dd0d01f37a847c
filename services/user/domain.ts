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
const LOCAL_FORM = /^[^\s\p{C}@<>,;:"()[\]\\]{1,64}$/u;
/** Letters, digits and hyphens of any script, and the dots that IDNA takes for one (UTS #46 §4.5): `url` would read more into others. */
const DOMAIN_FORM = /^[\p{L}\p{M}\p{N}\p{Join_Control}._\u3002\uFF0E\uFF61-]+$/u;
/** Labels as they stand in the DNS (RFC 5321 §4.1.2), the last one no number: that would be an IP address. */
const DNS_FORM = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/;

/**
 * Undefined for what cannot be an address. The local part keeps its case, since a receiver may tell cases apart
 * (RFC 5321 §2.4); the key does not, or two people could own what looks like one address. Of a domain all forms are one mailbox:
 * Unicode and punycode (RFC 5890 §2.3.2.1), composed or not, in either case, with the dot of the root or without.
 */
export function readEmail(text: string): Email | undefined {
  const trimmed = text.trim().normalize('NFC');
  const at = trimmed.lastIndexOf('@');
  const [local, domain] = [
    trimmed.slice(0, Math.max(0, at)),
    trimmed.slice(at + 1).replace(/[.\u3002\uFF0E\uFF61]$/, ''),
  ];
  if (trimmed.length > EMAIL_CHARS_MAX || !LOCAL_FORM.test(local) || !DOMAIN_FORM.test(domain))
    return undefined;
  const dnsName = dnsNameOf(domain);
  const key = `${local.toLowerCase()}@${dnsName}`;
  if (!DNS_FORM.test(dnsName) || key.length > EMAIL_CHARS_MAX) return undefined;
  return { address: `${local}@${domain.toLowerCase()}`, key };
}

/** As the DNS has it, by the rules of URLs, which are those of `domainToASCII` (UTS #46); empty where it has none. */
function dnsNameOf(domain: string): string {
  const url = `http://${domain}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
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
 * has most likely forgotten it, so the mail lets them in again. One that nobody has verified belongs to nobody yet, and no
 * registration leaves a password: whoever reads its mail sets one.
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
  /** Looked at, so that a weak one is told at once, and not kept: it counts when it comes with the token of the mail. */
  readonly password?: string | undefined;
  readonly name?: string | undefined;
  readonly locale?: string | undefined;
}

/** What the HTTP edge asks of accounts. Faults of what was sent are codes; everything else is an AppError. */
export interface Accounts {
  register(registration: Registration): Promise<'accepted' | 'email-invalid' | PasswordFault>;
  requestReset(email: string): Promise<'accepted' | 'email-invalid'>;
  /** The password becomes the account's: it is proved, or set, by who has read the mail. So does `ip` become a network of theirs. */
  verifyEmail(
    token: string,
    password: string,
    ip?: string,
  ): Promise<'verified' | 'token-invalid' | PasswordFault>;
  resetPassword(
    token: string,
    password: string,
    ip?: string,
  ): Promise<'reset' | 'token-invalid' | PasswordFault>;
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
