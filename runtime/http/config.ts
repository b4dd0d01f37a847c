// Settings of every HTTP server: where it listens, whose tokens it accepts, how large requests may be.
import { z } from 'zod';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { commaList, wholeNumber } from '../config.ts';
import { hostConfig } from './hosts.ts';

export const apiConfig = {
  HOST: z.string().default('127.0.0.1').describe('address to listen on; 0.0.0.0 in a container'),
  ...hostConfig,
  OPS_PORT: wholeNumber(0, 65_535)
    .optional()
    .describe(
      'port of /metrics, with /livez and /readyz; when not set, the one of contracts/, and on 127.0.0.1 that of PORT',
    ),
  PORT: wholeNumber(0, 65_535).optional().describe('port to listen on; when not set, the one of contracts/'),
  TOKEN_ISSUER: z.string().min(1).describe('`iss` of the tokens of users'),
  TOKEN_AUDIENCE: z.string().min(1).describe('`aud` of the tokens of users'),
  TOKEN_JWKS_URL: z.url().describe('where the keys of user tokens are'),
  SERVICE_ISSUER: z
    .string()
    .optional()
    .describe('`iss` of service tokens: the issuer of the cluster; when not set, no service may call'),
  SERVICE_JWKS_URL: z.url().optional().describe('where the keys of service tokens are'),
  SERVICE_AUDIENCE: z.string().default('shop').describe('`aud` of service tokens'),
  SERVICE_NAMESPACE: z
    .string()
    .default(SERVICES_NAMESPACE)
    .describe('namespace of the service accounts that count as services'),
  SERVICE_TOKEN_FILE: z
    .string()
    .optional()
    .describe('file with our own service token, kept fresh by the kubelet'),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1)
    .default(600)
    .describe('requests a minute of one caller, or of one address without a token, to one replica'),
  IDEMPOTENCY_TAKE_OVER_MS: wholeNumber(1_000)
    .default(60_000)
    .describe(
      'after this a request with an Idempotency-Key is taken for dead, in ms; longer than any may last',
    ),
  TRUSTED_PROXIES: commaList
    .optional()
    .describe('addresses or networks whose X-Forwarded-For is believed; when not set, none'),
};
export type ApiConfig = z.infer<z.ZodObject<typeof apiConfig>>;
