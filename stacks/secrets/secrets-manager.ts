// Secrets in AWS: JSON objects, read and replaced whole.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { type Settings, SettingsError } from '../settings.ts';
import type { Values } from './secret-values.ts';

const valuesShape = z.record(z.string(), z.string());

export interface SecretStore {
  /** Empty when the secret is there and nothing was put into it yet. @throws SettingsError when there is none, or it is another account's */
  read(name: string): Promise<Values>;
  write(name: string, values: Values): Promise<void>;
}

export function secretsManager({ region, accountId }: Settings['aws']): SecretStore {
  const client = new SecretsManagerClient({ region });
  return {
    async read(name) {
      const { ARN = '' } = await client
        .send(new DescribeSecretCommand({ SecretId: name }))
        .catch(orNone({ ARN: undefined }));
      if (ARN === '') throw new SettingsError(`There is no secret ${name} in ${region}: deploy aws first`);
      if (ARN.split(':')[4] !== accountId)
        throw new SettingsError(`${ARN} is not of the account ${accountId} that the settings name`);
      const { SecretString = '{}' } = await client
        .send(new GetSecretValueCommand({ SecretId: name }))
        .catch(orNone({ SecretString: undefined }));
      return valuesShape.parse(JSON.parse(SecretString));
    },
    async write(name, values) {
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(values) }));
    },
  };
}

/** That a secret is not there, and that it has no value yet, are the same error. */
const orNone =
  <Answer>(none: Answer) =>
  (error: unknown): Answer => {
    if (error instanceof ResourceNotFoundException) return none;
    throw error;
  };
