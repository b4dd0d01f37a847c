// The provider that the settings name, with its webhook and its jobs.
import { createBell } from '#runtime/bell.ts';
import { AppError } from '#runtime/errors.ts';
import type { Job } from '#runtime/jobs.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { ProviderConfig } from './config.ts';
import type { Webhook } from './http.ts';
import type { PaymentProvider, ProviderNews } from './provider.ts';
import { createSandbox } from './sandbox.ts';
import { createStripeProvider, openStripe } from './stripe.ts';
import { readStripeWebhook, STRIPE_SIGNATURE } from './stripe-webhook.ts';

/** Of charges that another replica made. */
const SANDBOX_WEBHOOKS_EVERY_MS = 10_000;

type Accept = (news: ProviderNews) => Promise<void>;

/** A provider, and the ways its news come in. */
export interface ChosenProvider {
  readonly provider: PaymentProvider;
  readonly webhook: (accept: Accept) => Webhook | undefined;
  readonly jobs: (accept: Accept) => readonly Job[];
}

/** @throws AppError `config-invalid` when the provider that was named lacks its settings. */
export function chooseProvider(config: ProviderConfig, pool: Pool): ChosenProvider {
  if (config.PAYMENT_PROVIDER === 'sandbox') {
    const bell = createBell();
    const provider = createSandbox({
      pool,
      onNews: bell.ring,
      lateMs: config.SANDBOX_LATE_MS,
      latencyMs: config.SANDBOX_LATENCY_MS,
    });
    const job = (accept: Accept): Job => ({
      name: 'sandbox-webhooks',
      everyMs: SANDBOX_WEBHOOKS_EVERY_MS,
      run: () => provider.deliverDue(accept),
      nextDueMs: provider.nextNewsMs,
      bell,
    });
    return { provider, webhook: () => undefined, jobs: (accept) => [job(accept)] };
  }
  const { STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRETS: secrets, STRIPE_URL: url } = config;
  if (!apiKey || !secrets) {
    throw new AppError(
      'config-invalid',
      'PAYMENT_PROVIDER=stripe needs STRIPE_API_KEY and STRIPE_WEBHOOK_SECRETS',
    );
  }
  return {
    provider: createStripeProvider(openStripe({ apiKey, url })),
    webhook: (accept) => stripeWebhook(secrets, accept),
    jobs: () => [],
  };
}

/** Takes what Stripe signed; what is not about our payments is taken, and does nothing. */
export const stripeWebhook = (secrets: readonly string[], accept: Accept): Webhook => ({
  url: '/webhooks/stripe',
  signatureHeader: STRIPE_SIGNATURE,
  receive: async (body, signature) => {
    const news = readStripeWebhook(body, signature, secrets);
    if (news) await accept(news);
  },
});
