// MSK IAM tokens for kafkajs: from the workload's own AWS role, or from Google Cloud by web identity, without any key.
import { fromWebToken } from '@aws-sdk/credential-providers';
import { generateAuthToken, generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js';
import { AppError } from '../errors.ts';

const METADATA_HOST = 'http://metadata.google.internal';
/** MSK admits few new IAM connections a second: a token is kept until shortly before it ends. */
const RENEW_BEFORE_MS = 60_000;

export interface MskTokenOptions {
  readonly region: string;
  /** Set where the workload runs outside AWS. */
  readonly roleArn?: string | undefined;
  readonly audience: string;
}

interface CachedToken {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** A token source for SASL/OAUTHBEARER; concurrent callers share one request. */
export function createMskTokenProvider(options: MskTokenOptions): () => Promise<{ value: string }> {
  let cached: CachedToken | undefined;
  let pending: Promise<CachedToken> | undefined;
  return async () => {
    if (cached && cached.expiresAtMs - RENEW_BEFORE_MS > Date.now()) return { value: cached.value };
    pending ??= fetchToken(options).finally(() => {
      pending = undefined;
    });
    cached = await pending;
    return { value: cached.value };
  };
}

async function fetchToken({ region, roleArn, audience }: MskTokenOptions): Promise<CachedToken> {
  const { token, expiryTime } = roleArn
    ? await generateAuthTokenFromCredentialsProvider({
        region,
        awsCredentialsProvider: async () =>
          fromWebToken({
            roleArn,
            clientConfig: { region },
            webIdentityToken: await googleIdentityToken(audience),
          })(),
      })
    : await generateAuthToken({ region });
  return { value: token, expiresAtMs: expiryTime };
}

/** Source: Google Compute Engine metadata server, "Verify VM identity". */
async function googleIdentityToken(audience: string): Promise<string> {
  const path = '/computeMetadata/v1/instance/service-accounts/default/identity';
  const response = await fetch(
    `${METADATA_HOST}${path}?audience=${encodeURIComponent(audience)}&format=full`,
    {
      headers: { 'Metadata-Flavor': 'Google' },
      signal: AbortSignal.timeout(5_000),
    },
  );
  if (!response.ok) {
    throw new AppError('identity-token-refused', `the metadata server answered ${response.status}`, {
      status: response.status,
    });
  }
  return response.text();
}
