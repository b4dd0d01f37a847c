// How a deployed console gets into the stores of the other cloud: by a token of its cluster, without a key or a password.
import { AppError } from '#runtime/errors.ts';
import type { FederatedIdentity } from '#runtime/google-identity.ts';
import { cloudSqlConnection, databaseTokens } from '#runtime/postgres/cloud-sql-login.ts';
import type { PoolOptions } from '#runtime/postgres/database.ts';
import type { DeployedConsoleConfig } from './config.ts';

type IdentitySettings = Pick<
  DeployedConsoleConfig,
  'GOOGLE_WORKLOAD_PROVIDER' | 'GOOGLE_SERVICE_ACCOUNT' | 'GOOGLE_TOKEN_FILE'
>;

/**
 * Undefined where none of the three is set: then clients find a login in their environment, or need none.
 * @throws AppError `config-invalid` for one without the others
 */
export function googleIdentity(config: IdentitySettings): FederatedIdentity | undefined {
  const { GOOGLE_WORKLOAD_PROVIDER: provider, GOOGLE_SERVICE_ACCOUNT: serviceAccount } = config;
  const { GOOGLE_TOKEN_FILE: tokenFile } = config;
  if (provider && serviceAccount && tokenFile) return { provider, serviceAccount, tokenFile };
  if (!provider && !serviceAccount && !tokenFile) return undefined;
  throw new AppError(
    'config-invalid',
    'GOOGLE_WORKLOAD_PROVIDER, GOOGLE_SERVICE_ACCOUNT and GOOGLE_TOKEN_FILE are set together or not at all',
  );
}

type DatabaseSettings = Pick<DeployedConsoleConfig, 'DATABASE_URL' | 'DATABASE_AUTH' | 'DATABASE_CA'>;

/** @throws AppError `config-invalid` for a login by IAM without an identity, or without the authority of the instance */
export function databaseLogin(
  { DATABASE_URL, DATABASE_AUTH, DATABASE_CA }: DatabaseSettings,
  identity: FederatedIdentity | undefined,
): Pick<PoolOptions, 'connectionString' | 'connection'> {
  if (DATABASE_AUTH === 'url') return { connectionString: DATABASE_URL };
  if (!identity || !DATABASE_CA)
    throw new AppError(
      'config-invalid',
      'DATABASE_AUTH=cloud-sql-iam needs DATABASE_CA and an identity of Google’s',
    );
  const token = databaseTokens(identity);
  return {
    connectionString: DATABASE_URL,
    connection: cloudSqlConnection(DATABASE_URL, { authority: DATABASE_CA, token }),
  };
}
