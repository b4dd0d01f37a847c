// The storefront and the services behind its pages on the shared servers, with a database and topics that nobody else has.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type ProcessPlan, startProcess } from '../../local/launcher/processes.ts';
import { addSampleAdmin, addSampleProducts } from '../../local/launcher/services.ts';
import { sampleProducts } from '../../services/product/samples.ts';
import { commonEnvironment, SERVICES, type Service, servicePlans } from '../checkout/service-plans.ts';
import { freshDatabase, freshKafka } from '../fresh.ts';
import { keepDatabase } from '../kept-database.ts';
import { startTokenIssuer } from '../token-issuer.ts';
import { startPhotos } from './pipeline.ts';
import type { Shop } from './scene.ts';

export interface ShopPages extends Shop {
  /** As the sign-in page shows it. */
  readonly admin: { readonly email: string; readonly password: string };
  stop(): Promise<void>;
}

/** For processes that specs start. */
export const SILENT = { say: () => {}, part: () => {}, step: () => {}, warn: () => {}, title: () => {} };
/** A slow bank is slow enough to watch its order, and to cancel it. */
const SLOW_BANK_MS = '6000';
const SETTINGS = {
  TRUSTED_PROXIES: '127.0.0.1',
  PASSWORD_COST_LOG2: '14',
  SANDBOX_LATE_MS: SLOW_BANK_MS,
};

const LOCAL = 'http://127.0.0.1';
const ADMIN = { email: 'admin@shop.example', password: 'words of a laptop' };
const SAMPLE_ADMIN = { SAMPLE_ADMIN_EMAIL: ADMIN.email, SAMPLE_ADMIN_PASSWORD: ADMIN.password };

interface ShopParts {
  /** With the store of photos and the function that makes their renditions. @default false */
  readonly hasPhotos?: boolean;
  /** Of every service, beside its own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts everything; what was started is stopped in reverse order, also when a later part fails to start. */
export async function startShopPages(parts: ShopParts = {}): Promise<ShopPages> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
  };
  try {
    return { ...(await startParts(parts, (part) => stops.push(part))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type OnStop = (stop: () => Promise<unknown>) => void;

async function startParts(
  { hasPhotos = false, settings }: ShopParts,
  onStop: OnStop,
): Promise<Omit<ShopPages, 'stop'>> {
  const database = await freshDatabase();
  onStop(database.drop);
  const kafka = freshKafka();
  onStop(kafka.drop);
  await createTopics(kafka.client, topicSettings(), 1);
  // Of the tokens of services; those of people are the user service's own.
  const issuer = await startTokenIssuer();
  onStop(() => issuer.close());
  const folder = await mkdtemp(join(tmpdir(), 'shop-pages-'));
  onStop(() => rm(folder, { recursive: true, force: true }));

  const url = `${LOCAL}:${await freePort()}`;
  const common = {
    ...(await commonEnvironment(folder, issuer)),
    ...SETTINGS,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    DATABASE_URL: database.url,
    SHOP_URL: url,
    ...settings,
  };
  const photos = hasPhotos ? await photoSettings(common, onStop) : { services: {}, storefront: {} };
  const env = { ...common, ...photos.services };
  const plans = await servicePlans(env, folder);
  const addressOf = (service: Service): string => plans.get(service)!.address;
  const start = starterOf(onStop);
  const TOKEN_JWKS_URL = `${addressOf('user')}/.well-known/jwks.json`;
  await Promise.all(
    SERVICES.map((service) => {
      const plan = plans.get(service)!;
      return start({ ...plan, env: { ...plan.env, TOKEN_JWKS_URL } });
    }),
  );
  await addSamples(env, folder);
  const startStorefront = async (
    change: Readonly<Record<string, string>>,
    known?: string,
  ): Promise<string> => {
    const address = known ?? `${LOCAL}:${await freePort()}`;
    const logFile = join(folder, `storefront-${new URL(address).port}.log`);
    const own = { ...SAMPLE_ADMIN, ...photos.storefront, ...change };
    await start(storefrontPlan(address, addressOf, logFile, own));
    return address;
  };
  await startStorefront({}, url);
  await servicesKnowProducts(database.url);
  const mailbox = addressOf('notification');
  return { url, admin: ADMIN, mailedLink: (email) => mailedLink(mailbox, email), startStorefront };
}

const starterOf =
  (onStop: OnStop) =>
  async (plan: ProcessPlan): Promise<void> => {
    const running = await startProcess(plan, SILENT);
    onStop(() => running.stop());
  };

const addSamples = (env: Readonly<Record<string, string>>, folder: string) =>
  Promise.all([
    addSampleProducts({ ...env, LOG_LEVEL: 'warn' }, join(folder, 'samples.log')),
    addSampleAdmin({ ...env, ...SAMPLE_ADMIN }, join(folder, 'sample-admin.log')),
  ]);

/** The store is this shop's own, since its function must write to the topics of this shop. */
async function photoSettings(env: Readonly<Record<string, string>>, onStop: OnStop) {
  const buckets = { PRODUCT_IMAGES_BUCKET: 'photos', PROCESSED_IMAGES_BUCKET: 'renditions' };
  const store = await startPhotos({ ...env, ...buckets }, onStop);
  const origin = store.AWS_ENDPOINT_URL_S3!;
  return {
    services: { ...store, ...buckets, IMAGES_BASE_URL: `${origin}/${buckets.PROCESSED_IMAGES_BUCKET}` },
    storefront: { IMAGES_ORIGIN: origin, UPLOADS_ORIGIN: origin },
  };
}

/** Products reach carts and orders by events. */
async function servicesKnowProducts(databaseUrl: string): Promise<void> {
  const kept = keepDatabase(databaseUrl);
  const tables = ['cart.product', '"order".product_price'];
  const isComplete = async (table: string): Promise<boolean> => {
    const [row] = await kept.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return row!.n === sampleProducts.length;
  };
  await until(async () => (await Promise.all(tables.map(isComplete))).every(Boolean));
  kept.close();
}

/** A storefront over services that answer somewhere. */
export function storefrontPlan(
  url: string,
  addressOf: (service: Service) => string,
  logFile: string,
  change: Readonly<Record<string, string>> = {},
): ProcessPlan {
  const env = {
    LOG_LEVEL: 'warn',
    PORT: new URL(url).port,
    SHOP_URL: url,
    USER_SERVICE_URL: addressOf('user'),
    PRODUCT_SERVICE_URL: addressOf('product'),
    CART_SERVICE_URL: addressOf('cart'),
    ORDER_SERVICE_URL: addressOf('order'),
    PAYMENT_SERVICE_URL: addressOf('payment'),
    PAYMENT_FORM: 'sandbox',
    MAILBOX_URL: `${addressOf('notification')}/mailbox`,
    ...change,
  };
  return { name: 'storefront', script: 'services/storefront/main.ts', address: url, env, logFile };
}

/** As a person finds it: the list of mails, the mail, its link. */
export const mailedLink = (mailbox: string, email: string): Promise<string> =>
  until(async () => {
    const list = await (await fetch(`${mailbox}/mailbox`)).text();
    const [, id] = new RegExp(`href="/mailbox/(\\d+)"(?:(?!href=)[\\s\\S])*?${email}`).exec(list) ?? [];
    if (!id) return undefined;
    const mail = await (await fetch(`${mailbox}/mailbox/${id}/html`)).text();
    return /href="([^"]*\/account\/[^"]*)"/.exec(mail)?.[1]?.replaceAll('&amp;', '&');
  });

/** What the check finds, asked again until it finds something. */
export async function until<Found>(check: () => Promise<Found | undefined | false>): Promise<Found> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const found = await check();
    if (found) return found;
    await sleep(200);
  }
  throw new Error('it did not come to pass');
}
