// Signing in to Postgres at Cloud SQL by IAM: an access token in place of a password, asked for at each connection, and TLS to the
// instance's own authority. Source: Google Cloud, "Log in using IAM database authentication" (looked up on 2026-11-29).
import type pg from 'pg';
import { AppError } from '../errors.ts';
import { type FederatedIdentity, googleLogin } from '../google-identity.ts';
import { noToken } from './rds-login.ts';

/** Signing in to databases, and nothing else of Google's. */
const SCOPE = 'https://www.googleapis.com/auth/sqlservice.login';
const PORT = 5_432;

export interface CloudSqlLogin {
  /** PEM of the instance's own authority. */
  readonly authority: string;
  readonly token: () => Promise<string>;
}

/** Tokens of an hour; the login keeps one until shortly before it ends. */
export function databaseTokens(identity: FederatedIdentity): () => Promise<string> {
  const login = googleLogin(identity, [SCOPE]);
  return async () => {
    const { token } = await login.getAccessToken();
    if (!token) throw new AppError('no-access-token', 'Google answered without an access token');
    return token;
  };
}

/** What pg needs, from `postgres://user@host:port/database` without a password. */
export function cloudSqlConnection(url: string, { authority, token }: CloudSqlLogin): pg.ClientConfig {
  const { hostname, port, username, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || PORT),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    // A function, which pg asks at each connection: a pool that lives for weeks never shows an old token.
    password: () => token().catch(noToken),
    // The authority signs for this instance alone, and its certificates do not name the private address.
    ssl: { ca: authority, rejectUnauthorized: true, checkServerIdentity: () => undefined },
  };
}
