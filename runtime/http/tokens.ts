// A bearer token in, the caller it names out. Users' tokens come from our user service, services' from the cluster; issuer,
// audience and algorithms are pinned for each. Keys that cannot be had are our outage (503), never the caller's fault (401).
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { userId } from '#contracts/users.ts';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';
import type { ServiceCaller, UserCaller } from './route.ts';

/** @throws Problem 401 `invalid-token`, 503 `token-keys-unavailable` */
export type TokenVerifier = (token: string) => Promise<UserCaller | ServiceCaller>;

/** Whose tokens are believed: those of users, and of services where their issuer is named. */
export type TokenConfig = Pick<ApiConfig, 'TOKEN_ISSUER' | 'TOKEN_AUDIENCE' | 'TOKEN_JWKS_URL'> &
  (
    | Pick<ApiConfig, 'SERVICE_ISSUER' | 'SERVICE_JWKS_URL' | 'SERVICE_AUDIENCE' | 'SERVICE_NAMESPACE'>
    | { readonly SERVICE_ISSUER?: undefined }
  );

interface Issuer {
  readonly name: string;
  readonly audience: string;
  readonly algorithms: string[];
  readonly keys: JWTVerifyGetKey;
  readonly callerOf: (claims: JWTPayload) => UserCaller | ServiceCaller | undefined;
}

const CLOCK_TOLERANCE_S = 5;
/** A verified token is not verified again for this long: its signature costs more than a query. */
const REMEMBER_MS = 30_000;
const REMEMBERED_MAX = 5_000;

/** Verifies tokens of the configured issuers. */
export function createTokenVerifier(config: TokenConfig): TokenVerifier {
  const issuers = issuersOf(config);
  const remembered = new Map<string, { caller: UserCaller | ServiceCaller; untilMs: number }>();
  return async (token) => {
    const known = remembered.get(token);
    if (known && known.untilMs > Date.now()) return known.caller;
    remembered.delete(token);
    const { caller, expiresAtMs } = await verify(token, issuers);
    // Removes the oldest: a Map keeps the order of insertion.
    if (remembered.size >= REMEMBERED_MAX) remembered.delete(remembered.keys().next().value!);
    remembered.set(token, { caller, untilMs: Math.min(Date.now() + REMEMBER_MS, expiresAtMs) });
    return caller;
  };
}

function issuersOf(config: TokenConfig): Issuer[] {
  const users: Issuer = {
    name: config.TOKEN_ISSUER,
    audience: config.TOKEN_AUDIENCE,
    algorithms: ['EdDSA', 'ES256'],
    keys: remoteKeys(config.TOKEN_JWKS_URL),
    callerOf: userOf,
  };
  if (!config.SERVICE_ISSUER || !config.SERVICE_JWKS_URL) return [users];
  const services: Issuer = {
    name: config.SERVICE_ISSUER,
    audience: config.SERVICE_AUDIENCE,
    // Kubernetes signs service account tokens with RS256, or ES256 where the cluster's key is an elliptic one.
    algorithms: ['RS256', 'ES256'],
    keys: remoteKeys(config.SERVICE_JWKS_URL),
    callerOf: (claims) => serviceOf(claims, config.SERVICE_NAMESPACE),
  };
  return [users, services];
}

const userOf = ({ sub, role }: JWTPayload): UserCaller | undefined =>
  isUserId(sub) && (role === 'customer' || role === 'admin')
    ? { kind: 'user', userId: sub, role }
    : undefined;

/** Also a signed one is held to the contract: it becomes a key of tables and limits. */
const isUserId = (sub: unknown): sub is string => userId.safeParse(sub).success;

/** `system:serviceaccount:<namespace>:<name>`, as Kubernetes names service accounts. */
function serviceOf({ sub }: JWTPayload, namespace: string): ServiceCaller | undefined {
  const prefix = `system:serviceaccount:${namespace}:`;
  const name = sub?.startsWith(prefix) ? sub.slice(prefix.length) : '';
  return name && !name.includes(':') ? { kind: 'service', name } : undefined;
}

async function verify(token: string, issuers: readonly Issuer[]) {
  try {
    // Not yet verified: it only picks the issuer whose keys and rules the token must then pass.
    const { iss } = decodeJwt(token);
    const issuer = issuers.find(({ name }) => name === iss);
    if (!issuer) throw invalidToken();
    const { payload } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.name,
      audience: issuer.audience,
      algorithms: issuer.algorithms,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'exp'],
    });
    const caller = issuer.callerOf(payload);
    if (!caller) throw invalidToken();
    return { caller, expiresAtMs: payload.exp! * 1_000 };
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw invalidToken();
    throw error;
  }
}

const invalidToken = (): Problem =>
  new Problem(
    401,
    'invalid-token',
    'The token is not valid or has expired: sign in again.',
    {},
    { 'www-authenticate': 'Bearer error="invalid_token"' },
  );

const KEYS_TIMEOUT_MS = 2_000;
/** After a failure the keys are not asked for again for this long: callers must not queue up behind time-outs. */
const KEYS_PAUSE_MS = 5_000;
/** How long keys serve on while their source is down: an outage of the user service must not be everybody's. */
const KEYS_STALE_MS_MAX = 3_600_000;

/** The keys at a URL; new ones are fetched when a token names one that is not known, at most every 30 s. */
function remoteKeys(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), { timeoutDuration: KEYS_TIMEOUT_MS });
  let goodAtMs = 0;
  let pauseUntilMs = 0;
  return async (header, token) => {
    if (Date.now() >= pauseUntilMs) {
      try {
        const key = await remote(header, token);
        goodAtMs = Date.now();
        return key;
      } catch (error) {
        if (isOfToken(error)) throw error;
        pauseUntilMs = Date.now() + KEYS_PAUSE_MS;
      }
    }
    const keys = Date.now() - goodAtMs < KEYS_STALE_MS_MAX ? remote.jwks() : undefined;
    try {
      if (keys) return await createLocalJWKSet(keys)(header, token);
    } catch {
      // A key that is not among the old ones may be a new one.
    }
    throw keysUnavailable();
  };
}

/** Faults of the token itself, other than those of fetching keys. */
const isOfToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

const keysUnavailable = (): Problem =>
  new Problem(
    503,
    'token-keys-unavailable',
    'Tokens cannot be checked at the moment: try again.',
    {},
    { 'retry-after': '5' },
  );
