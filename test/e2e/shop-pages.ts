// The storefront and the services behind its pages on the shared servers, with a database and topics that nobody else has.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type ProcessPlan, startProcess } from '../../local/launcher/processes.ts';
import { addSampleAdmin, addSampleProducts } from '../../local/launcher/services.ts';
import { sampleProducts } from '../../services/product/samples.ts';
import { createApp } from '../../services/storefront/app.ts';
import { buildPages } from '../../services/storefront/build.ts';
import { storefrontConfig } from '../../services/storefront/config.ts';
import { commonEnvironment, type Service, servicePlans, storefrontPlan } from '../checkout/service-plans.ts';
import { eventually } from '../eventually.ts';
import { freshDatabase, freshKafka } from '../fresh.ts';
import { keepDatabase } from '../kept-database.ts';
import { startTokenIssuer } from '../token-issuer.ts';
import { startPhotos } from './pipeline.ts';
import type { Shop } from './scene.ts';
import { type OnStop, startStoppable } from './stoppable.ts';

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

const ADMIN = { email: 'admin@shop.example', password: 'words of a laptop' };
const SAMPLE_ADMIN = { SAMPLE_ADMIN_EMAIL: ADMIN.email, SAMPLE_ADMIN_PASSWORD: ADMIN.password };

interface ShopParts {
  /** With the store of photos and the function that makes their renditions. @default false */
  readonly hasPhotos?: boolean;
  /** Of every service, beside its own. @default none */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts everything. */
export const startShopPages = (parts: ShopParts = {}): Promise<ShopPages> =>
  startStoppable((onStop) => startParts(parts, onStop));

async function startParts(
  { hasPhotos = false, settings = {} }: ShopParts,
  onStop: OnStop,
): Promise<Omit<ShopPages, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-pages-'));
  onStop(() => rm(folder, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const common = { ...(await openStores(folder, onStop)), SHOP_URL: url, ...settings };
  const photos = hasPhotos ? await photoSettings(common, onStop) : { services: {}, storefront: {} };
  const env = { ...common, ...photos.services };
  const start = starterOf(onStop);
  const addressOf = await startServices(env, folder, start);
  const ofStorefront = { ...SAMPLE_ADMIN, ...photos.storefront };
  await Promise.all([addSamples(env, folder), start(storefrontPlan(url, folder, addressOf, ofStorefront))]);
  await servicesKnowProducts(common.DATABASE_URL);
  return {
    url,
    admin: ADMIN,
    mailedLink: (email) => mailedLink(addressOf('notification'), email),
    startStorefront: async (change) => {
      const address = `http://127.0.0.1:${await freePort()}`;
      const plan = storefrontPlan(address, folder, addressOf, { ...ofStorefront, ...change });
      onStop(await openStorefront(plan.env));
      return address;
    },
  };
}

/** A database, topics and a token issuer of this shop's own. Resolves to the settings by which its processes find them. */
async function openStores(folder: string, onStop: OnStop) {
  const database = await freshDatabase();
  onStop(database.drop);
  const kafka = freshKafka();
  onStop(kafka.drop);
  await createTopics(kafka.client, topicSettings(), 1);
  // Of the tokens of services; those of people are the user service's own.
  const issuer = await startTokenIssuer();
  onStop(() => issuer.close());
  return {
    ...(await commonEnvironment(folder, issuer)),
    ...SETTINGS,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
    DATABASE_URL: database.url,
  };
}

/** Resolves to the addresses of the services, once all are ready. */
async function startServices(
  env: Readonly<Record<string, string>>,
  folder: string,
  start: (plan: ProcessPlan) => Promise<void>,
): Promise<(service: Service) => string> {
  const plans = await servicePlans(env, folder);
  const addressOf = (service: Service): string => plans.get(service)!.address;
  const TOKEN_JWKS_URL = `${addressOf('user')}/.well-known/jwks.json`;
  await Promise.all(
    [...plans.values()].map((plan) => start({ ...plan, env: { ...plan.env, TOKEN_JWKS_URL } })),
  );
  return addressOf;
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

/** In the process of the spec, which saves the start of one more. Resolves to how it is stopped. */
async function openStorefront(env: Readonly<Record<string, string>>): Promise<() => Promise<unknown>> {
  const config = loadConfig(storefrontConfig, env);
  const app = await createApp({
    config,
    pagesFolder: await buildPages(),
    log: createLogger('storefront', 'silent'),
    registry: createRegistry('storefront'),
  });
  await app.listen({ host: config.HOST, port: config.PORT });
  return () => app.close();
}

/** Products reach carts and orders by events. */
async function servicesKnowProducts(databaseUrl: string): Promise<void> {
  const kept = keepDatabase(databaseUrl);
  const tables = ['cart.product', '"order".product_price'];
  const isComplete = async (table: string): Promise<boolean> => {
    const [row] = await kept.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return row!.n === sampleProducts.length;
  };
  await eventually(async () => (await Promise.all(tables.map(isComplete))).every(Boolean) || undefined);
  kept.close();
}

/** As a person finds it: the list of mails, the mail, its link. */
export const mailedLink = (mailbox: string, email: string): Promise<string> =>
  eventually(async () => {
    const list = await (await fetch(`${mailbox}/mailbox`)).text();
    const [, id] = new RegExp(`href="/mailbox/(\\d+)"(?:(?!href=)[\\s\\S])*?${email}`).exec(list) ?? [];
    if (!id) return undefined;
    const mail = await (await fetch(`${mailbox}/mailbox/${id}/html`)).text();
    return /href="([^"]*\/account\/[^"]*)"/.exec(mail)?.[1]?.replaceAll('&amp;', '&');
  });
