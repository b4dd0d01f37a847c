// Tokens for specs, signed with real keys that a real server hands out: what verifies them is what runs in production.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Caller } from '#runtime/http/api.ts';

type TokenCaller = Exclude<Caller, { kind: 'anonymous' }>;

/** What the settings of a server must say to believe this issuer. */
export interface IssuerSettings {
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly TOKEN_JWKS_URL: string;
  readonly SERVICE_ISSUER: string;
  readonly SERVICE_AUDIENCE: string;
  readonly SERVICE_NAMESPACE: string;
  readonly SERVICE_JWKS_URL: string;
}

export interface TokenIssuer {
  readonly settings: IssuerSettings;
  /** A token that is valid for five minutes. */
  tokenFor(caller: TokenCaller): Promise<string>;
  /** A token with claims, algorithm header or key of one's own, to be refused. */
  forge(claims: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>;
  /** While down, the keys are answered with 500. */
  setDown(isDown: boolean): void;
  close(): Promise<void>;
}

/** Starts an issuer of user tokens (EdDSA) and of service tokens (ES256). */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  const user = await generateKeyPair('EdDSA');
  const service = await generateKeyPair('ES256');
  const keys = await serveKeys({
    '/users.json': await keySet(user.publicKey, 'user-1', 'EdDSA'),
    '/services.json': await keySet(service.publicKey, 'service-1', 'ES256'),
  });
  const forge: TokenIssuer['forge'] = (claims, header = {}) => {
    const isService = claims.iss === CLUSTER;
    const usual = isService ? { alg: 'ES256', kid: 'service-1' } : { alg: 'EdDSA', kid: 'user-1' };
    return new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 300, ...claims })
      .setProtectedHeader({ ...usual, ...header })
      .sign(isService ? service.privateKey : user.privateKey);
  };
  return {
    settings: {
      TOKEN_ISSUER: USERS,
      TOKEN_AUDIENCE: AUDIENCE,
      TOKEN_JWKS_URL: `${keys.url}/users.json`,
      SERVICE_ISSUER: CLUSTER,
      SERVICE_AUDIENCE: AUDIENCE,
      SERVICE_NAMESPACE: 'shop',
      SERVICE_JWKS_URL: `${keys.url}/services.json`,
    },
    tokenFor: (caller) => forge(claimsOf(caller)),
    forge,
    setDown: keys.setDown,
    close: keys.close,
  };
}

const USERS = 'spec-users';
const CLUSTER = 'spec-cluster';
const AUDIENCE = 'shop';

const claimsOf = (caller: TokenCaller): JWTPayload =>
  caller.kind === 'user'
    ? { iss: USERS, aud: AUDIENCE, sub: caller.userId, role: caller.role }
    : { iss: CLUSTER, aud: AUDIENCE, sub: `system:serviceaccount:shop:${caller.name}` };

const keySet = async (key: CryptoKey, kid: string, alg: string): Promise<string> =>
  JSON.stringify({ keys: [{ ...(await exportJWK(key)), kid, alg, use: 'sig' }] });

/** Key sets by path, until closed. */
async function serveKeys(documents: Readonly<Record<string, string>>) {
  let isDown = false;
  const server = createServer((request, response) => {
    const document = documents[request.url ?? ''];
    response.writeHead(isDown ? 500 : document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(document);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setDown: (down: boolean) => {
      isDown = down;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
