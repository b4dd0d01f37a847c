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
  /**
   * Empty when the secret is there and nothing was put into it yet.
   * @throws SettingsError when there is none, it is another account's, or AWS does not let us ask
   */
  read(name: string): Promise<Values>;
  /** @throws SettingsError when AWS does not let us */
  write(name: string, values: Values): Promise<void>;
}

export function secretsManager({ region, accountId }: Settings['aws']): SecretStore {
  const client = new SecretsManagerClient({ region });
  const heard = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: Error) => {
      throw new SettingsError(
        `AWS Secrets Manager in ${region} refuses or does not answer: ${error.message}. Sign in to the account ${accountId} (AWS_PROFILE), with rights on its secrets`,
        { cause: error },
      );
    });
  return {
    async read(name) {
      const { ARN = '' } = await heard(
        client.send(new DescribeSecretCommand({ SecretId: name })).catch(orNone({ ARN: undefined })),
      );
      if (ARN === '') throw new SettingsError(`There is no secret ${name} in ${region}: deploy aws first`);
      if (ARN.split(':')[4] !== accountId)
        throw new SettingsError(`${ARN} is not of the account ${accountId} that the settings name`);
      const { SecretString = '{}' } = await heard(
        client.send(new GetSecretValueCommand({ SecretId: name })).catch(orNone({ SecretString: undefined })),
      );
      return valuesShape.parse(JSON.parse(SecretString));
    },
    async write(name, values) {
      const SecretString = JSON.stringify(values);
      await heard(client.send(new PutSecretValueCommand({ SecretId: name, SecretString })));
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
