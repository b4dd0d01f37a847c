// Who they say they are in, tokens out. Failed attempts are counted before they are tried; a session starts only while the
// password that was proved is still the account's.
import { randomBytes, randomUUID } from 'node:crypto';
import { Counter, type Registry } from '#runtime/metrics.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { type Account, readEmail } from '../domain.ts';
import { type Secrets, sha256 } from '../keys/secrets.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import type { Passwords } from '../passwords/scrypt.ts';
import { accountByEmail, lockAccount, setPassword } from '../store.ts';
import * as domain from './domain.ts';
import { isKnownNetwork, networkKeyOf, rememberNetwork } from './known-networks.ts';
import * as store from './store.ts';

export interface SessionParts {
  readonly pool: Pool;
  readonly passwords: Passwords;
  readonly secrets: Secrets;
  readonly keys: SigningKeys;
  readonly registry: Registry;
  readonly now: () => number;
}

const TOKEN_BYTES = 32;
const REFUSED = { kind: 'refused' } as const;

export function createSessions(parts: SessionParts): domain.Sessions {
  const { pool, keys, now, registry } = parts;
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['outcome'], registers: [registry] });
  const signIns = counter('sign_ins_total', 'Attempts to sign in: signed-in, refused or locked');
  const refreshes = counter('refreshes_total', 'Uses of refresh tokens: rotate, refuse or revoke-family');
  return {
    async signIn(email, password, ip) {
      const outcome = await signIn(parts, email, password, ip);
      signIns.inc({ outcome: outcome.kind });
      return outcome;
    },
    async refresh(refreshToken) {
      await keys.refresh();
      const { decision, outcome } = await inTransaction(pool, (client) =>
        refresh(client, parts, refreshToken),
      );
      refreshes.inc({ outcome: decision });
      return outcome;
    },
    signOut: (refreshToken) =>
      inTransaction(pool, async (client) => {
        const token = await store.refreshTokenOf(client, sha256(refreshToken));
        if (token) await store.revokeFamily(client, token.familyId, now());
      }),
    signOutEverywhere: (userId) => store.revokeFamiliesOf(pool, userId, now()),
    publicKeys: () => keys.publicKeys(),
  };
}

async function signIn(
  parts: SessionParts,
  text: string,
  password: string,
  ip: string,
): Promise<domain.SignInOutcome> {
  const { pool, secrets, now } = parts;
  const email = readEmail(text);
  if (!email) return REFUSED;
  const attempt = { accountKey: secrets.keyedHash(email.key), networkKey: networkKeyOf(secrets, ip) };
  const elsewhere = { accountKey: attempt.accountKey, networkKey: secrets.keyedHash(ELSEWHERE) };
  const { admission, counted } = await inTransaction(pool, (client) =>
    admit(client, attempt, elsewhere, now()),
  );
  if (!admission.isAdmitted) return { kind: 'locked', retryAfterMs: admission.retryAfterMs };
  const account = await accountByEmail(pool, email);
  if (!(await isProved(parts, password, account, counted)) || !account) return REFUSED;
  // Before a connection is taken: whoever holds one and waits for another holds up those that do the same.
  await parts.keys.refresh();
  return startSession(parts, account, password, counted);
}

/** Stands for all networks that are not known to be the owner's; no address is written like this. */
const ELSEWHERE = 'network/elsewhere';

/** An attempt counts for its network, and for all unknown ones together, unless its network is known. */
async function admit(
  client: PoolClient,
  attempt: store.Attempt,
  elsewhere: store.Attempt,
  nowMs: number,
): Promise<{ readonly admission: domain.Admission; readonly counted: readonly store.Attempt[] }> {
  const own = domain.admitSignIn(await store.failuresOf(client, attempt), nowMs);
  if (!own.isAdmitted) return { admission: own, counted: [] };
  const counted = [attempt];
  if (!(await isKnownNetwork(client, attempt))) {
    const failures = await store.failuresOf(client, elsewhere);
    const all = domain.admitSignIn(failures, nowMs, domain.FREE_FAILURES_ELSEWHERE);
    if (!all.isAdmitted) return { admission: all, counted: [] };
    await store.saveFailures(client, elsewhere, all.failures);
    counted.push(elsewhere);
  }
  await store.saveFailures(client, attempt, own.failures);
  return { admission: own, counted };
}

async function isProved(
  { pool, passwords }: SessionParts,
  password: string,
  account: Account | undefined,
  counted: readonly store.Attempt[],
): Promise<boolean> {
  try {
    return await passwords.verify(password, account?.passwordHash);
  } catch (error) {
    // Being sent away by a crowd is no failure of this person.
    for (const attempt of counted) await store.takeBackAttempt(pool, attempt);
    throw error;
  }
}

async function startSession(
  parts: SessionParts,
  account: Account,
  password: string,
  [attempt, ...elsewhere]: readonly store.Attempt[],
): Promise<domain.SignInOutcome> {
  const { pool, passwords, now } = parts;
  const isWeak = account.passwordHash !== undefined && passwords.isWeak(account.passwordHash);
  // In a crowd the old hash must do until the next time.
  const strongerHash = isWeak ? await passwords.hash(password).catch(() => undefined) : undefined;
  return inTransaction(pool, async (client) => {
    const held = await lockAccount(client, account.userId);
    // A reset may have come between: then what was proved is worth nothing any more.
    if (!held || held.passwordHash !== account.passwordHash) return REFUSED;
    if (strongerHash) await setPassword(client, held.userId, strongerHash, now());
    if (attempt) {
      await store.forgetFailures(client, attempt.accountKey, attempt.networkKey);
      await rememberNetwork(client, attempt, now());
    }
    // What others have guessed stays counted.
    for (const one of elsewhere) await store.takeBackAttempt(client, one);
    const familyId = randomUUID();
    const familyExpiresAtMs = now() + domain.FAMILY_LIFE_MS;
    await store.insertFamily(client, familyId, held.userId, familyExpiresAtMs);
    return issueTokens(client, parts, { ...held, familyId, familyExpiresAtMs });
  });
}

async function refresh(client: PoolClient, parts: SessionParts, refreshToken: string) {
  const tokenSha256 = sha256(refreshToken);
  const token = await store.refreshTokenOf(client, tokenSha256);
  const decision = domain.decideRefresh(token, parts.now());
  if (decision === 'revoke-family' && token) await store.revokeFamily(client, token.familyId, parts.now());
  if (decision !== 'rotate' || !token) return { decision, outcome: REFUSED };
  await store.markRotated(client, tokenSha256, parts.now());
  return { decision, outcome: await issueTokens(client, parts, token) };
}

type Holder = Pick<Account, 'userId' | 'role'> & Pick<domain.RefreshToken, 'familyId' | 'familyExpiresAtMs'>;

async function issueTokens(
  client: PoolClient,
  { keys, now }: SessionParts,
  { userId, role, familyId, familyExpiresAtMs }: Holder,
): Promise<domain.SignedIn> {
  const refreshToken = randomBytes(TOKEN_BYTES).toString('base64url');
  await store.insertRefreshToken(client, {
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
