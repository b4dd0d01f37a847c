// Signing in as the owner of the database. At first by the password that RDS made and keeps in Secrets Manager. Once a role that the
// owner made signs in by IAM he is, through it, a member of `rds_iam` himself (since Postgres 16 the maker of a role is a
// member of it), and RDS then accepts only a token from him, and no password.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { z } from 'zod';
import { AppError } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import { type RdsLogin, rdsConnection } from '#runtime/postgres/rds-login.ts';

/** The ways in, in the order in which they are tried. */
export interface OwnerDoor {
  /** `postgres://owner@host:port/database`. */
  readonly url: string;
  readonly rds: RdsLogin;
  readonly password: () => Promise<string>;
}

const WAIT_MS_MAX = 10_000;

/** Runs the work on a connection of the owner's. @throws what the last way in said */
export async function asOwner<Result>(
  { url, rds, password }: OwnerDoor,
  log: Logger,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  // By token first: the password is then not even read where it is of no use.
  let client = await signedIn(url, rds);
  if (client instanceof Error) {
    const refused = client;
    client = await signedIn(url, { ...rds, token: password });
    if (client instanceof Error) throw shutOut(refused, client);
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch((error: unknown) => log.warn({ error }, 'connection not ended'));
  }
}

const shutOut = (byToken: Error, byPassword: Error): AppError =>
  new AppError(
    'owner-shut-out',
    `the owner is not let in, by token: ${byToken.message}; by password: ${byPassword.message}`,
    {},
    byPassword,
  );

/** The refusal when Postgres does not take what was shown, or nothing could be shown (SQLSTATE class 28). @throws what else is wrong */
async function signedIn(url: string, rds: RdsLogin): Promise<pg.Client | Error> {
  const client = new pg.Client({
    ...rdsConnection(url, rds),
    application_name: 'database-roles',
    connectionTimeoutMillis: WAIT_MS_MAX,
    query_timeout: WAIT_MS_MAX,
  });
  // Without a listener a connection that breaks between two statements ends the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('28')) return error;
    throw error;
  }
}

const secretShape = z.object({ password: z.string().min(1) });

/** Reads the password where RDS keeps it. It changes every week: it is read whenever it is needed. */
export function passwordInSecretsManager(region: string, secretArn: string): () => Promise<string> {
  const client = new SecretsManagerClient({ region });
  return async () => {
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const secret = secretShape.safeParse(JSON.parse(SecretString));
    if (secret.success) return secret.data.password;
    throw new AppError('secret-odd', 'the secret of the owner holds no password', { secretArn });
  };
}
