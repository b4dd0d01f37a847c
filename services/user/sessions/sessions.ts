// Address and password in, tokens out. Attempts are counted as failed before they are tried. A session starts only while the password
// that was proved is still the account's.
import { randomBytes, randomUUID } from 'node:crypto';
import { type Account, readEmail } from '../domain.ts';
import { type Secrets, sha256 } from '../keys/secrets.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import type { UserMetrics } from '../metrics.ts';
import type { Passwords } from '../passwords/scrypt.ts';
import type { Stores, UserStores } from '../stores.ts';
import * as domain from './domain.ts';
import { networkKeyOf, unknownNetworksKeyOf } from './networks.ts';

export interface SessionParts {
  readonly stores: UserStores;
  readonly passwords: Passwords;
  readonly secrets: Secrets;
  readonly keys: SigningKeys;
  readonly metrics: UserMetrics;
  readonly now: () => number;
}

const TOKEN_BYTES = 32;
const REFUSED = { kind: 'refused' } as const;

export function createSessions(parts: SessionParts): domain.Sessions {
  const { stores, keys, now, metrics } = parts;
  return {
    async signIn(email, password, ip) {
      const result = await signIn(parts, email, password, ip);
      metrics.signedIn(result.kind);
      return result;
    },
    async refresh(refreshToken) {
      await keys.refresh();
      const { verdict, result } = await stores.transaction((locked) => refresh(locked, parts, refreshToken));
      metrics.refreshed(verdict);
      return result;
    },
    signOut: (refreshToken) =>
      stores.transaction(async ({ sessions }) => {
        const token = await sessions.lockRefreshToken(sha256(refreshToken));
        if (token) await sessions.revokeFamily(token.familyId, now());
      }),
    signOutEverywhere: (userId) => stores.sessions.revokeFamiliesOf(userId, now()),
    publicKeys: () => keys.publicKeys(),
  };
}

async function signIn(
  parts: SessionParts,
  text: string,
  password: string,
  ip: string,
): Promise<domain.SignInResult> {
  const { stores, secrets, now } = parts;
  const email = readEmail(text);
  if (!email) return REFUSED;
  const accountKey = secrets.keyedHash(email.key);
  const attempt = { accountKey, networkKey: networkKeyOf(secrets, ip) };
  const elsewhere = { accountKey, networkKey: unknownNetworksKeyOf(secrets) };
  const { admission, counted } = await stores.transaction((locked) =>
    admit(locked, attempt, elsewhere, now()),
  );
  if (!admission.isAdmitted) return { kind: 'locked', retryAfterMs: admission.retryAfterMs };
  const account = await stores.accounts.findByEmail(email);
  if (!(await isProved(parts, password, account, counted)) || !account) return REFUSED;
  // Before the transaction takes a connection: requests that hold one connection while they wait for a second can block each other.
  await parts.keys.refresh();
  return startSession(parts, account, password, counted);
}

/** An attempt counts for its network, and from an unknown network also for all unknown networks together. */
async function admit(
  { sessions }: Stores,
  attempt: domain.Attempt,
  elsewhere: domain.Attempt,
  nowMs: number,
): Promise<{ readonly admission: domain.Admission; readonly counted: readonly domain.Attempt[] }> {
  const own = domain.admitSignIn(await sessions.lockFailures(attempt), nowMs);
  if (!own.isAdmitted) return { admission: own, counted: [] };
  const counted = [attempt];
  if (!(await sessions.isKnownNetwork(attempt))) {
    const failures = await sessions.lockFailures(elsewhere);
    const all = domain.admitSignIn(failures, nowMs, domain.FREE_FAILURES_ELSEWHERE);
    if (!all.isAdmitted) return { admission: all, counted: [] };
    await sessions.saveFailures(elsewhere, all.failures);
    counted.push(elsewhere);
  }
  await sessions.saveFailures(attempt, own.failures);
  return { admission: own, counted };
}

async function isProved(
  { stores, passwords }: SessionParts,
  password: string,
  account: Account | undefined,
  counted: readonly domain.Attempt[],
): Promise<boolean> {
  try {
    return await passwords.verify(password, account?.passwordHash);
  } catch (error) {
    // Too many were waiting, so the password was not tried: that is no failure of this person.
    for (const attempt of counted) await stores.sessions.uncountFailure(attempt);
    throw error;
  }
}

async function startSession(
  parts: SessionParts,
  account: Account,
  password: string,
  [attempt, ...elsewhere]: readonly domain.Attempt[],
): Promise<domain.SignInResult> {
  const { stores, passwords, now } = parts;
  const isWeak = account.passwordHash !== undefined && passwords.isWeak(account.passwordHash);
  // When too many are waiting, the weak hash stays until the next sign-in.
  const strongerHash = isWeak ? await passwords.hash(password).catch(() => undefined) : undefined;
  return stores.transaction(async ({ accounts, sessions }) => {
    const locked = await accounts.lock(account.userId);
    // A reset may have changed the password since it was proved.
    if (!locked || locked.passwordHash !== account.passwordHash) return REFUSED;
    if (strongerHash) await accounts.setPassword(locked.userId, strongerHash, now());
    if (attempt) {
      await sessions.deleteFailures(attempt.accountKey, attempt.networkKey);
      await sessions.rememberNetwork(attempt, now());
    }
    // What others have guessed stays counted.
    for (const one of elsewhere) await sessions.uncountFailure(one);
    const familyId = randomUUID();
    const familyExpiresAtMs = now() + domain.FAMILY_LIFE_MS;
    await sessions.insertFamily(familyId, locked.userId, familyExpiresAtMs);
    return issueTokens(sessions, parts, { ...locked, familyId, familyExpiresAtMs });
  });
}

async function refresh({ sessions }: Stores, parts: SessionParts, refreshToken: string) {
  const tokenSha256 = sha256(refreshToken);
  const token = await sessions.lockRefreshToken(tokenSha256);
  const verdict = domain.judgeRefresh(token, parts.now());
  if (verdict === 'revoke-family' && token) await sessions.revokeFamily(token.familyId, parts.now());
  if (verdict !== 'rotate' || !token) return { verdict, result: REFUSED };
  await sessions.markRotated(tokenSha256, parts.now());
  return { verdict, result: await issueTokens(sessions, parts, token) };
}

type Holder = Pick<Account, 'userId' | 'role'> & Pick<domain.RefreshToken, 'familyId' | 'familyExpiresAtMs'>;

async function issueTokens(
  sessions: domain.SessionStore,
  { keys, now }: SessionParts,
  { userId, role, familyId, familyExpiresAtMs }: Holder,
): Promise<domain.SignedIn> {
  const refreshToken = randomBytes(TOKEN_BYTES).toString('base64url');
  await sessions.insertRefreshToken({
    sha256: sha256(refreshToken),
    familyId,
    expiresAtMs: Math.min(familyExpiresAtMs, now() + domain.REFRESH_TOKEN_LIFE_MS),
  });
  return {
    kind: 'signed-in',
    userId,
    accessToken: await keys.sign(userId, role),
    expiresInS: domain.ACCESS_TOKEN_LIFE_MS / 1_000,
    refreshToken,
  };
}
