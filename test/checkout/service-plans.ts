// How the services of a shop under faults are started. Their timeouts are short, so that a run of a minute sees what production sees
// in hours.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../local/launcher/ports.ts';
import type { ProcessPlan } from '../../local/launcher/processes.ts';
import type { TokenIssuer } from '../token-issuer.ts';

/** All of them: the cart has no part in a checkout, but reads the same topics. */
export const SERVICES = ['user', 'product', 'cart', 'order', 'payment', 'notification'] as const;
export type Service = (typeof SERVICES)[number];

/** A shop without its outbox, without idempotency keys, or with a cart that writes no dead letters. */
export type SwitchedOff = 'outbox' | 'idempotency' | 'dead-letters';

/** How soon a silent process counts as dead, and how slow the provider is. */
const HURRY = {
  LOG_LEVEL: 'warn',
  SESSION_TIMEOUT_MS: '6000',
  IDEMPOTENCY_TAKE_OVER_MS: '5000',
  CHARGE_LEASE_MS: '5000',
  SANDBOX_LATE_MS: '1500',
  SANDBOX_LATENCY_MS: '20',
};
const SETTINGS = {
  PAYMENT_PROVIDER: 'sandbox',
  MAIL_TRANSPORT: 'mailbox',
  MAIL_FROM: 'shop@example.com',
  SHOP_URL: 'http://127.0.0.1',
  IMAGES_BASE_URL: 'http://127.0.0.1/images',
  PRODUCT_IMAGES_BUCKET: 'product-images',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};
const TOKEN_LIFE_S = 3_600;
/** The variables of every service, without those of the servers. */
export async function commonEnvironment(folder: string, issuer: TokenIssuer, switchedOff?: SwitchedOff) {
  return {
    ...HURRY,
    ...SETTINGS,
    ...issuer.settings,
    SIGNING_KEK: randomBytes(32).toString('base64'),
    SERVICE_TOKEN_FILE: await tokenFile(folder, issuer),
    NODE_OPTIONS: switchedOff ? `--import ${preloadUrl(switchedOff)}` : '',
  };
}

/** In seconds since 1970, for a token that outlasts the run: the issuer's own last for five minutes. */
export const tokenExpiryS = (): number => Math.floor(Date.now() / 1_000) + TOKEN_LIFE_S;

const preloadUrl = (switchedOff: SwitchedOff): string =>
  pathToFileURL(join(import.meta.dirname, `${switchedOff}-off-process.ts`)).href;

/** The notification service is the one that calls another. */
async function tokenFile(folder: string, issuer: TokenIssuer): Promise<string> {
  const { SERVICE_ISSUER: iss, SERVICE_AUDIENCE: aud, SERVICE_NAMESPACE: namespace } = issuer.settings;
  const sub = `system:serviceaccount:${namespace}:notification`;
  const file = join(folder, 'notification.jwt');
  await writeFile(file, await issuer.forge({ iss, aud, sub, exp: tokenExpiryS() }), { mode: 0o600 });
  return file;
}

/** How each service is started, on a free port. */
export async function servicePlans(env: Readonly<Record<string, string>>, folder: string) {
  const addresses = new Map<Service, string>();
  for (const service of SERVICES) addresses.set(service, `http://127.0.0.1:${await freePort()}`);
  const plans = SERVICES.map((service): [Service, ProcessPlan] => {
    const address = addresses.get(service)!;
    const more = { PORT: new URL(address).port, USER_SERVICE_URL: addresses.get('user')! };
    const logFile = join(folder, `${service}.log`);
    const script = `services/${service}/main.ts`;
    return [service, { name: service, script, address, env: { ...env, ...more }, logFile }];
  });
  return new Map(plans);
}

/** How a storefront is started in front of these services, at this address. It is ready once its pages are built. */
export function storefrontPlan(
  address: string,
  folder: string,
  addressOf: (service: Service) => string,
  settings: Readonly<Record<string, string>>,
): ProcessPlan {
  const { port } = new URL(address);
  return {
    name: 'storefront',
    script: 'services/storefront/main.ts',
    address,
    logFile: join(folder, `storefront-${port}.log`),
    env: {
      LOG_LEVEL: 'warn',
      USER_SERVICE_URL: addressOf('user'),
      PRODUCT_SERVICE_URL: addressOf('product'),
      CART_SERVICE_URL: addressOf('cart'),
      ORDER_SERVICE_URL: addressOf('order'),
      PAYMENT_SERVICE_URL: addressOf('payment'),
      PAYMENT_FORM: 'sandbox',
      MAILBOX_URL: `${addressOf('notification')}/mailbox`,
      ...settings,
      PORT: port,
      SHOP_URL: address,
    },
  };
}
