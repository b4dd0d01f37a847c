// `Authorization` headers for the fuzz: those of real callers, and forgeries that must pass nowhere.
import type { UserCaller } from '#runtime/http/api.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import type { RequestSources } from './odd-headers.ts';

/** Of an admin (the first), the customer and the notification service (the last). */
export async function tokensOf(
  issuer: TokenIssuer,
  customerId: string,
): Promise<Pick<RequestSources, 'tokens' | 'badTokens'>> {
  const admin: UserCaller = { kind: 'user', userId: 'fuzz-admin', role: 'admin' };
  const tokens = await Promise.all([
    issuer.tokenFor(admin),
    issuer.tokenFor({ kind: 'user', userId: customerId, role: 'customer' }),
    issuer.tokenFor({ kind: 'service', name: 'notification' }),
  ]);
  return { tokens: tokens.map(bearer), badTokens: await badTokensOf(issuer) };
}

async function badTokensOf(issuer: TokenIssuer): Promise<string[]> {
  const { TOKEN_ISSUER: iss, TOKEN_AUDIENCE: aud, SERVICE_ISSUER } = issuer.settings;
  const claims = { iss, aud, sub: 'fuzz-admin', role: 'admin' };
  const account = 'system:serviceaccount:others:notification';
  const forged = await Promise.all([
    issuer.forge({ ...claims, exp: 1 }),
    issuer.forge({ ...claims, nbf: 9_999_999_999 }),
    issuer.forge({ ...claims, aud: 'others' }),
    issuer.forge({ ...claims, iss: 'others' }),
    issuer.forge({ ...claims, role: 'root' }),
    issuer.forge({ ...claims, sub: '' }),
    issuer.forge(claims, { kid: 'unknown' }),
    issuer.forge({ iss: SERVICE_ISSUER, aud, sub: account }),
  ]);
  const unsigned = `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
  const [head, , signature] = forged[0].split('.');
  const altered = `${head}.${encoded({ ...claims, exp: 9_999_999_999 })}.${signature}`;
  return [
    ...[...forged, unsigned, altered, 'a.b.c', 'x'.repeat(4_000), '\u00ff.\u00fe.\u00fd', ''].map(bearer),
    'Basic YTpi',
    'bearer x y',
    'nonsense',
  ];
}

const bearer = (token: string): string => `Bearer ${token}`;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
