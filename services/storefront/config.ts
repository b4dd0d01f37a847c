// Settings of the storefront: where it listens, the address that browsers know it by, and the services that it asks.
import { z } from 'zod';
import { NO_VALUE } from '#contracts/deployed-settings.ts';
import { storefront } from '#contracts/shop-processes.ts';
import { commaList, wholeNumber } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { hostConfig, isLoopback } from '#runtime/http/hosts.ts';
import { logConfig } from '#runtime/log.ts';
import { telemetryConfig } from '#runtime/telemetry.ts';

/** A fact of the environment, which cannot be empty where there is no key. */
const PUBLISHABLE_KEY = new RegExp(`^(pk_(test|live)_[A-Za-z0-9]{10,200}|${NO_VALUE})$`);

const service = (name: string) => z.url().describe(`address of the ${name} service`);

export const storefrontConfig = {
  ...logConfig,
  ...hostConfig,
  ...telemetryConfig,
  HOST: z.string().default('127.0.0.1').describe('address to listen on; 0.0.0.0 in a container'),
  PORT: wholeNumber(0, 65_535).default(storefront.port!).describe('port to listen on; 0 takes a free one'),
  OPS_PORT: wholeNumber(0, 65_535)
    .default(storefront.opsPort!)
    .describe(
      'port of /metrics, with /livez and /readyz, where others than this machine reach it; on 127.0.0.1 it is that of PORT',
    ),
  SHOP_URL: z.url().describe('the address that browsers know; cookies are Secure when it is https'),
  SHOP_NAME: z.string().min(1).max(40).default('Two-Cloud Shop').describe('as pages show it'),
  PAGES_FOLDER: z
    .string()
    .optional()
    .describe('what build.ts has made; when not set, it is built at the start'),
  USER_SERVICE_URL: service('user'),
  PRODUCT_SERVICE_URL: service('product'),
  CART_SERVICE_URL: service('cart'),
  ORDER_SERVICE_URL: service('order'),
  PAYMENT_SERVICE_URL: service('payment'),
  PAYMENT_FORM: z
    .enum(['sandbox', 'stripe'])
    .optional()
    .describe(
      'who moves the money: sandbox offers its test cards at the checkout, stripe its form for real cards; when not set, nothing can be ordered',
    ),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(
      PUBLISHABLE_KEY,
      'expected a publishable key, pk_test_… or pk_live_…; every visitor of the checkout sees it, so a secret key that was set here must be replaced at Stripe',
    )
    .transform((key) => (key === NO_VALUE ? undefined : key))
    .optional()
    .describe('by which browsers hand cards to Stripe, for the form stripe; none counts as not set'),
  ORDER_POLL_MS: wholeNumber(20, 60_000)
    .default(500)
    .describe('first pause between two looks at an order that a page follows, in ms; it grows tenfold'),
  ORDER_STREAM_MS_MAX: wholeNumber(100, 600_000)
    .default(60_000)
    .describe('after this the stream of an order ends, and its page asks for a new one, in ms'),
  IMAGES_ORIGIN: z.url().optional().describe('origin of the photos, where it is not that of the shop'),
  UPLOADS_ORIGIN: z
    .url()
    .optional()
    .describe('origin that photos are uploaded to; when not set, no page takes any'),
  MAILBOX_URL: z.url().optional().describe('page of the mails, on a laptop alone'),
  CONSOLE_URL: z
    .url()
    .optional()
    .describe('address of the console, whose API the platform pages ask; when not set, there are none'),
  PLATFORM_FOR: z
    .enum(['admin', 'anyone'])
    .default('admin')
    .describe('who may look at the platform pages; to change something takes an admin in any case'),
  PLATFORM_CHANGES: z
    .enum(['on', 'off'])
    .default('on')
    .describe('off where the console can only look: no page offers photos, replays or comparisons then'),
  PLATFORM_STREAM_MS_MAX: wholeNumber(100, 3_600_000)
    .default(600_000)
    .describe('after this the stream of a platform page ends, and the page asks for a new one, in ms'),
  PLATFORM_RETRY_MS: wholeNumber(10, 60_000)
    .default(2_000)
    .describe('pause before a platform page asks again for what was away, in ms'),
  FAULTS: z
    .enum(['on'])
    .optional()
    .describe('shows the page on which admins break the platform for a while; never in production'),
  TRACES_URL: z.url().optional().describe('page of the traces, which platform pages link to'),
  PROMETHEUS_URL: z.url().optional().describe('page of Prometheus, which platform pages link to'),
  FLINK_URL: z.url().optional().describe('page of Flink, which platform pages link to'),
  SAMPLE_ADMIN_EMAIL: z
    .email()
    .optional()
    .describe(
      'of the sample admin whom the sign-in page offers; refused where others than this machine come',
    ),
  SAMPLE_ADMIN_PASSWORD: z.string().optional().describe('of the sample admin, as the sign-in page shows it'),
  TRUSTED_PROXIES: commaList.optional().describe('addresses or networks whose X-Forwarded-For is believed'),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1)
    .default(600)
    .describe('pages and changes a minute of one address at one replica'),
  ASK_MS_MAX: wholeNumber(100, 60_000)
    .default(5_000)
    .describe('longest that a service may take to answer, in ms'),
};
export type StorefrontConfig = z.infer<z.ZodObject<typeof storefrontConfig>>;

/** An account whose password is on the sign-in page. */
export interface SampleAdmin {
  readonly email: string;
  readonly password: string;
}

/**
 * The account that the sign-in page offers; undefined where none is named.
 * @throws AppError `sample-admin-deployed` where others than this machine could read the page
 */
export function sampleAdminOf({
  SAMPLE_ADMIN_EMAIL: email,
  SAMPLE_ADMIN_PASSWORD: password,
  SHOP_URL,
  HOST,
}: StorefrontConfig): SampleAdmin | undefined {
  if (email === undefined && password === undefined) return undefined;
  if (!isLoopback(HOST) || !isLoopback(new URL(SHOP_URL).hostname))
    throw new AppError(
      'sample-admin-deployed',
      'SAMPLE_ADMIN_EMAIL and SAMPLE_ADMIN_PASSWORD are for a laptop: with them the sign-in page shows an admin’s password to anybody. HOST and SHOP_URL must be of this machine alone.',
    );
  return email === undefined || password === undefined ? undefined : { email, password };
}
