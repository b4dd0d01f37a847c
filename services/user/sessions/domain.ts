// Sessions: families of refresh tokens, and how failed sign-ins delay the next. Pure.
import type { Role } from '../domain.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** An access token cannot be revoked: for so long it works after a sign-out. */
export const ACCESS_TOKEN_LIFE_MS = 15 * MINUTE_MS;
/** A session that is not used for this long ends. */
export const REFRESH_TOKEN_LIFE_MS = 30 * DAY_MS;
/** Every session ends after this, also one in use. */
export const FAMILY_LIFE_MS = 90 * DAY_MS;

/** A refresh token and its family: the sign-in and all refresh tokens that follow from it. */
export interface RefreshToken {
  readonly familyId: string;
  readonly userId: string;
  readonly expiresAtMs: number;
  readonly rotatedAtMs?: number;
  readonly familyExpiresAtMs: number;
  readonly familyRevokedAtMs?: number;
}

/**
 * What a use of a refresh token leads to. `revoke-family`: the token was used before, so one of its two users has stolen it. Nobody
 * can know which, so both lose the session (RFC 9700 §4.14.2).
 */
export type RefreshVerdict = 'rotate' | 'revoke-family' | 'refuse';

export function judgeRefresh(token: RefreshToken | undefined, nowMs: number): RefreshVerdict {
  if (!token || token.familyRevokedAtMs !== undefined) return 'refuse';
  if (token.rotatedAtMs !== undefined) return 'revoke-family';
  return nowMs < Math.min(token.expiresAtMs, token.familyExpiresAtMs) ? 'rotate' : 'refuse';
}

/** The failed sign-ins of one account from one network, or from all unknown networks together. */
export interface SignInFailures {
  readonly count: number;
  readonly lastAtMs: number;
  readonly lockedUntilMs: number;
}

export const FREE_FAILURES = 5;
/** Of an account, from all its unknown networks together: people mistype in one place, attackers guess from many. */
export const FREE_FAILURES_ELSEWHERE = 20;
/** How long a network stays known after the owner last proved to be in it. */
export const NETWORK_KNOWN_MS = 90 * DAY_MS;
export const LOCK_MS_MIN = 30_000;
/** No lock is longer: the owner of the account may be in the same network. */
export const LOCK_MS_MAX = 15 * MINUTE_MS;
export const FAILURES_FORGOTTEN_MS = 60 * MINUTE_MS;

export type Admission =
  | { readonly isAdmitted: true; readonly failures: SignInFailures }
  | { readonly isAdmitted: false; readonly retryAfterMs: number };

/**
 * Admits an attempt and counts it as failed at once: otherwise many attempts at the same time would all be admitted before the first
 * has failed. A success resets the count of failures. A refused attempt changes nothing, so nobody can prolong a lock by trying.
 */
export function admitSignIn(
  before: SignInFailures | undefined,
  nowMs: number,
  freeFailures = FREE_FAILURES,
): Admission {
  if (before && nowMs < before.lockedUntilMs) {
    return { isAdmitted: false, retryAfterMs: before.lockedUntilMs - nowMs };
  }
  const isForgotten = !before || nowMs >= before.lastAtMs + FAILURES_FORGOTTEN_MS;
  const count = isForgotten ? 1 : before.count + 1;
  return {
    isAdmitted: true,
    failures: { count, lastAtMs: nowMs, lockedUntilMs: lockedUntil(count, freeFailures, nowMs) },
  };
}

/** 0 when there is no lock: attempts at the same time may read the clock in another order than they are counted in. */
function lockedUntil(count: number, freeFailures: number, nowMs: number): number {
  if (count < freeFailures) return 0;
  return nowMs + Math.min(LOCK_MS_MAX, LOCK_MS_MIN * 2 ** Math.min(20, count - freeFailures));
}

/**
 * The network of an IP address. Who has one IPv6 address has 2^64 of them (RFC 6177), so a /64 counts as one network.
 */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1]) return mapped[1];
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.toLowerCase().split('%')[0]!.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** What a signed-in client holds. */
export interface SignedIn {
  readonly kind: 'signed-in';
  readonly userId: string;
  readonly accessToken: string;
  /** Seconds until the access token ends. */
  readonly expiresInS: number;
  readonly refreshToken: string;
}

export type SignInResult =
  | SignedIn
  | { readonly kind: 'refused' }
  | { readonly kind: 'locked'; readonly retryAfterMs: number };

/** Who tries to sign in and from where, as keyed hashes. */
export interface Attempt {
  readonly accountKey: Buffer;
  readonly networkKey: Buffer;
}

export interface NewRefreshToken {
  readonly sha256: Buffer;
  readonly familyId: string;
  readonly expiresAtMs: number;
}

/** Keeps sessions, failed sign-ins and the networks from which owners of accounts have proved who they are. */
export interface SessionStore {
  /** Locks the failures until the transaction ends, so that attempts at the same time are counted one after the other. */
  lockFailures(attempt: Attempt): Promise<SignInFailures | undefined>;
  saveFailures(attempt: Attempt, failures: SignInFailures): Promise<void>;
  /** Takes one failure back, of an attempt that was counted and then did not fail: it was the owner's, or was not tried at all. */
  uncountFailure(attempt: Attempt): Promise<void>;
  /** Of one network after a success; of all when the owner has proved who they are by mail. */
  deleteFailures(accountKey: Buffer, networkKey?: Buffer): Promise<void>;
  rememberNetwork(attempt: Attempt, atMs: number): Promise<void>;
  isKnownNetwork(attempt: Attempt): Promise<boolean>;
  deleteNetworks(accountKey: Buffer): Promise<void>;
  /** The token and the role that its holder has today. Locks the family: two uses of one token follow each other. */
  lockRefreshToken(sha256: Buffer): Promise<(RefreshToken & { readonly role: Role }) | undefined>;
  insertFamily(familyId: string, userId: string, expiresAtMs: number): Promise<void>;
  insertRefreshToken(token: NewRefreshToken): Promise<void>;
  markRotated(sha256: Buffer, atMs: number): Promise<void>;
  revokeFamily(familyId: string, atMs: number): Promise<void>;
  revokeFamiliesOf(userId: string, atMs: number): Promise<void>;
}

/** What the HTTP edge asks of sessions. */
export interface Sessions {
  signIn(email: string, password: string, ip: string): Promise<SignInResult>;
  refresh(refreshToken: string): Promise<SignedIn | { readonly kind: 'refused' }>;
  /** Ends the session of the token, if there is one. */
  signOut(refreshToken: string): Promise<void>;
  signOutEverywhere(userId: string): Promise<void>;
  /** Public keys of access tokens, as a JWK set (RFC 7517 §5). */
  publicKeys(): Promise<{ readonly keys: readonly PublicKey[] }>;
}

/** An Ed25519 key (RFC 8037 §2). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}
