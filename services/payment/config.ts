// Settings of the payment service and of its reconciliation.
import { z } from 'zod';
import { commaList, wholeNumber } from '#runtime/config.ts';
import { serviceConfig } from '#runtime/service.ts';

export const providerConfig = {
  // Without a default: a shop that forgot it would hand goods out for the sandbox's money.
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).describe('who moves the money; sandbox moves none'),
  STRIPE_API_KEY: z.string().min(1).optional().describe('secret or restricted key, for the provider stripe'),
  STRIPE_WEBHOOK_SECRETS: commaList
    .optional()
    .describe('signing secret of the webhook endpoint; two while one replaces the other'),
  STRIPE_URL: z.url().optional().describe('another address of the API, for trials; when not set, Stripe’s'),
  SANDBOX_LATE_MS: wholeNumber(0).default(3_000).describe('how long the sandbox’s pm_late_ok takes, in ms'),
  SANDBOX_LATENCY_MS: wholeNumber(0)
    .default(0)
    .describe('how long each of the sandbox’s charges takes, in ms'),
};
export type ProviderConfig = z.infer<z.ZodObject<typeof providerConfig>>;

export const paymentConfig = {
  ...serviceConfig,
  ...providerConfig,
  CHARGES_CONCURRENT: wholeNumber(1, 256)
    .default(16)
    .describe('payments in progress at the provider at the same time, per replica'),
  CHARGE_LEASE_MS: wholeNumber(1_000)
    .default(120_000)
    .describe('after this a replica with a payment in progress is taken for dead, in ms'),
};
