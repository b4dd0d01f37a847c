// Sessions: families of refresh tokens, and how failed sign-ins slow down the next. Pure.

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** An access token cannot be taken back: this is how long a sign-out everywhere may take. */
export const ACCESS_TOKEN_LIFE_MS = 15 * MINUTE_MS;
/** A session that nobody uses for this long is over. */
export const REFRESH_TOKEN_LIFE_MS = 30 * DAY_MS;
/** And any session after this, however busy. */
export const FAMILY_LIFE_MS = 90 * DAY_MS;

/** A refresh token and the family that it belongs to. */
export interface RefreshToken {
  readonly familyId: string;
  readonly userId: string;
  readonly expiresAtMs: number;
  readonly rotatedAtMs?: number;
  readonly familyExpiresAtMs: number;
  readonly familyRevokedAtMs?: number;
}

/**
 * `revoke-family`: the token was used before, so that one of its two users has stolen it; since nobody can tell which, both
 * lose the session (RFC 9700 §4.14.2).
 */
export type RefreshDecision = 'rotate' | 'revoke-family' | 'refuse';

export function decideRefresh(token: RefreshToken | undefined, nowMs: number): RefreshDecision {
  if (!token || token.familyRevokedAtMs !== undefined) return 'refuse';
  if (token.rotatedAtMs !== undefined) return 'revoke-family';
  return nowMs < Math.min(token.expiresAtMs, token.familyExpiresAtMs) ? 'rotate' : 'refuse';
}

/** Failed sign-ins of one account from one network, or from all that are not known to be its owner's. */
export interface SignInFailures {
  readonly count: number;
  readonly lastAtMs: number;
  readonly lockedUntilMs: number;
}

export const FREE_FAILURES = 5;
/** Of an account from all networks that are not known to be its owner's: people mistype in one place, guessers have many. */
export const FREE_FAILURES_ELSEWHERE = 20;
/** How long a network stays known after its last proof. */
export const NETWORK_KNOWN_MS = 90 * DAY_MS;
export const LOCK_MS_MIN = 30_000;
/** Never longer: the owner of the account may sit in the same network. */
export const LOCK_MS_MAX = 15 * MINUTE_MS;
export const FAILURES_FORGOTTEN_MS = 60 * MINUTE_MS;

export type Admission =
  | { readonly isAdmitted: true; readonly failures: SignInFailures }
  | { readonly isAdmitted: false; readonly retryAfterMs: number };

/**
 * Admits an attempt and counts it as failed at once: attempts in parallel would otherwise all pass before the first has failed.
 * Who succeeds is forgotten. A refused attempt changes nothing, so nobody can hold a lock by knocking.
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

/** Long ago where there is no lock: attempts at the same time have read the clock in another order than they are counted. */
function lockedUntil(count: number, freeFailures: number, nowMs: number): number {
  if (count < freeFailures) return 0;
  return nowMs + Math.min(LOCK_MS_MAX, LOCK_MS_MIN * 2 ** Math.min(20, count - freeFailures));
}

/**
 * The network that an address is of: whoever has an IPv6 address has 2^64 of them (RFC 6177), so those count as one.
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

export type SignInOutcome =
  | SignedIn
  | { readonly kind: 'refused' }
  | { readonly kind: 'locked'; readonly retryAfterMs: number };

/** What the HTTP edge asks of sessions. */
export interface Sessions {
  signIn(email: string, password: string, ip: string): Promise<SignInOutcome>;
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
