// The login by tokens, SASL/OAUTHBEARER (RFC 7628). For MSK the tokens are made with the workload's own AWS role, or from Google Cloud by
// web identity, without any key.
import { fromWebToken } from '@aws-sdk/credential-providers';
import { generateAuthToken, generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js';
import type { Mechanism } from 'kafkajs';
import kafkaErrors from 'kafkajs/src/errors.js';
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

/** What a broker lets in. */
export interface BearerToken {
  readonly value: string;
  readonly expiresAtMs: number;
}
export type TokenSource = () => Promise<BearerToken>;

export const mskTokens = (options: MskTokenOptions): TokenSource => keptTokens(() => fetchToken(options));

/** Keeps a token until shortly before it ends; concurrent callers share one request. */
export function keptTokens(fetchNext: TokenSource): TokenSource {
  let kept: BearerToken | undefined;
  let pending: Promise<BearerToken> | undefined;
  return async () => {
    if (kept && kept.expiresAtMs - RENEW_BEFORE_MS > Date.now()) return kept;
    pending ??= fetchNext().finally(() => {
      pending = undefined;
    });
    kept = await pending;
    return kept;
  };
}

const SEPARATOR = '\u0001';

/**
 * A login with these tokens, at each connection and again shortly before the broker's session ends. kafkajs has its own, which
 * takes every answer for a yes: a broker that refuses a token says so in an answer without an error code, and the next request is
 * then cut off as if the connection were bad, and repeated without end.
 */
export const oauthBearer = (tokens: TokenSource): Mechanism => ({
  mechanism: 'OAUTHBEARER',
  authenticationProvider: ({ host, port, saslAuthenticate }) => ({
    authenticate: async () => {
      const { value } = await tokens();
      const login = `n,,${SEPARATOR}auth=Bearer ${value}${SEPARATOR}${SEPARATOR}`;
      const refusal = await saslAuthenticate({ request: requestOf(login), response: SERVER_MESSAGE });
      if (!refusal) return;
      // RFC 7628 §3.2.3: once this is sent the server ends the login, and logs it as failed.
      await saslAuthenticate({ request: requestOf(SEPARATOR) }).catch(() => {});
      throw new kafkaErrors.KafkaJSSASLAuthenticationError(
        `the broker ${host}:${port} refuses the login token: ${refusal}`,
      );
    },
  }),
});

/** In kafkajs, messages of a login begin with their length. */
const LENGTH_BYTES = 4;

function requestOf(text: string): { encode: () => Buffer } {
  const message = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(text));
  message.writeInt32BE(message.length - LENGTH_BYTES);
  message.write(text, LENGTH_BYTES);
  return { encode: () => message };
}

/** Empty where the token is good, else JSON that says what is wrong (RFC 7628 §3.2.2). */
const SERVER_MESSAGE = {
  decode: (message: Buffer) => message.subarray(LENGTH_BYTES),
  parse: (text: Buffer) => text.toString(),
};

async function fetchToken({ region, roleArn, audience }: MskTokenOptions): Promise<BearerToken> {
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
