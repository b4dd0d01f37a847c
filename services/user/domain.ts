// What an account is, which address it belongs to, and what its store keeps. Pure.

/** An e-mail address: the form that mails go to, and the key by which it belongs to one account. */
export interface Email {
  readonly address: string;
  readonly key: string;
}

const EMAIL_CHARS_MAX = 254;
/** Looser than RFC 5322 on purpose: only a mail that arrives proves an address. No character that could end a header is allowed. */
const LOCAL_FORM = /^[^\s\p{C}@<>,;:"()[\]\\]{1,64}$/u;
/** Letters, digits and hyphens of any script, and the characters that IDNA reads as a dot (UTS #46 §4.5). A URL gives others a meaning. */
const DOMAIN_FORM = /^[\p{L}\p{M}\p{N}\p{Join_Control}._\u3002\uFF0E\uFF61-]+$/u;
/** Labels of the DNS (RFC 5321 §4.1.2). The last one is not a number: that would be an IP address. */
const DNS_FORM = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/;

/**
 * Undefined when the text cannot be an address. The local part keeps its case, since a receiver may distinguish cases
 * (RFC 5321 §2.4). The key is in lower case, or two people could own what looks like one address. All forms of a domain are one
 * mailbox: Unicode and punycode (RFC 5890 §2.3.2.1), composed or not, in either case, with the dot of the root or without.
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

/** The domain's name in the DNS, by the rules of URLs, which are those of `domainToASCII` (UTS #46); empty when it has none. */
function dnsNameOf(domain: string): string {
  const url = `http://${domain}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}

export type Role = 'customer' | 'admin';

export interface Account {
  readonly userId: string;
  readonly role: Role;
  /** Absent until the address is verified. */
  readonly passwordHash?: string;
}

export interface NewAccount {
  readonly userId: string;
  readonly email: Email;
  readonly name: string | undefined;
  readonly locale: string;
  readonly atMs: number;
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

/** What a person may change; null removes the name. */
export interface ProfileChange {
  readonly name?: string | null | undefined;
  readonly locale?: string | undefined;
}

/** How a mail reaches a person. */
export interface Contact {
  readonly email: string;
  readonly locale: string;
}

/** Keeps accounts and their personal data. */
export interface AccountStore {
  /** Locks an address until the transaction ends: two registrations of it follow each other and never conflict. */
  lockEmail(email: Email): Promise<void>;
  /**
   * Locks an account until the transaction ends; undefined when it was erased. Everything that changes how a user signs in takes this
   * lock first: with one order of locks there is no deadlock.
   */
  lock(userId: string): Promise<Account | undefined>;
  findByEmail(email: Email): Promise<Account | undefined>;
  /** Undefined for an erased account, as in `contact` and `emailKey`. */
  profile(userId: string): Promise<Profile | undefined>;
  contact(userId: string): Promise<Contact | undefined>;
  emailKey(userId: string): Promise<string | undefined>;
  /** Inserts an account and its event. The caller holds the lock of the address and knows that it has no account. */
  insert(account: NewAccount): Promise<void>;
  /** Sets the password. This also verifies the address: who sets a password has read the mail. */
  setPassword(userId: string, passwordHash: string, atMs: number): Promise<void>;
  setRole(userId: string, role: Role): Promise<void>;
  setEmail(userId: string, email: Email): Promise<void>;
  /** False when the account no longer has one of these versions; without `versions` any version will do. */
  updateProfile(userId: string, change: ProfileChange, versions?: readonly number[]): Promise<boolean>;
  /** Deletes everything personal and every way to sign in; the id stays. */
  erase(userId: string, atMs: number): Promise<void>;
}
